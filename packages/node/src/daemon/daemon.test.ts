import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import { foldersIn, openTestDaemon, readText } from "../testing/test-daemon.ts";
import { openDaemon } from "./open-daemon.ts";

suite("a daemon", async () => {
  let first = await openTestDaemon();
  const { home } = first;
  after(async () => rm(home, { recursive: true, force: true }));

  test("answers its owner over the socket, with all scopes", async () => {
    const session = await first.client.call("getSession");
    assert.deepEqual(session.scopes, ["read", "torrents", "wallet", "admin"]);
    const node = await first.client.call("getNode");
    assert.equal(node.version, "1.2.3");
    assert.ok(node.memoryBytes > 10_000_000);
  });

  test("says that it lives and is ready, to anybody on this machine", async () => {
    for (const [path, text] of [
      ["/healthz", "ok\n"],
      ["/readyz", "ready\n"],
    ] as const) {
      const response = await first.fetch("GET", path);
      assert.deepEqual([response.status, await readText(response)], [200, text]);
    }
  });

  test("tells its figures to those who may read", async () => {
    const text = await readText(await first.request({ target: "/metrics" }));
    assert.match(text, /^shoal_info\{version="1\.2\.3"\} 1$/m);
    assert.match(text, /^shoal_torrents\{state="seeding"\} 0$/m);
    assert.match(text, /^shoal_http_request_seconds_bucket\{le="\+Inf"\} \d+$/m);
    const stranger = { headers: { host: "evil.example" } };
    assert.equal((await first.fetch("GET", "/metrics", stranger)).status, 421);
  });

  test("adds, shows and pauses a torrent", async () => {
    const { bytes, infoHash, metainfo, contents } = sampleTorrent(1);
    const folder = join(home, "data", "downloads", metainfo.name);
    await mkdir(folder, { recursive: true });
    for (const [index, { path }] of metainfo.files.entries()) {
      await writeFile(join(folder, path[1]!), contents[index]!);
    }
    const torrentFile = Buffer.from(bytes).toString("base64");
    const added = await first.client.call("addTorrent", { source: { torrentFile } });
    assert.equal(added.infoHash, infoHash);
    await first.daemon.core.torrents.find(infoHash).whenComplete();
    await first.client.call("changeTorrent", { infoHash, paused: true, category: "films" });
    const { torrents } = await first.client.call("listTorrents");
    assert.deepEqual(
      torrents.map(({ state, progress, category }) => [state, progress, category]),
      [["paused", 1, "films"]],
    );
    await assert.rejects(first.client.call("addTorrent", { source: { torrentFile } }), {
      status: 409,
      code: "duplicate-torrent",
    });
    await assert.rejects(first.client.call("getTorrent", { infoHash: "ab".repeat(20) }), {
      status: 404,
    });
  });

  test("tells what happens, as it happens", async () => {
    const response = await first.request({ target: "/api/v1/events?topics=torrents,transfer" });
    let text = "";
    for await (const part of response.body) {
      text += Buffer.from(part).toString();
      if (!text.includes("event: transfer")) continue;
      if (text.includes('"state":"seeding"')) break;
      await first.client.call("actOnTorrents", { infoHashes: "all", action: "resume" });
    }
    assert.match(text, /^event: hello\ndata: \{"version":"1\.2\.3"\}/);
  });

  test("applies changed settings, and says which wait for a restart", async () => {
    const answer = await first.client.call("changeSettings", {
      speed: { uploadLimit: 50_000 },
      log: { level: "debug" },
    });
    assert.deepEqual(answer.waitingForRestart, ["log.level"]);
    assert.equal((await first.client.call("getTransfer")).uploadLimit, 50_000);
    const file = await readFile(join(home, "config", "settings.json"), "utf8");
    assert.match(file, /"uploadLimit": 50000/);
    const wrong = first.client.call("changeSettings", { network: { proxy: "nonsense" } });
    await assert.rejects(wrong, { code: "bad-settings" });
  });

  test("has its folders to itself", async () => {
    const second = openDaemon({ folders: foldersIn(home), version: "1", writeLog: () => {} });
    await assert.rejects(second, { code: "locked", message: /in use by another program/ });
  });

  test("closed, it ends streams that are open; the next one finds everything again", async () => {
    const events = await first.request({ target: "/api/v1/events" });
    const heard = readText(events).catch(() => "cut off");
    const { port } = first.daemon.core.session;
    await first.daemon.close();
    assert.match(await heard, /^event: hello/);
    await first.close({ keepsHome: true });
    const told: string[] = [];
    first = await openTestDaemon({ home, onListening: (url) => void told.push(url) });
    assert.deepEqual(told, [first.daemon.url]);
    assert.equal(first.daemon.core.session.port, port);
    const { torrents } = await first.client.call("listTorrents");
    assert.deepEqual(
      torrents.map(({ state, category }) => [state, category]),
      [["seeding", "films"]],
    );
    assert.equal((await first.client.call("getTransfer")).uploadLimit, 50_000);
    await first.close({ keepsHome: true });
  });
});
