import assert from "node:assert/strict";
import type { Disk, Parts, Storage, StorageFile } from "../ports/disk.ts";
import type { Slab } from "../ports/slab-pool.ts";
import type { DiskPorts } from "./disk-conformance.ts";
import { createFacts, patternBytes } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import { checkOf } from "./piece-data.ts";

const PIECE = 32_768;
const PARTS = ".parts";

/** `a` ends in the middle of piece 1, where `b` starts; `b` ends in piece 3, where `c` and `empty` are. */
const FILES: readonly StorageFile[] = [
  { path: ["t", "a"], lengthBytes: 40_000, offsetBytes: 0 },
  { path: ["t", "b"], lengthBytes: 60_000, offsetBytes: 40_000 },
  { path: ["t", "c"], lengthBytes: 31_072, offsetBytes: 100_000 },
  { path: ["t", "empty"], lengthBytes: 0, offsetBytes: 131_072 },
];
const TOTAL = 131_072;

/** What every `Disk` does with files that nobody wants. */
export function testParking(world: string, create: CreateFixture<DiskPorts>): void {
  const fact = createFacts(`${world} disk`, create);
  const open = async ({ disk, folder }: DiskPorts, parked: readonly number[] = []) =>
    await disk.open({
      root: `${folder}/root`,
      files: FILES,
      partFile: { path: [PARTS], pieceLengthBytes: PIECE, parked },
    });
  const lengths = async (storage: Storage) =>
    (await storage.states()).map(({ lengthBytes, isParked }) =>
      isParked ? "parked" : lengthBytes,
    );

  fact("a parked file is not made, and its part of a shared piece is kept", async (ports) => {
    const storage = await open(ports);
    const slab = ports.disk.pool.acquire(256 * 1024);
    const bytes = patternBytes(TOTAL, 1);
    assert.deepEqual(await storage.park([1, 3]), [1, 3]);
    await writePieces(storage, slab, bytes, [0, 1, 3]);
    await storage.finish();
    assert.deepEqual(await lengths(storage), [40_000, "parked", 31_072, "parked"]);
    assert.deepEqual(await hasPieces(storage, bytes), [true, true, false, true]);
    assert.deepEqual(await listNames(ports), [PARTS, "t/a", "t/c"]);
    slab.release();
    await storage.close();
  });

  fact("a file that leaves the part file takes its bytes with it", async (ports) => {
    const storage = await open(ports);
    const slab = ports.disk.pool.acquire(256 * 1024);
    const bytes = patternBytes(TOTAL, 2);
    await storage.park([0, 1, 2, 3]);
    await writePieces(storage, slab, bytes, [1, 3]);
    assert.deepEqual(await storage.park([0]), [0]);
    assert.deepEqual(await hasPieces(storage, bytes), [false, true, false, true]);
    await writePieces(storage, slab, bytes, [2]);
    assert.deepEqual(await lengths(storage), ["parked", 60_000, 31_072, null]);
    await storage.park([]);
    await writePieces(storage, slab, bytes, [0]);
    await storage.trimPartFile();
    await storage.finish();
    assert.deepEqual(await hasPieces(storage, bytes), [true, true, true, true]);
    assert.deepEqual(await listNames(ports), ["t/a", "t/b", "t/c", "t/empty"]);
    slab.release();
    await storage.close();
  });

  fact("a file that exists is not parked", async (ports) => {
    const storage = await open(ports);
    const slab = ports.disk.pool.acquire(256 * 1024);
    const bytes = patternBytes(TOTAL, 3);
    await writePieces(storage, slab, bytes, [0, 1]);
    assert.deepEqual(await storage.park([0, 1, 2]), [2]);
    assert.deepEqual(await hasPieces(storage, bytes), [true, true, false, false]);
    slab.release();
    await storage.close();
  });

  fact("what was parked is found again by the next one to open it", async (ports) => {
    const first = await open(ports);
    const slab = ports.disk.pool.acquire(256 * 1024);
    const bytes = patternBytes(TOTAL, 4);
    const parked = await first.park([0, 2]);
    await writePieces(first, slab, bytes, [1, 3]);
    await first.sync();
    await first.close();
    const second = await open(ports, parked);
    assert.deepEqual(await hasPieces(second, bytes), [false, true, false, true]);
    // Somebody else's file in the place does not count while the file is parked.
    assert.deepEqual(await second.park([0, 2]), [0, 2]);
    await second.trimPartFile();
    assert.deepEqual(await hasPieces(second, bytes), [false, true, false, true]);
    slab.release();
    await second.close();
  });

  fact("writes under way while files are parked end where they belong", async (ports) => {
    const storage = await open(ports);
    const slab = ports.disk.pool.acquire(256 * 1024);
    const bytes = patternBytes(TOTAL, 5);
    slab.bytes.set(bytes);
    await storage.park([0, 1, 2, 3]);
    const jobs: Promise<unknown>[] = [];
    for (const piece of [1, 3, 0, 2]) {
      jobs.push(
        storage.hashAndWrite(pieceCheck(bytes, piece), [slab.offset + piece * PIECE, PIECE]),
      );
      jobs.push(storage.park(piece % 2 === 0 ? [] : [0, 1]));
    }
    await Promise.all(jobs);
    assert.deepEqual(await hasPieces(storage, bytes), [true, true, true, true]);
    slab.release();
    await storage.close();
  });

  fact("the part file's path may not leave the root either", async ({ disk, folder }) => {
    const partFile = { path: ["..", "x"], pieceLengthBytes: PIECE, parked: [] };
    await assert.rejects(disk.open({ root: `${folder}/root`, files: FILES, partFile }), {
      code: "escapes-root",
    });
  });
}

function pieceCheck(bytes: Uint8Array, piece: number) {
  return checkOf(bytes.subarray(piece * PIECE, (piece + 1) * PIECE), piece * PIECE);
}

async function writePieces(
  storage: Storage,
  slab: Slab,
  bytes: Uint8Array,
  pieces: readonly number[],
): Promise<void> {
  for (const piece of pieces) {
    slab.bytes.set(bytes.subarray(piece * PIECE, (piece + 1) * PIECE));
    const parts: Parts = [slab.offset, PIECE];
    assert.equal((await storage.hashAndWrite(pieceCheck(bytes, piece), parts)).ok, true);
  }
}

async function hasPieces(storage: Storage, bytes: Uint8Array): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let piece = 0; piece * PIECE < TOTAL; piece++) {
    found.push((await storage.check(pieceCheck(bytes, piece))).ok);
  }
  return found;
}

async function listNames({ disk, folder }: { disk: Disk; folder: string }): Promise<string[]> {
  const files = await disk.list(`${folder}/root`, 100);
  return files.map(({ path }) => path.join("/")).toSorted();
}
