import assert from "node:assert/strict";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ApiClient, createClient } from "@shoal/api/client";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import { foldersIn } from "../testing/test-daemon.ts";
import { openDaemon, type OpenDaemonOptions } from "./open-daemon.ts";
import type { Daemon } from "./start-daemon.ts";

const { bytes, infoHash } = sampleTorrent(7);

suite("a daemon at rest", () => {
  let home: string;
  let options: OpenDaemonOptions;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "shoal-rest-"));
    options = { folders: foldersIn(home), version: "1.2.3", writeLog: () => {}, isAtRest: true };
  });
  after(async () => rm(home, { recursive: true, force: true }));

  async function withClient(use: (client: ApiClient, daemon: Daemon) => Promise<void>) {
    const daemon = await openDaemon(options);
    const client = createClient(async ({ method, target, headers, body }) => {
      const response = await daemon.handle({
        method,
        target,
        headers: { host: "localhost", ...headers },
        body: Buffer.from(body ?? ""),
        remote: { address: "", port: 0 },
        transport: "unix",
        signal: new AbortController().signal,
      });
      assert.ok(response.body instanceof Uint8Array);
      const text = Buffer.from(response.body).toString();
      return { status: response.status, text: async () => text };
    });
    try {
      await use(client, daemon);
    } finally {
      await daemon.close();
    }
  }

  test("takes torrents and settings, and keeps them; nothing runs or listens", async () => {
    await withClient(async (client, { core, url, socketPath, chain }) => {
      const torrentFile = Buffer.from(bytes).toString("base64");
      const { state } = await client.call("addTorrent", { source: { torrentFile } });
      assert.equal(state, "queued");
      await client.call("changeSettings", { speed: { uploadLimit: 1000 } });
      assert.deepEqual([url, socketPath, chain], ["", null, null]);
      await assert.rejects(access(join(core.folders.runtime, "daemon.sock")));
    });
    await withClient(async (client) => {
      const { torrents } = await client.call("listTorrents");
      assert.deepEqual(
        torrents.map((each) => each.infoHash),
        [infoHash],
      );
      const { settings } = await client.call("getSettings");
      assert.equal(settings.speed.uploadLimit, 1000);
    });
  });

  test("nothing leaves: a URL is not fetched, and the reason says what to do", async () => {
    await withClient(async (client) => {
      const source = { url: "http://127.0.0.1:1/a.torrent" };
      await assert.rejects(client.call("addTorrent", { source }), /shoal daemon/);
    });
  });

  test("while it is open no daemon starts", async () => {
    await withClient(async () => {
      await assert.rejects(openDaemon(options), { code: "locked" });
    });
  });
});
