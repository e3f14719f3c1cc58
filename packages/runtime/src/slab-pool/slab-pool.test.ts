import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PoolExhaustedError } from "../errors.ts";
import { SLAB_SIZES } from "../ports/slab-pool.ts";
import type { Slab } from "../ports/slab-pool.ts";
import { createSlabPool, poolMemoryBytes } from "./slab-pool.ts";

const MIB = 1024 * 1024;

test("slabs in use never overlap, and the count of bytes in use is exact", () => {
  const step = fc.record({ size: fc.constantFrom(...SLAB_SIZES), drop: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const pool = createSlabPool({ budgetBytes: 4 * MIB });
      const inUse: Slab[] = [];
      for (const { size, drop } of steps) {
        try {
          inUse.push(pool.acquire(size));
        } catch (error) {
          assert.ok(error instanceof PoolExhaustedError);
        }
        if (drop % 3 === 0) inUse.splice(drop % inUse.length, 1)[0]?.release();
        const sorted = inUse.toSorted((a, b) => a.offset - b.offset);
        sorted.reduce((end, slab) => {
          assert.ok(slab.offset >= end);
          return slab.offset + slab.lengthBytes;
        }, 0);
        const last = sorted.at(-1);
        assert.ok(last === undefined || last.offset + last.lengthBytes <= pool.memory.byteLength);
        const sum = inUse.reduce((total, slab) => total + slab.lengthBytes, 0);
        assert.equal(pool.usedBytes, sum);
      }
      for (const slab of inUse) slab.release();
      assert.equal(pool.usedBytes, 0);
      assert.equal(pool.isTight, false);
    }),
    { numRuns: 50 },
  );
});

test("any size can be had again after every slab is back, whatever was held before", () => {
  const pool = createSlabPool({ budgetBytes: 4 * MIB });
  for (const size of [...SLAB_SIZES, ...SLAB_SIZES.toReversed()]) {
    const slabs: Slab[] = [];
    while (pool.usedBytes + size <= pool.budgetBytes) slabs.push(pool.acquire(size));
    assert.ok(slabs.length >= 3);
    for (const slab of slabs) slab.release();
  }
});

test("a slab returns when its last holder lets go, and not before", () => {
  const pool = createSlabPool({ budgetBytes: MIB });
  const slab = pool.acquire(65_536);
  slab.retain();
  slab.release();
  assert.equal(pool.usedBytes, 65_536);
  slab.release();
  assert.equal(pool.usedBytes, 0);
  assert.throws(() => slab.release(), /more often/);
  assert.throws(() => slab.retain(), /after its last/);
});

test("a pool at its budget is tight, gives from the reserve, and tells when it is relieved", () => {
  const pool = createSlabPool({ budgetBytes: MIB });
  const slabs = Array.from({ length: 15 }, () => pool.acquire(65_536));
  let reliefs = 0;
  const remove = pool.onRelief(() => reliefs++);
  assert.equal(pool.isTight, false);
  slabs.push(pool.acquire(65_536));
  assert.equal(pool.isTight, true);
  slabs.push(pool.acquire(65_536));
  while (pool.isTight) slabs.pop()?.release();
  assert.equal(reliefs, 1);
  assert.equal(pool.usedBytes, MIB - MIB / 8);
  slabs.pop()?.release();
  assert.equal(reliefs, 1);
  remove();
  while (!pool.isTight) slabs.push(pool.acquire(65_536));
  for (const slab of slabs) slab.release();
  assert.equal(reliefs, 1);
});

test("with budget and reserve used up, the error says how much is in use", () => {
  const pool = createSlabPool({ budgetBytes: MIB });
  assert.throws(
    () => {
      for (;;) pool.acquire(262_144);
    },
    {
      name: "PoolExhaustedError",
      code: "pool-exhausted",
      message: /in use, the budget is 1048576/,
    },
  );
  assert.ok(pool.usedBytes > pool.budgetBytes);
});

test("the slab's view and offset name the same bytes of the pool's memory", () => {
  const memory = new SharedArrayBuffer(poolMemoryBytes(MIB) + 5);
  const pool = createSlabPool({ budgetBytes: MIB, memory });
  const slab = pool.acquire(16_384);
  slab.bytes[3] = 77;
  assert.equal(new Uint8Array(memory)[slab.offset + 3], 77);
  assert.equal(slab.bytes.length, 16_384);
});

test("impossible budgets, memories and sizes are refused", () => {
  assert.throws(() => createSlabPool({ budgetBytes: 0 }), RangeError);
  const memory = new SharedArrayBuffer(1000);
  assert.throws(() => createSlabPool({ budgetBytes: MIB, memory }), /needs \d+ bytes/);
  const pool = createSlabPool({ budgetBytes: MIB });
  assert.throws(() => pool.acquire(17), RangeError);
});

test("a listener that listens again while it is told is told the next time, not at once", () => {
  const pool = createSlabPool({ budgetBytes: 16_384 });
  let told = 0;
  const listen = (): void => {
    const forget = pool.onRelief(() => {
      forget();
      if (++told < 10) listen();
    });
  };
  listen();
  pool.acquire(16_384).release();
  assert.equal(told, 1);
});
