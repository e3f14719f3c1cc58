import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Aria2 } from "../bench/clients/aria2.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal, startTracker } from "./shoal.ts";

// v1 alone: aria2 1.36 computes a wrong infohash for hybrid torrents, whoever made them.

/** aria2 opens every connection with an MSE handshake; it demands RC4 behind it when told to. */
const ENCRYPTIONS = ["allow", "require"] as const;

suite("aria2", await needClients("aria2"), () => {
  for (const encryption of ENCRYPTIONS) {
    for (const by of ["torrent file", "magnet link"] as const) {
      const how = `a v1 torrent by ${by}, encryption ${encryption}`;

      test(`aria2 gets ${how}, and finds the seed at shoal's tracker`, async (t) => {
        const scope = openScope(t);
        const { dir, torrent, magnet } = await prepare(scope);
        await Shoal.seed(scope, { torrent, dir }, "--encryption", encryption);
        const target = await scope.folder();
        const source = by === "torrent file" ? torrent : magnet;
        const aria2 = await Aria2.start({ source, dir: target, encryption }, { scope });
        await aria2.whenComplete();
        await assertSameFiles(dir, target);
      });

      test(`shoal gets ${how}, from aria2`, async (t) => {
        const scope = openScope(t);
        const { dir, torrent, magnet } = await prepare(scope);
        const job = { source: torrent, dir, encryption, seed: true };
        const { endpoint } = await Aria2.start(job, { scope });
        const target = await scope.folder();
        const source = by === "torrent file" ? torrent : magnet;
        const get = { source, dir: target, peers: [endpoint] };
        const shoal = await Shoal.get(scope, get, "--encryption", encryption);
        assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
        await assertSameFiles(dir, target);
      });
    }
  }

  test("aria2 gets a torrent from a seed that connects to it", async (t) => {
    const scope = openScope(t);
    const dir = await writeSample(scope);
    const options = ["--v1", "--piece-length", PIECE_LENGTH];
    const { torrent } = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
    const target = await scope.folder();
    const aria2 = await Aria2.start({ source: torrent, dir: target }, { scope });
    await Shoal.seed(scope, { torrent, dir, peers: [aria2.endpoint] });
    await aria2.whenComplete();
    await assertSameFiles(dir, target);
  });
});

async function prepare(
  scope: ReturnType<typeof openScope>,
): Promise<{ dir: string; torrent: string; magnet: string }> {
  const { http } = await startTracker(scope);
  const dir = await writeSample(scope);
  const options = ["--v1", "--piece-length", PIECE_LENGTH, "--tracker", http];
  return { dir, ...(await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options)) };
}
