import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PexPeer } from "@shoal/protocol";
import fc from "fast-check";
import { PexDelta } from "./pex-delta.ts";

const peer = (number: number): PexPeer => ({
  address: `10.0.${number >> 8}.${number & 255}`,
  port: 6881,
  flags: 0,
});
const peers = (from: number, to: number): PexPeer[] =>
  Array.from({ length: to - from }, (_, index) => peer(from + index));

describe("BEP 11: what a peer is told", () => {
  it("is everybody first, then what changed, and nothing when nothing did", () => {
    const delta = new PexDelta();
    assert.deepEqual(delta.next(peers(0, 3)), { added: peers(0, 3), dropped: [] });
    assert.equal(delta.next(peers(0, 3)), null);
    assert.deepEqual(delta.next(peers(1, 4)), { added: [peer(3)], dropped: [peer(0)] });
    assert.equal(delta.next(peers(1, 4)), null);
  });

  it("is 50 added and 50 dropped at most, the rest the next time", () => {
    const delta = new PexDelta();
    assert.equal(delta.next(peers(0, 120))!.added.length, 50);
    assert.equal(delta.next(peers(0, 120))!.added.length, 50);
    assert.equal(delta.next(peers(0, 120))!.added.length, 20);
    assert.equal(delta.next([])!.dropped.length, 50);
    assert.equal(delta.next([])!.dropped.length, 50);
    assert.equal(delta.next([])!.dropped.length, 20);
    assert.equal(delta.next([]), null);
  });

  it("adds up to who is connected, whoever comes and goes", () => {
    const ports = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.array(ports, { maxLength: 12 }), (rounds) => {
        const delta = new PexDelta();
        const known = new Set<number>();
        const hear = (current: readonly number[]): boolean => {
          const message = delta.next(current.map((port) => ({ ...peer(0), port })));
          for (const { port } of message?.added ?? []) assert.ok(known.add(port));
          for (const { port } of message?.dropped ?? []) assert.ok(known.delete(port));
          return message !== null;
        };
        for (const current of rounds) hear(current);
        const last = rounds.at(-1) ?? [];
        while (hear(last));
        assert.deepEqual(new Set(last), known);
      }),
    );
  });
});
