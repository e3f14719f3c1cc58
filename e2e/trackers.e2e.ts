import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import { startOpentracker } from "../bench/clients/opentracker.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal, startTracker } from "./shoal.ts";

const TRACKERS = {
  opentracker: (scope: Scope, infoHash: string) =>
    startOpentracker({ scope, infoHashes: [infoHash] }),
  "shoal's tracker": (scope: Scope) => startTracker(scope),
} as const;

suite("trackers", await needClients("opentracker", "libtorrent"), () => {
  for (const [name, start] of Object.entries(TRACKERS)) {
    for (const scheme of ["http", "udp"] as const) {
      test(`a download finds its seed at ${name} over ${scheme}`, async (t) => {
        const scope = openScope(t);
        const dir = await writeSample(scope);
        const { infoHash } = await createIn(dir);
        const urls = await start(scope, infoHash);
        const { torrent, magnet } = await createIn(dir, "--tracker", urls[scheme]);
        await Shoal.seed(scope, { torrent, dir });
        const target = await scope.folder();
        const shoal = await Shoal.get(scope, { source: magnet, dir: target });
        assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
        await assertSameFiles(dir, target);
      });
    }
  }

  for (const scheme of ["http", "udp"] as const) {
    test(`libtorrent finds shoal's seed at shoal's tracker over ${scheme}`, async (t) => {
      const scope = openScope(t);
      const urls = await startTracker(scope);
      const dir = await writeSample(scope);
      const { torrent } = await createIn(dir, "--tracker", urls[scheme]);
      await Shoal.seed(scope, { torrent, dir });
      const target = await scope.folder();
      const libtorrent = await startLibtorrent({ source: torrent, dir: target }, { scope });
      await libtorrent.whenComplete();
      await assertSameFiles(dir, target);
    });
  }
});

/** Makes the sample's torrent; trackers do not change its infohash. */
function createIn(dir: string, ...more: readonly string[]): ReturnType<typeof createTorrent> {
  const options = ["--v1", "--piece-length", PIECE_LENGTH, ...more];
  return createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
}
