import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSlabPool, ON_DISK, type Slab, type Storage } from "@shoal/runtime";
import { BlockReceiver, type ReceivedBlock } from "../peer/block-receiver.ts";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { createGeometry } from "./geometry.ts";
import { PieceBuffer } from "./piece-buffer.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

interface Write {
  readonly offsetBytes: number;
  readonly parts: readonly number[];
  done(): void;
  fail(error: Error): void;
}

function setUp(version: "v1" | "hybrid" = "v1") {
  const pool = createSlabPool({ budgetBytes: 1024 * KIB });
  const { metainfo } = sampleTorrent({
    version,
    pieceLengthBytes: 64 * KIB,
    fileLengths: version === "v1" ? [200 * KIB] : [40 * KIB, 64 * KIB],
  });
  const geometry = createGeometry(metainfo);
  const writes: Write[] = [];
  const storage: Pick<Storage, "write"> = {
    write: (offsetBytes, parts) =>
      new Promise((resolve, reject) =>
        writes.push({ offsetBytes, parts, done: resolve, fail: reject }),
      ),
  };
  const buffer = new PieceBuffer(geometry, storage as Storage);
  const receiver = new BlockReceiver(pool);
  const blockOf = (lengthBytes: number): ReceivedBlock => {
    const slab: Slab = pool.acquire(BLOCK);
    receiver.add(slab.bytes, 0, lengthBytes, slab);
    slab.release();
    return receiver.take();
  };
  const put = (piece: number, ...blocks: readonly number[]): void => {
    for (const block of blocks) {
      buffer.put(piece, block, blockOf(geometry.blockLength(piece, block)));
    }
  };
  return { pool, geometry, buffer, writes, put };
}

/** Lets promises settle. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the buffer of incomplete pieces", () => {
  it("gives a whole piece as the places of its blocks, in order, however they came", async () => {
    const { buffer, put, pool } = setUp();
    put(0, 2, 0, 3, 1);
    assert.equal(buffer.heldBytes, 64 * KIB);
    const complete = await buffer.take(0);
    assert.equal(complete.parts.length, 8);
    assert.deepEqual(
      complete.parts.filter((_, index) => index % 2 === 1),
      [BLOCK, BLOCK, BLOCK, BLOCK],
    );
    assert.equal(buffer.heldBytes, 0);
    assert.equal(pool.usedBytes, 64 * KIB);
    complete.release();
    assert.equal(pool.usedBytes, 0);
  });

  it("the last piece's short block counts as what it is", async () => {
    const { buffer, put, pool } = setUp();
    put(3, 0);
    assert.equal(buffer.heldBytes, 8 * KIB);
    const complete = await buffer.take(3);
    assert.equal(complete.parts[1], 8 * KIB);
    complete.release();
    assert.equal(pool.usedBytes, 0);
  });

  it("BEP 47: padding is read from disk, where nothing lies: zeros", async () => {
    const { buffer, put } = setUp("hybrid");
    put(0, 0, 1, 2);
    const complete = await buffer.take(0);
    assert.deepEqual(complete.parts.slice(-2), [ON_DISK, 24 * KIB]);
    complete.release();
  });

  it("refuses to take what it does not hold", () => {
    assert.throws(() => setUp().buffer.take(1), /piece 1 is not buffered/);
  });

  it("spilling writes runs of neighbours together, and frees them when they are written", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(1, 0, 1, 3);
    const spilled = buffer.spill(1);
    assert.deepEqual(
      writes.map(({ offsetBytes, parts }) => [offsetBytes, parts.length / 2]),
      [
        [64 * KIB, 2],
        [112 * KIB, 1],
      ],
    );
    assert.equal(pool.usedBytes, 48 * KIB);
    for (const write of writes) write.done();
    await spilled;
    assert.equal(pool.usedBytes, 0);
    assert.equal(buffer.heldBytes, 0);
    put(1, 2);
    const complete = await buffer.take(1);
    assert.deepEqual(
      complete.parts.filter((_, index) => index % 2 === 0).map((place) => place === ON_DISK),
      [true, true, false, true],
    );
    complete.release();
    assert.equal(pool.usedBytes, 0);
  });

  it("spills the oldest pieces first, and no more than is wanted", async () => {
    const { buffer, put, writes } = setUp();
    put(2, 0);
    put(0, 0);
    put(1, 0);
    const spilled = buffer.spill(BLOCK + 1);
    assert.deepEqual(
      writes.map((write) => write.offsetBytes),
      [128 * KIB, 0],
    );
    for (const write of writes) write.done();
    await spilled;
  });

  it("a piece completed while it is spilled is taken after the write", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(0, 0, 1, 2);
    const spilled = buffer.spill(1);
    put(0, 3);
    const taking = buffer.take(0);
    assert.ok(taking instanceof Promise);
    let isTaken = false;
    void taking.then(() => (isTaken = true));
    await turn();
    assert.equal(isTaken, false);
    writes[0]!.done();
    await spilled;
    const complete = await taking;
    assert.deepEqual(complete.parts.slice(0, 2), [ON_DISK, BLOCK]);
    complete.release();
    assert.equal(pool.usedBytes, 0);
    assert.equal(buffer.heldBytes, 0);
  });

  it("a piece dropped while it is spilled is given back after the write, for memory in use stays", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(0, 0, 1);
    const spilled = buffer.spill(1);
    put(0, 2);
    buffer.drop(0);
    assert.equal(pool.usedBytes, 48 * KIB);
    writes[0]!.done();
    await spilled;
    await turn();
    assert.equal(pool.usedBytes, 0);
    assert.equal(buffer.heldBytes, 0);
  });

  it("a failed write keeps the blocks, and they can be spilled again", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(0, 0);
    const spilled = buffer.spill(1);
    writes[0]!.fail(new Error("full"));
    await assert.rejects(spilled, /full/);
    await turn();
    assert.equal(buffer.heldBytes, BLOCK);
    const again = buffer.spill(1);
    assert.equal(writes.length, 2);
    writes[1]!.done();
    await again;
    assert.equal(pool.usedBytes, 0);
  });

  it("a failed write leaves a piece that is being taken whole", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(0, 0, 1, 2, 3);
    const spilled = buffer.spill(1).catch(() => {});
    const taking = buffer.take(0);
    writes[0]!.fail(new Error("full"));
    await spilled;
    const complete = await taking;
    assert.ok(complete.parts.every((place) => place !== ON_DISK));
    complete.release();
    assert.equal(pool.usedBytes, 0);
  });

  it("clear gives back all memory, of pieces that are spilled too", async () => {
    const { buffer, put, writes, pool } = setUp();
    put(0, 0, 1);
    const spilled = buffer.spill(1);
    put(1, 0);
    put(2, 3);
    buffer.clear();
    writes[0]!.done();
    await spilled;
    await turn();
    assert.equal(pool.usedBytes, 0);
    assert.equal(buffer.heldBytes, 0);
  });
});
