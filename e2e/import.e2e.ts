import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { sampleTorrent } from "../packages/node/src/testing/sample-torrent.ts";
import { openTestDaemon } from "../packages/node/src/testing/test-daemon.ts";
import { needClients } from "./clients.ts";

const run = promisify(execFile);
const NEEDS = await needClients("transmission", "transmission-remote");

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `${port}`;
}

/** Names and times of everything below a folder. */
async function listing(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return await Promise.all(
    names.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`),
  );
}

suite("import", NEEDS, () => {
  test("what transmission-daemon 3.00 has is taken over, and its folder left as it is", async (t) => {
    const daemon = await openTestDaemon();
    t.after(() => daemon.close());
    const sample = sampleTorrent(5, [300_000, 5000]);
    const config = join(daemon.home, "transmission");
    const data = join(daemon.home, "files");
    for (const [index, { path }] of sample.metainfo.files.entries()) {
      await mkdir(join(data, ...path.slice(0, -1)), { recursive: true });
      await writeFile(join(data, ...path), sample.contents[index]!);
    }
    const torrent = join(daemon.home, "sample.torrent");
    await writeFile(torrent, sample.bytes);
    const [rpc, port] = [await freePort(), await freePort()];
    const quiet = ["--no-portmap", "--no-dht", "--no-lpd", "--no-utp"];
    const args = ["-f", "-g", config, "-w", data, "-p", rpc, "-P", port, ...quiet];
    const transmission = spawn("transmission-daemon", args, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.after(() => transmission.kill());
    const ended = once(transmission, "exit");
    const remote = async (...words: string[]) =>
      (await run("transmission-remote", [rpc, ...words])).stdout;
    // It says that it listens, and then listens.
    await once(transmission.stderr, "data");
    while (!(await remote("-l").catch(() => "")).includes("Sum:"))
      await once(transmission.stderr, "data");
    await remote("-a", torrent);
    await remote("-t", "1", "-L", "tv,new", "-d", "50", "-sr", "1.5", "-pl", "1");
    while (!(await remote("-l")).includes("100%"));
    await remote("-t", "1", "-S");
    await remote("--exit");
    await ended;

    const before = [await listing(config), await listing(data)];
    const report = await daemon.client.call("importTorrents", {
      ...{ from: "transmission", folder: config },
    });
    assert.deepEqual(report, { added: 1, known: 0, failed: [] });
    const taken = daemon.daemon.core.torrents.find(sample.infoHash);
    await taken.whenReady();
    const { state, verifiedPieces, pieceCount } = taken.status();
    assert.deepEqual([state, verifiedPieces, taken.dir], ["paused", pieceCount, data]);
    assert.deepEqual([taken.limits.download, taken.shareLimits.ratio], [50_000, 1.5]);
    assert.deepEqual(
      taken.files.map(({ priority }) => priority),
      [4, 1],
    );
    const { result } = await torrentLabels(daemon, sample.infoHash);
    assert.deepEqual(result.torrents[0]?.labels, ["tv", "new"]);
    assert.deepEqual([await listing(config), await listing(data)], before);
  });
});

async function torrentLabels(daemon: Awaited<ReturnType<typeof openTestDaemon>>, hash: string) {
  const ask = async (id: string) => {
    const params = { ids: [hash], fields: ["labels"] };
    const body = Buffer.from(
      JSON.stringify({ jsonrpc: "2.0", method: "torrent_get", params, id: 1 }),
    );
    const headers = { "x-transmission-session-id": id };
    return await daemon.fetch("POST", "/transmission/rpc", { headers, body });
  };
  const id = (await ask("")).headers["x-transmission-session-id"]!;
  const text = Buffer.concat(await Array.fromAsync((await ask(id)).body)).toString();
  return JSON.parse(text) as { result: { torrents: { labels: string[] }[] } };
}
