import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { isInState, STATE_FILTERS } from "./state-filter.ts";
import { TorrentCounts } from "./torrent-counts.ts";
import type { Torrent } from "./torrent.ts";

const torrent = fc.record({
  infoHash: fc.constantFrom("a", "b", "c", "d"),
  state: fc.constantFrom("downloading", "seeding", "paused", "closed", "error"),
  category: fc.constantFrom(null, "films", "music"),
  downloadRate: fc.constantFrom(0, 5),
  uploadRate: fc.constantFrom(0, 5),
}) as unknown as fc.Arbitrary<Torrent>;

suite("counts of torrents", () => {
  test("are those of counting anew, however torrents come, change and go", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(torrent, fc.boolean())), (steps) => {
        const known = new Map<string, Torrent>();
        const kept = new TorrentCounts();
        for (const [next, isGone] of steps) {
          const before = known.get(next.infoHash) ?? null;
          kept.replace(before, isGone ? null : next);
          if (isGone) known.delete(next.infoHash);
          else known.set(next.infoHash, next);
        }
        const all = [...known.values()];
        const { counts } = kept;
        assert.equal(counts.all, all.length);
        for (const filter of STATE_FILTERS) {
          const expected = all.filter((each) => isInState(each, filter)).length;
          assert.equal(counts.states.get(filter) ?? 0, expected, filter);
        }
        for (const name of ["", "films", "music"]) {
          const expected = all.filter(({ category }) => (category ?? "") === name).length;
          assert.equal(counts.categories.get(name) ?? 0, expected, name);
        }
      }),
    );
  });

  test("are the same object until one of them is another", () => {
    const kept = new TorrentCounts();
    const one = { state: "seeding", category: null, downloadRate: 0, uploadRate: 3 } as Torrent;
    kept.replace(null, one);
    const { counts } = kept;
    kept.replace(one, { ...one, uploadRate: 4 });
    assert.equal(kept.counts, counts);
    kept.replace(one, { ...one, uploadRate: 0 });
    assert.notEqual(kept.counts, counts);
  });
});
