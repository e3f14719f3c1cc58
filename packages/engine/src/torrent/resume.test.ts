import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FileState } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import { planResume, RESUME_SCHEMA, type ResumeRecord, ResumeStore } from "./resume.ts";

/** Two files of 25 bytes in pieces of 10: pieces 0 to 4, of which piece 2 lies in both. */
const LAYOUT = {
  files: [
    { offsetBytes: 0, lengthBytes: 25 },
    { offsetBytes: 25, lengthBytes: 25 },
  ],
  pieceCount: 5,
  pieceLengthBytes: 10,
};
const FULL: FileState[] = [
  { lengthBytes: 25, modifiedMs: 1000 },
  { lengthBytes: 25, modifiedMs: 2000 },
];
const MISSING: FileState = { lengthBytes: null, modifiedMs: null };

function recordOf(bits: string, isClean: boolean, files = FULL): ResumeRecord {
  const have = Uint8Array.of(Number.parseInt(bits.padEnd(8, "0"), 2));
  return { have, settled: have, files, isClean, downloadedBytes: 0, uploadedBytes: 0, choices: {} };
}

function plan(record: ResumeRecord | null, now: readonly FileState[] = FULL) {
  const { have, check } = planResume({ ...LAYOUT, record, now });
  return {
    have: Array.from({ length: 5 }, (_, piece) => (have.has(piece) ? "1" : "0")).join(""),
    check,
  };
}

describe("the plan of resuming", () => {
  it("without a record, everything that may be there is checked", () => {
    assert.deepEqual(plan(null), { have: "00000", check: [0, 1, 2, 3, 4] });
    assert.deepEqual(plan(null, [MISSING, MISSING]), { have: "00000", check: [] });
    assert.deepEqual(plan(null, [{ lengthBytes: 11, modifiedMs: 1 }, MISSING]), {
      have: "00000",
      check: [0, 1],
    });
  });

  it("after an orderly stop the record is believed as it is", () => {
    assert.deepEqual(plan(recordOf("10101", true)), { have: "10101", check: [] });
    assert.deepEqual(plan(recordOf("11111", true)), { have: "11111", check: [] });
  });

  it("after a crash what is listed is believed, and the rest of what is there is checked", () => {
    assert.deepEqual(plan(recordOf("10101", false)), { have: "10101", check: [1, 3] });
  });

  it("after a crash files may have grown and changed: writes went on", () => {
    const then = [{ lengthBytes: 10, modifiedMs: 500 }, MISSING];
    assert.deepEqual(plan(recordOf("10000", false, then)), { have: "10000", check: [1, 2, 3, 4] });
  });

  it("a file that has another time or length than at an orderly stop is checked whole", () => {
    const touched = [FULL[0]!, { lengthBytes: 25, modifiedMs: 2001 }];
    assert.deepEqual(plan(recordOf("11111", true), touched), { have: "11000", check: [2, 3, 4] });
    const longer = [{ lengthBytes: 26, modifiedMs: 1000 }, FULL[1]!];
    assert.deepEqual(plan(recordOf("11111", true), longer), { have: "00011", check: [0, 1, 2] });
  });

  it("a file that is gone is neither believed nor checked, but for what another file shares", () => {
    assert.deepEqual(plan(recordOf("11111", true), [FULL[0]!, MISSING]), {
      have: "11000",
      check: [2],
    });
    assert.deepEqual(plan(recordOf("11111", false), [MISSING, MISSING]), {
      have: "00000",
      check: [],
    });
  });

  it("a file that has shrunk after a crash is checked whole", () => {
    const shrunk = [{ lengthBytes: 15, modifiedMs: 1500 }, FULL[1]!];
    assert.deepEqual(plan(recordOf("11111", false), shrunk), { have: "00011", check: [0, 1, 2] });
  });

  it("a record of another number of pieces or files is worth nothing", () => {
    const other = { ...recordOf("11111", true), have: new Uint8Array(3).fill(0xff) };
    assert.deepEqual(plan(other), { have: "00000", check: [0, 1, 2, 3, 4] });
    assert.deepEqual(plan(recordOf("11111", true, [FULL[0]!])), {
      have: "11000",
      check: [2, 3, 4],
    });
  });

  it("empty files do not matter", () => {
    const { have, check } = planResume({
      record: recordOf("10000", true, [{ lengthBytes: 10, modifiedMs: 1 }, MISSING]),
      now: [
        { lengthBytes: 10, modifiedMs: 1 },
        { lengthBytes: 0, modifiedMs: 99 },
      ],
      files: [
        { offsetBytes: 0, lengthBytes: 10 },
        { offsetBytes: 10, lengthBytes: 0 },
      ],
      pieceCount: 1,
      pieceLengthBytes: 10,
    });
    assert.ok(have.isFull);
    assert.deepEqual(check, []);
  });
});

describe("the store of resume data", () => {
  it("gives back what was saved, by infohash and folder", () =>
    withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const store = new ResumeStore(await world.complete(host.store.open(RESUME_SCHEMA)));
      const load = (infoHash: string, root: string) =>
        world.complete(store.load(infoHash, root, "boot 1"));
      const record = { ...recordOf("10101", true), downloadedBytes: 2 ** 40, uploadedBytes: 7 };
      const saved = { bootId: "boot 1" };
      await world.complete(store.save("aa", "/one", { ...record, ...saved }));
      await world.complete(store.save("aa", "/two", { ...recordOf("11111", false), ...saved }));
      assert.deepEqual(await load("aa", "/one"), record);
      assert.equal((await load("aa", "/two"))!.isClean, false);
      assert.equal(await load("bb", "/one"), null);
      await world.complete(store.save("aa", "/one", { ...recordOf("00000", false), ...saved }));
      assert.equal((await load("aa", "/one"))!.isClean, false);
    }));

  it("believes after another start of the system only what had settled, or was closed in order", () =>
    withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const store = new ResumeStore(await world.complete(host.store.open(RESUME_SCHEMA)));
      const settled = Uint8Array.of(0b10000000);
      const believed = async (isClean: boolean, bootId: string, nowId: string): Promise<number> => {
        const record = { ...recordOf("11100", isClean), settled, bootId };
        await world.complete(store.save("aa", "/", record));
        return (await world.complete(store.load("aa", "/", nowId)))!.have[0]!;
      };
      assert.equal(await believed(false, "boot 1", "boot 1"), 0b11100000);
      assert.equal(await believed(false, "boot 1", "boot 2"), 0b10000000);
      assert.equal(await believed(false, "", ""), 0b10000000);
      assert.equal(await believed(true, "boot 1", "boot 2"), 0b11100000);
    }));

  it("gives back metadata, piece layers and what the torrent file said beside", () =>
    withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const store = new ResumeStore(await world.complete(host.store.open(RESUME_SCHEMA)));
      const pieceLayers = new Map([["ab".repeat(32), new Uint8Array(64).fill(3)]]);
      const about = { comment: 'a "film"', createdBy: null, createdAtS: 1_700_000_000 };
      const infoBytes = Uint8Array.of(1, 2);
      await world.complete(store.saveMetadata("aa", { infoBytes, pieceLayers, ...about }));
      const saved = await world.complete(store.loadMetadata("aa"));
      assert.deepEqual([...saved!.info], [1, 2]);
      assert.deepEqual([...saved!.layers.keys()], ["ab".repeat(32)]);
      assert.deepEqual(saved!.about, about);
      assert.equal(await world.complete(store.loadMetadata("bb")), null);
    }));
});
