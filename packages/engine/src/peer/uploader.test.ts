import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessageReader } from "@shoal/protocol";
import { createSlabPool, type ReadRun, type Slab, type Storage } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createRateLimiter } from "../rate/rate-limiter.ts";
import { Uploader } from "./uploader.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

interface Options {
  readonly fast?: boolean;
  readonly bytesPerSecond?: number | null;
  readonly credit?: () => number;
  readonly budgetBytes?: number;
}

/** An uploader whose disk and transport answer when the test says so. */
function setUp(world: SimWorld, options: Options = {}) {
  const { clock } = world.host({ address: "10.0.0.1" });
  const pool = createSlabPool({ budgetBytes: options.budgetBytes ?? 4096 * KIB });
  const reads: { run: ReadRun; done(): void; fail(error: Error): void }[] = [];
  const storage: Pick<Storage, "read"> = {
    read: (run) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          // Each block holds the number of its place in the torrent.
          for (let i = 0; i < run.ranges.length; i += 3) {
            const [offset, length, place] = run.ranges.slice(i, i + 3) as [number, number, number];
            new Uint8Array(pool.memory, place, length).fill((offset / BLOCK) % 256);
          }
          resolve();
        };
        reads.push({ run, done, fail: reject });
      }),
  };
  const writes: { bytes: Uint8Array; sent: (error: Error | null) => void }[] = [];
  const blocks: [number, number, number][] = [];
  const rejected: [number, number, number][] = [];
  const counted: number[] = [];
  const failures: Error[] = [];
  let current: [number, number, number] = [0, 0, 0];
  const ignore = (): void => {};
  const reader = createMessageReader({
    onKeepAlive: ignore,
    onHave: ignore,
    onRequest: ignore,
    onCancel: ignore,
    onReject: (...range) => rejected.push(range),
    onBlockStart: (...range) => (current = range),
    onBlockPart: (bytes, from, lengthBytes) => {
      const number = ((current[0] * 64 * KIB + current[1]) / BLOCK) % 256;
      assert.ok(bytes.subarray(from, from + lengthBytes).every((byte) => byte === number));
    },
    onBlockEnd: () => void blocks.push(current),
    onMessage: ignore,
  });
  const uploader = new Uploader({
    storage: storage as Storage,
    pool,
    clock,
    limiter: createRateLimiter({ clock, bytesPerSecond: options.bytesPerSecond ?? null }),
    fast: options.fast ?? true,
    pieceLengthBytes: 64 * KIB,
    uploadCredit: options.credit ?? (() => Infinity),
    uploadWeight: () => 1,
    send: (bytes) => reader.push(bytes, 0, bytes.length),
    sendPayload: (bytes, sent) => writes.push({ bytes, sent }),
    onBlockSent: (_piece, _begin, lengthBytes) => void counted.push(lengthBytes),
    onReadFailed: (error) => failures.push(error),
  });
  return {
    uploader,
    pool,
    reads,
    writes,
    blocks,
    rejected,
    counted,
    failures,
    ask(count: number, from = 0): void {
      for (let i = from; i < from + count; i++) {
        uploader.enqueue(i >> 2, (i & 3) * BLOCK, BLOCK);
      }
      uploader.pump();
    },
    /** The disk answers everything; the transport takes everything. */
    async serve(): Promise<void> {
      for (const read of reads.splice(0)) read.done();
      await new Promise((resolve) => setImmediate(resolve));
      for (const { bytes, sent } of writes.splice(0)) {
        reader.push(bytes, 0, bytes.length);
        sent(null);
      }
    },
    /** How many blocks are being read or sent. */
    underWay: () => reads.reduce((sum, { run }) => sum + run.ranges.length / 3, 0),
  };
}

const inWorld = (test: (world: SimWorld) => Promise<void>) => () => withWorld({}, test);

describe("the uploader", () => {
  it(
    "serves in the order of the requests, every block once",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.uploader.open();
      scene.ask(200);
      for (let i = 0; i < 100 && scene.blocks.length < 200; i++) await scene.serve();
      assert.deepEqual(
        scene.blocks.map(([piece, begin]) => piece * 4 + begin / BLOCK),
        [...Array(200).keys()],
      );
      assert.equal(scene.counted.length, 200);
      assert.equal(scene.pool.usedBytes, 0);
    }),
  );

  it(
    "reads one batch while the other is sent, never three, and larger ones for a quick peer",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.uploader.open();
      scene.ask(2000);
      const first = scene.underWay();
      assert.equal(scene.reads.length, 2);
      for (let i = 0; i < 6; i++) {
        await scene.serve();
        assert.ok(scene.reads.length <= 2);
      }
      assert.ok(scene.underWay() > first * 4, `${first} became ${scene.underWay()}`);
    }),
  );

  it(
    "sends nothing while choked",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.ask(10);
      assert.equal(scene.reads.length, 0);
      scene.uploader.open();
      assert.ok(scene.reads.length > 0);
    }),
  );

  it(
    "BEP 6: a choke rejects what is queued but for allowed pieces; what is being read is sent",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.uploader.open();
      scene.ask(40);
      const underWay = scene.underWay();
      scene.uploader.shut((piece) => piece === 9);
      assert.equal(scene.rejected.length, 40 - underWay - 4);
      assert.equal(scene.uploader.queuedBytes, 4 * BLOCK);
      for (let i = 0; i < 10; i++) await scene.serve();
      assert.equal(scene.blocks.length, underWay + 4);
      assert.deepEqual(scene.blocks.at(-1), [9, 3 * BLOCK, BLOCK]);
    }),
  );

  it(
    "without the fast extension a choke drops what is queued in silence",
    inWorld(async (world) => {
      const scene = setUp(world, { fast: false });
      scene.uploader.open();
      scene.ask(40);
      scene.uploader.shut();
      assert.deepEqual([scene.rejected.length, scene.uploader.queued], [0, 0]);
    }),
  );

  it(
    "BEP 6: a cancelled request is rejected, once; what is being read is not",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.uploader.open();
      scene.ask(40);
      scene.uploader.cancel(9, 0, BLOCK);
      scene.uploader.cancel(9, 0, BLOCK);
      scene.uploader.cancel(0, 0, BLOCK);
      scene.uploader.cancel(7, 1, BLOCK);
      assert.deepEqual(scene.rejected, [[9, 0, BLOCK]]);
      for (let i = 0; i < 20; i++) await scene.serve();
      assert.equal(scene.blocks.length, 39);
    }),
  );

  it(
    "credit is never exceeded, not by two batches in flight either, and is used to the last block",
    inWorld(async (world) => {
      let granted = 10 * BLOCK + 100;
      const scene = setUp(world, {
        credit: () => granted - scene.counted.reduce((sum, bytes) => sum + bytes, 0),
      });
      scene.uploader.open();
      scene.ask(100);
      for (let i = 0; i < 20; i++) {
        assert.ok(scene.underWay() * BLOCK + scene.counted.length * BLOCK <= granted);
        await scene.serve();
      }
      assert.equal(scene.blocks.length, 10);
      granted += 5 * BLOCK;
      scene.uploader.pump();
      for (let i = 0; i < 20; i++) await scene.serve();
      assert.equal(scene.blocks.length, 15);
    }),
  );

  it(
    "rate limits hold, for blocks larger than a burst too, and nothing is lost to rounding",
    inWorld(async (world) => {
      const scene = setUp(world, { bytesPerSecond: 100_000 });
      scene.uploader.open();
      scene.uploader.enqueue(0, 0, 64 * KIB);
      scene.ask(200, 4);
      for (let i = 0; i < 1000; i++) {
        await world.run({ untilMs: world.timeMs + 20 });
        await scene.serve();
      }
      const bytes = scene.counted.reduce((sum, length) => sum + length, 0);
      assert.ok(Math.abs(bytes / 2_000_000 - 1) < 0.03, `${bytes} bytes in 20 s`);
    }),
  );

  it(
    "a failed read is told, gives its memory back, and does not stop the next",
    inWorld(async (world) => {
      const scene = setUp(world);
      scene.uploader.open();
      scene.ask(100);
      scene.reads.splice(0, 1)[0]!.fail(new Error("gone"));
      await scene.serve();
      assert.equal(scene.failures.length, 1);
      for (let i = 0; i < 30; i++) {
        scene.uploader.pump();
        await scene.serve();
      }
      assert.ok(scene.blocks.length > 90);
      assert.equal(scene.pool.usedBytes, 0);
    }),
  );

  it(
    "a pool with nothing left makes it wait, and it goes on with the memory that comes back",
    inWorld(async (world) => {
      const scene = setUp(world, { budgetBytes: 64 * KIB });
      const hogs: Slab[] = [];
      assert.throws(() => {
        for (;;) hogs.push(scene.pool.acquire(64 * KIB));
      }, /No slab/);
      scene.uploader.open();
      scene.ask(20);
      assert.equal(scene.reads.length, 0);
      assert.equal(scene.uploader.queued, 20);
      for (const hog of hogs) hog.release();
      for (let i = 0; i < 40; i++) await scene.serve();
      assert.equal(scene.blocks.length, 20);
      assert.equal(scene.pool.usedBytes, 0);
    }),
  );

  it(
    "closing leaves no listener at the pool",
    inWorld(async (world) => {
      const scene = setUp(world, { budgetBytes: 64 * KIB });
      const hogs: Slab[] = [];
      assert.throws(() => {
        for (;;) hogs.push(scene.pool.acquire(64 * KIB));
      }, /No slab/);
      scene.uploader.open();
      scene.ask(20);
      scene.uploader.shut();
      for (const hog of hogs) hog.release();
      assert.equal(scene.reads.length, 0);
    }),
  );
});
