import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeCompactEndpoints, encodeCompactEndpoint } from "@shoal/protocol";
import fc from "fast-check";

import { HalfSipHash } from "./half-sip-hash.ts";
import { PeerPool } from "./peer-pool.ts";

const hash = new HalfSipHash(new Uint8Array(8).fill(7));

const endpoint = (n: number): Uint8Array =>
  encodeCompactEndpoint({ address: `9.0.${n >> 8}.${n & 255}`, port: n + 1 });
const numbersOf = (bytes: Uint8Array): number[] =>
  decodeCompactEndpoints(bytes, 4, 10_000).map(({ port }) => port - 1);

function sample(
  pool: PeerPool,
  options: {
    want: number;
    leechersOnly?: boolean;
    asker?: Uint8Array;
    seed?: number;
  },
): number[] {
  const { want, leechersOnly = false, asker = new Uint8Array(18), seed = 1 } = options;
  return numbersOf(pool.sample(want, leechersOnly, asker, new Uint8Array(want * 6), seed));
}

test("a pool agrees with a plain map, whatever is done to it", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("put" as const), n: fc.nat(30), isSeeder: fc.boolean() }),
    fc.record({ do: fc.constant("remove" as const), n: fc.nat(30) }),
    fc.record({ do: fc.constant("expire" as const), age: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const pool = new PeerPool(6, hash);
      const model = new Map<number, { isSeeder: boolean; seenS: number }>();
      for (const [nowS, step] of steps.entries()) {
        if (step.do === "put") {
          const known = model.get(step.n);
          const was = known === undefined ? "new" : known.isSeeder ? "seeder" : "leecher";
          assert.equal(pool.put(endpoint(step.n), step.isSeeder, nowS), was);
          model.set(step.n, { isSeeder: step.isSeeder, seenS: nowS });
        } else if (step.do === "remove") {
          assert.equal(pool.remove(endpoint(step.n)), model.delete(step.n));
        } else {
          const oldestS = Math.max(0, nowS - step.age);
          const expired = [...model].filter(([, peer]) => peer.seenS < oldestS);
          for (const [n] of expired) model.delete(n);
          assert.equal(pool.expire(oldestS), expired.length);
        }
        const seeders = [...model.values()].filter((peer) => peer.isSeeder).length;
        assert.deepEqual([pool.size, pool.seeders], [model.size, seeders]);
      }
      const all = sample(pool, { want: 100 });
      assert.deepEqual(
        all.sort((a, b) => a - b),
        [...model.keys()].sort((a, b) => a - b),
      );
      const leechers = sample(pool, { want: 100, leechersOnly: true });
      const expected = [...model].filter(([, peer]) => !peer.isSeeder).map(([n]) => n);
      assert.deepEqual(
        leechers.sort((a, b) => a - b),
        expected.sort((a, b) => a - b),
      );
    }),
  );
});

test("a sample has no peer twice, nor the asker, and over time has everyone about as often", () => {
  const pool = new PeerPool(6, hash);
  for (let n = 0; n < 100; n++) pool.put(endpoint(n), n % 2 === 0, 0);
  const counts = new Map<number, number>();
  for (let round = 0; round < 2000; round++) {
    const chosen = sample(pool, { want: 10, asker: endpoint(3), seed: round * 2_654_435_761 + 1 });
    assert.equal(new Set(chosen).size, 10);
    for (const n of chosen) counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  assert.equal(counts.has(3), false);
  assert.equal(counts.size, 99);
  for (const count of counts.values()) assert.ok(count > 120 && count < 300, `${count} times`);
});

test("IPv6 endpoints are kept apart by all their bytes", () => {
  const pool = new PeerPool(18, hash);
  const one = encodeCompactEndpoint({ address: "2001:db8::1", port: 1 });
  const two = encodeCompactEndpoint({ address: "2001:db8::2", port: 1 });
  pool.put(one, true, 0);
  pool.put(two, true, 0);
  assert.equal(pool.put(one, false, 0), "seeder");
  assert.deepEqual([pool.size, pool.seeders], [2, 1]);
});

test("peers are found whatever came and went before them, however their hashes collide", () => {
  const step = fc.record({ n: fc.nat(15), isPut: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      // Two low bits of a hash stand for all of it.
      const pool = new PeerPool(6, { hash32: (bytes) => bytes[3]! & 3 });
      const model = new Set<number>();
      for (const { n, isPut } of steps) {
        if (isPut) pool.put(endpoint(n), n % 3 === 0, 0);
        else assert.equal(pool.remove(endpoint(n)), model.has(n));
        if (isPut) model.add(n);
        else model.delete(n);
        assert.equal(pool.size, model.size);
      }
      for (let n = 0; n <= 15; n++) assert.equal(pool.remove(endpoint(n)), model.has(n));
    }),
  );
});
