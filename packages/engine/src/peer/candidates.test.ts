import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock, Endpoint } from "@shoal/runtime";
import { createSeededRandom } from "../picker/test-random.ts";
import { Candidates } from "./candidates.ts";

const HASH = new Uint8Array(20);

function setUp() {
  let nowMs = 1000;
  const clock = { monotonicMs: () => nowMs } as Clock;
  const candidates = new Candidates(clock, createSeededRandom(1));
  return { candidates, pass: (ms: number) => void (nowMs += ms) };
}

const at = (number: number, port = 6881): Endpoint => ({
  address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  port,
});

/** How long until a candidate may be tried again, within 1 %. */
function delayOf({ candidates, pass }: ReturnType<typeof setUp>): number {
  let waitedMs = 0;
  while (candidates.next() === null) {
    pass(100);
    waitedMs += 100;
    assert.ok(waitedMs < 4 * 3_600_000, "it is never tried again");
  }
  return waitedMs;
}

describe("the candidates of a torrent", () => {
  it("are tried once each, by where they came from", () => {
    const { candidates } = setUp();
    for (const [index, source] of (["dht", "pex", "tracker", "lsd", "user"] as const).entries()) {
      assert.ok(candidates.add(at(index), source, HASH));
    }
    const order = Array.from({ length: 5 }, () => candidates.next()!.endpoint.address);
    assert.deepEqual(order.slice(0, 3), ["10.0.0.4", "10.0.0.3", "10.0.0.2"]);
    assert.equal(new Set(order).size, 5);
    assert.equal(candidates.next(), null);
  });

  it("are known by address and port, and never twice", () => {
    const { candidates } = setUp();
    assert.ok(candidates.add(at(1), "user", HASH));
    assert.equal(candidates.add(at(1), "tracker", HASH), false);
    assert.ok(candidates.add(at(1, 6882), "tracker", HASH));
    assert.equal(candidates.add(at(2, 0), "tracker", HASH), false);
    assert.equal(candidates.size, 2);
  });

  it("that were let go by this side may be tried again at once", () => {
    const { candidates } = setUp();
    candidates.add(at(1), "tracker", HASH);
    for (let times = 0; times < 20; times++) {
      assert.ok(candidates.next() !== null);
      assert.equal(candidates.next(), null);
      candidates.released(at(1));
    }
    assert.equal(candidates.size, 1);
  });

  it("of equal standing are drawn by chance: a swarm does not fall on one of them", () => {
    const firsts = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const candidates = new Candidates(
        { monotonicMs: () => 0 } as Clock,
        createSeededRandom(seed),
      );
      for (let i = 0; i < 5; i++) candidates.add(at(i), "tracker", HASH);
      firsts.add(candidates.next()!.endpoint.address);
    }
    assert.equal(firsts.size, 5);
  });

  it("back off from 15 s, doubling, to half an hour, and spread by a quarter", () => {
    const scene = setUp();
    scene.candidates.add(at(1), "user", HASH);
    scene.candidates.next();
    for (let failures = 1; failures <= 12; failures++) {
      scene.candidates.failed(at(1), false);
      const least = Math.min(15_000 * 2 ** (failures - 1), 1_800_000);
      const delayMs = delayOf(scene);
      assert.ok(delayMs >= least - 100 && delayMs <= least * 1.25 + 100, `${failures}: ${delayMs}`);
    }
  });

  it("are forgotten after eight failures, unless the user named them", () => {
    const scene = setUp();
    scene.candidates.add(at(1), "tracker", HASH);
    for (let failures = 1; failures <= 8; failures++) {
      assert.equal(scene.candidates.size, 1);
      scene.candidates.next();
      scene.candidates.failed(at(1), false);
      scene.pass(3_600_000);
    }
    assert.equal(scene.candidates.size, 0);
  });

  it("are tried once the other way, encrypted or plain, at once", () => {
    const { candidates } = setUp();
    candidates.add(at(1), "user", HASH);
    assert.equal(candidates.next()!.tryOtherEncryption, false);
    candidates.failed(at(1), true);
    assert.equal(candidates.next()!.tryOtherEncryption, true);
    candidates.failed(at(1), true);
    assert.equal(candidates.next(), null);
  });

  it("that were useful come back after 15 s, however often they left", () => {
    const scene = setUp();
    scene.candidates.add(at(1), "tracker", HASH);
    for (let round = 0; round < 20; round++) {
      scene.candidates.next();
      scene.candidates.disconnected(at(1), true);
      const delayMs = delayOf(scene);
      assert.ok(delayMs < 19_000, `${delayMs}`);
      scene.candidates.disconnected(at(1), true);
      scene.pass(20_000);
    }
  });

  it("are 4,000 at most: then the one that failed most gives way, and none that has not", () => {
    const { candidates } = setUp();
    for (let i = 0; i < 4000; i++) assert.ok(candidates.add(at(i), "tracker", HASH));
    assert.equal(candidates.add(at(5000), "user", HASH), false);
    const { endpoint } = candidates.next()!;
    candidates.failed(endpoint, false);
    assert.ok(candidates.add(at(5000), "user", HASH));
    assert.equal(candidates.size, 4000);
    assert.ok(!candidates.add(endpoint, "pex", HASH));
  });

  it("that are banned go with all their ports, and do not come back", () => {
    const { candidates } = setUp();
    candidates.add(at(1), "tracker", HASH);
    candidates.add(at(1, 7000), "tracker", HASH);
    candidates.ban(at(1).address);
    assert.equal(candidates.size, 0);
    assert.ok(candidates.isBanned(at(1).address));
    assert.equal(candidates.add(at(1, 7001), "pex", HASH), false);
  });

  it("lose two of trust for a bad piece, win one for a good one, and are banned at -7", () => {
    const { candidates } = setUp();
    const { address } = at(1);
    assert.deepEqual(
      Array.from({ length: 4 }, () => candidates.distrust(address)),
      [false, false, false, true],
    );
    const other = at(2).address;
    for (let i = 0; i < 100; i++) candidates.trust(other);
    // However good one was: eight in hand, so the eighth bad piece in a row is too many.
    assert.deepEqual(
      Array.from({ length: 8 }, () => candidates.distrust(other)),
      [false, false, false, false, false, false, false, true],
    );
    const honest = at(3).address;
    for (let i = 0; i < 50; i++) {
      assert.equal(candidates.distrust(honest), false);
      candidates.trust(honest);
      candidates.trust(honest);
    }
  });
});
