import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PEX_FLAG } from "@shoal/protocol";
import type { Clock, Endpoint } from "@shoal/runtime";
import { createSeededRandom } from "../picker/test-random.ts";
import { Candidates } from "./candidates.ts";
import { isPrivateSource } from "./peer-source.ts";

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

  it("BEP 21: are tried one in a second, where this side wants nothing and has met none that does", () => {
    const { candidates, pass } = setUp();
    for (let number = 1; number <= 12; number++) candidates.add(at(number), "tracker", HASH);
    candidates.skipUploadOnly = true;
    const meet = (wasUseful: boolean): boolean => {
      const candidate = candidates.next();
      if (candidate === null) return false;
      candidates.connected(candidate.endpoint);
      if (!wasUseful) candidates.setUploadOnly(candidate.endpoint, true);
      candidates.disconnected(candidate.endpoint, wasUseful);
      return true;
    };
    for (let times = 0; times < 8; times++) assert.ok(meet(false));
    assert.equal(candidates.next(), null);
    pass(999);
    assert.equal(candidates.next(), null);
    pass(1);
    assert.ok(meet(false));
    assert.equal(candidates.next(), null);
    pass(1000);
    assert.ok(meet(true), "somebody wanted something");
    assert.ok(meet(true), "and so the next is tried at once");
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

  it("are 4,000 at most: then what failed most gives way, or what strangers named to what others named", () => {
    const { candidates } = setUp();
    for (let i = 0; i < 4000; i++) assert.ok(candidates.add(at(i), "tracker", HASH));
    assert.equal(candidates.add(at(5000), "pex", HASH), false);
    assert.equal(candidates.add(at(5000), "tracker", HASH), false);
    const { endpoint } = candidates.next()!;
    candidates.failed(endpoint, false);
    assert.ok(candidates.add(at(5000), "tracker", HASH));
    assert.equal(candidates.add(endpoint, "tracker", HASH), false);
    assert.ok(candidates.add(endpoint, "user", HASH), "the user's word counts for more");
    assert.equal(candidates.size, 4000);
  });

  it("BEP 11: one peer names 100 at most, and all peers together 1,500", () => {
    const { candidates } = setUp();
    const name = (from: number, count: number, informant: string): number => {
      let added = 0;
      for (let i = from; i < from + count; i++) {
        if (candidates.add(at(i), "pex", HASH, { informant })) added++;
      }
      return added;
    };
    assert.equal(name(0, 500, "1.1.1.1"), 100);
    for (let peer = 1; peer < 15; peer++) {
      assert.equal(name(peer * 1000, 200, `1.1.1.${peer + 1}`), 100);
    }
    assert.equal(name(50_000, 50, "2.2.2.2"), 0);
    assert.equal(candidates.size, 1500);
    assert.ok(candidates.add(at(60_000), "tracker", HASH));
  });

  it("BEP 11: an informant that told the truth may tell more", () => {
    const { candidates } = setUp();
    const informant = "1.1.1.1";
    for (let i = 0; i < 100; i++) candidates.add(at(i), "pex", HASH, { informant });
    assert.equal(candidates.add(at(200), "pex", HASH, { informant }), false);
    candidates.connected(at(7));
    assert.ok(candidates.add(at(200), "pex", HASH, { informant }));
  });

  it("that only strangers named, and that never answered, are forgotten after two failures", () => {
    const scene = setUp();
    scene.candidates.add(at(1), "pex", HASH);
    for (let failures = 1; failures <= 2; failures++) {
      assert.equal(scene.candidates.size, 1);
      scene.candidates.next();
      scene.candidates.failed(at(1), false);
      scene.pass(60_000);
    }
    assert.equal(scene.candidates.size, 0);
  });

  it("BEP 21: who wants nothing is not tried while this side wants nothing, and at once when it does again", () => {
    const scene = setUp();
    const { candidates } = scene;
    candidates.add(at(1), "pex", HASH, { flags: PEX_FLAG.uploadOnly });
    candidates.add(at(2), "tracker", HASH);
    candidates.skipUploadOnly = true;
    assert.equal(candidates.next()!.endpoint.address, at(2).address);
    assert.equal(candidates.next(), null);
    candidates.setUploadOnly(at(2), true);
    candidates.disconnected(at(2), false);
    assert.equal(candidates.waiting, 0);
    candidates.skipUploadOnly = false;
    candidates.wantAgain();
    assert.equal(candidates.waiting, 2);
  });

  it("BEP 40: of equal standing the one of highest priority is tried first", () => {
    const clock = { monotonicMs: () => 0 } as Clock;
    const rank = ({ port }: Endpoint): number => port;
    const candidates = new Candidates(clock, createSeededRandom(1), rank);
    for (const port of [5, 9, 3, 7]) candidates.add(at(1, port), "tracker", HASH);
    const order = Array.from({ length: 4 }, () => candidates.next()!.endpoint.port);
    assert.deepEqual(order, [9, 7, 5, 3]);
  });

  it("that were met come after those that were never tried", () => {
    const scene = setUp();
    const { candidates } = scene;
    candidates.add(at(1), "tracker", HASH);
    candidates.next();
    candidates.connected(at(1));
    candidates.disconnected(at(1), true);
    scene.pass(60_000);
    candidates.add(at(2), "pex", HASH);
    assert.equal(candidates.next()!.endpoint.address, at(2).address);
  });

  it("BEP 27: of a private torrent are those of its trackers and of its user", () => {
    const { candidates } = setUp();
    const sources = ["magnet", "pex", "dht", "lsd", "resume", "tracker", "user"] as const;
    for (const [index, source] of sources.entries()) candidates.add(at(index), source, HASH);
    candidates.restrictTo(isPrivateSource);
    assert.equal(candidates.size, 2);
    assert.equal(candidates.add(at(100), "pex", HASH), false);
    assert.ok(candidates.add(at(101), "tracker", HASH));
  });
});
