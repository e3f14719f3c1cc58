import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { suite, test, type TestContext } from "node:test";
import { Aria2 } from "../bench/clients/aria2.ts";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import { type FileServer, serveFolder } from "./quick/file-server.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

/**
 * A folder, a web server that has it, and a torrent of it that names the server (BEP 19).
 * @param www What the server has, when it is another folder.
 */
async function prepare(
  t: TestContext,
  scope: Scope,
  www?: string,
): Promise<{ dir: string; torrent: string; server: FileServer }> {
  const dir = await writeSample(scope);
  const server = await serveFolder(t, www ?? dir);
  const options = ["--v1", "--piece-length", PIECE_LENGTH, "--web-seed", server.url];
  const { torrent } = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
  return { dir, torrent, server };
}

suite("web seeds of shoal's torrents, to aria2", await needClients("aria2"), () => {
  test("BEP 19: aria2 gets all of a torrent from the server that it names", async (t) => {
    const scope = openScope(t);
    const { dir, torrent, server } = await prepare(t, scope);
    const target = await scope.folder();
    const aria2 = await Aria2.start({ source: torrent, dir: target }, { scope });
    await aria2.whenComplete();
    await assertSameFiles(dir, target);
    assert.ok(server.requests.length > 0);
  });
});

suite("web seeds of shoal's torrents, to libtorrent", await needClients("libtorrent"), () => {
  test("BEP 19: libtorrent gets all of a torrent from the server that it names", async (t) => {
    const scope = openScope(t);
    const { dir, torrent, server } = await prepare(t, scope);
    const target = await scope.folder();
    const libtorrent = await startLibtorrent({ source: torrent, dir: target }, { scope });
    await libtorrent.whenComplete();
    await assertSameFiles(dir, target);
    assert.ok(server.requests.length > 0);
  });

  test("BEP 19: libtorrent gets from shoal's seed what the server lacks", async (t) => {
    const scope = openScope(t);
    const www = await writeSample(scope);
    const { dir, torrent, server } = await prepare(t, scope, www);
    await rm(`${www}/${SAMPLE_NAME}/z-last`);
    const shoal = await Shoal.seed(scope, { torrent, dir });
    const target = await scope.folder();
    const libtorrent = await startLibtorrent({ source: torrent, dir: target }, { scope });
    await libtorrent.connect([shoal.endpoint]);
    await libtorrent.whenComplete();
    await assertSameFiles(dir, target);
    assert.ok(server.requests.length > 0);
  });
});
