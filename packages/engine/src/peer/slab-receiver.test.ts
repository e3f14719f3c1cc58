import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSlabPool, type Slab, type SlabPool } from "@shoal/runtime";
import { SlabReceiver } from "./slab-receiver.ts";
import { TestSocket } from "./test-socket.ts";

const KIB = 1024;

function setUp(pool: SlabPool = createSlabPool({ budgetBytes: 1024 * KIB })) {
  const socket = new TestSocket();
  const kept: Slab[] = [];
  const heard: Buffer[] = [];
  const scene = {
    pool,
    socket,
    heard,
    kept,
    /** Whether the taker keeps what comes in slabs. */
    isKeeping: false,
    closedWith: undefined as Error | null | undefined,
    receiver: null as unknown as SlabReceiver,
    bytes: () => Buffer.concat(heard),
    letGo: () => kept.splice(0).forEach((slab) => slab.release()),
  };
  scene.receiver = new SlabReceiver(socket, pool, {
    onBytes(bytes, from, to, slab) {
      heard.push(Buffer.from(bytes.slice(from, to)));
      if (!scene.isKeeping || slab === null) return;
      slab.retain();
      kept.push(slab);
    },
    onEnded: () => {},
    onClosed: (error) => (scene.closedWith = error),
  });
  scene.receiver.start();
  return scene;
}

const data = (lengthBytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: lengthBytes }, (_, index) => index % 251));

describe("the receiver into slabs", () => {
  it("takes no memory of the pool while no payload is expected", () => {
    const { socket, pool, bytes } = setUp();
    socket.arriveAll(data(10_000));
    assert.equal(pool.usedBytes, 0);
    assert.deepEqual(bytes(), data(10_000));
  });

  it("reads into slabs while payload is expected, larger ones for a fast peer", () => {
    const { socket, pool, receiver, bytes } = setUp();
    receiver.expectPayload(true);
    socket.arriveAll(data(1000 * KIB));
    assert.deepEqual(bytes(), data(1000 * KIB));
    assert.equal(pool.usedBytes, 256 * KIB);
  });

  it("a peer that drips holds a small slab", () => {
    const { socket, pool, receiver } = setUp();
    receiver.expectPayload(true);
    for (let i = 0; i < 500; i++) socket.arrive(data(100));
    assert.equal(pool.usedBytes, 16 * KIB);
  });

  it("gives its slab back when no payload is expected any more", () => {
    const { socket, pool, receiver } = setUp();
    receiver.expectPayload(true);
    socket.arriveAll(data(40 * KIB));
    receiver.expectPayload(false);
    socket.arrive(data(10));
    assert.equal(pool.usedBytes, 0);
  });

  it("a tight pool pauses it, holding nothing, and relief resumes it: no byte is lost", () => {
    const scene = setUp(createSlabPool({ budgetBytes: 128 * KIB }));
    const { socket, pool, receiver } = scene;
    receiver.expectPayload(true);
    scene.isKeeping = true;
    const all = data(600 * KIB);
    let at = socket.arriveAll(all);
    assert.ok(socket.isPaused);
    assert.ok(at >= 100 * KIB && at < 600 * KIB, `${at}`);
    for (let rounds = 0; at < all.length; rounds++) {
      assert.ok(rounds < 100, "it does not go on");
      assert.ok(pool.usedBytes <= 128 * KIB + 256 * KIB, `${pool.usedBytes} are used`);
      scene.letGo();
      assert.equal(socket.isPaused, false);
      at += socket.arriveAll(all.subarray(at));
    }
    assert.deepEqual(scene.bytes(), all);
    scene.letGo();
    socket.close();
    assert.equal(pool.usedBytes, 0);
  });

  it("paused ones hold no slab: the pool is relieved however many there are", () => {
    const pool = createSlabPool({ budgetBytes: 256 * KIB });
    const scenes = Array.from({ length: 100 }, () => setUp(pool));
    const hog = pool.acquire(256 * KIB);
    for (const { receiver, socket } of scenes) {
      receiver.expectPayload(true);
      socket.arrive(data(10));
    }
    assert.ok(scenes.every(({ socket }) => socket.isPaused));
    assert.equal(pool.usedBytes, 256 * KIB);
    hog.release();
    assert.ok(scenes.every(({ socket }) => !socket.isPaused));
  });

  it("a nudge lets it read once more while the pool is tight", () => {
    const { pool, receiver, socket } = setUp(createSlabPool({ budgetBytes: 16 * KIB }));
    const hog = pool.acquire(16 * KIB);
    receiver.expectPayload(true);
    socket.arrive(data(10));
    assert.ok(socket.isPaused);
    receiver.nudge();
    assert.equal(socket.isPaused, false);
    assert.equal(socket.arrive(data(10)), 10);
    assert.ok(socket.isPaused);
    hog.release();
    assert.equal(socket.isPaused, false);
  });

  it("goes on in memory of its own when the pool has nothing left at all", () => {
    const { pool, receiver, socket, bytes } = setUp();
    const hogs: Slab[] = [];
    assert.throws(() => {
      for (;;) hogs.push(pool.acquire(16 * KIB));
    }, /No slab/);
    receiver.expectPayload(true);
    socket.arrive(data(3000));
    assert.equal(bytes().length, 2048);
    for (const hog of hogs) hog.release();
    assert.equal(socket.isPaused, false);
    assert.equal(pool.usedBytes, 0);
  });

  it("a hold pauses it, and holds nest", () => {
    const { receiver, socket } = setUp();
    receiver.hold();
    receiver.hold();
    assert.ok(socket.isPaused);
    receiver.unhold();
    assert.ok(socket.isPaused);
    receiver.unhold();
    assert.equal(socket.isPaused, false);
  });

  it("relief does not end a hold, nor the end of a hold a wait for relief", () => {
    const { receiver, socket, pool } = setUp(createSlabPool({ budgetBytes: 16 * KIB }));
    receiver.expectPayload(true);
    const hog = pool.acquire(16 * KIB);
    socket.arrive(data(10));
    receiver.hold();
    hog.release();
    assert.ok(socket.isPaused);
    const next = pool.acquire(16 * KIB);
    receiver.unhold();
    assert.equal(socket.isPaused, false);
    socket.arrive(data(10));
    assert.ok(socket.isPaused);
    next.release();
    assert.equal(socket.isPaused, false);
  });

  it("closing gives everything back, once, and ends the wait for relief", () => {
    const scene = setUp(createSlabPool({ budgetBytes: 64 * KIB }));
    const { receiver, socket, pool } = scene;
    receiver.expectPayload(true);
    scene.isKeeping = true;
    socket.arriveAll(data(200 * KIB));
    socket.close();
    assert.equal(scene.closedWith, null);
    scene.letGo();
    assert.equal(pool.usedBytes, 0);
    assert.ok(socket.isPaused, "a closed socket is not resumed");
  });
});
