import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeBencode, itemPublicKey, KRPC_ERROR, signItem, toHex } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { TestRandom } from "../testing/test-random.ts";
import { ItemStore, type PutRequest, targetOfPut } from "./item-store.ts";
import { PeerStore } from "./peer-store.ts";
import { Tokens } from "./tokens.ts";

const MINUTE_MS = 60_000;
const random = new TestRandom(7);
const target = random.bytes(20);
const ownId = new Uint8Array(20);

suite("tokens", () => {
  test("BEP 5: a token serves for five minutes at least and is refused after ten", () =>
    withWorld({}, async (world) => {
      const { clock, random: chance } = world.host({ address: "192.0.2.1" });
      const tokens = new Tokens(clock, chance);
      await world.run({ untilMs: 3 * MINUTE_MS });
      const token = tokens.issue("8.8.8.8", target);
      assert.ok(tokens.accepts(token, "8.8.8.8", target));
      await world.run({ untilMs: 8 * MINUTE_MS });
      assert.ok(tokens.accepts(token, "8.8.8.8", target));
      await world.run({ untilMs: 13 * MINUTE_MS });
      assert.ok(!tokens.accepts(token, "8.8.8.8", target));
    }));

  test("a token is no use at another address or for another target", () =>
    withWorld({}, async (world) => {
      const { clock, random: chance } = world.host({ address: "192.0.2.1" });
      const tokens = new Tokens(clock, chance);
      const token = tokens.issue("8.8.8.8", target);
      assert.ok(!tokens.accepts(token, "8.8.8.9", target));
      assert.ok(!tokens.accepts(token, "8.8.8.8", random.bytes(20)));
      assert.ok(!tokens.accepts(new Uint8Array(0), "8.8.8.8", target));
      assert.ok(tokens.accepts(tokens.issue("2a01::1", target), "2a01:0::1", target));
    }));
});

suite("stored peers", () => {
  test("500 peers of a torrent are kept, those that announced last", () => {
    const store = new PeerStore(random);
    for (let i = 0; i < 600; i++) {
      store.announce(target, { address: `9.0.${i >>> 8}.${i & 255}`, port: 1 }, false, 0);
    }
    assert.equal(store.peerCount, 500);
    const addresses = store.peers(target, 4, 1000, 0).map(({ address }) => address);
    assert.equal(new Set(addresses).size, 500);
    assert.ok(!addresses.includes("9.0.0.99") && addresses.includes("9.0.0.100"));
  });

  test("2000 torrents are kept; the smallest one makes room", () => {
    const store = new PeerStore(random);
    for (const port of [1, 2]) store.announce(target, { address: "9.9.9.9", port }, false, 0);
    for (let i = 0; i < 3000; i++) {
      store.announce(random.bytes(20), { address: "9.9.9.9", port: 1 }, false, 0);
    }
    assert.equal(store.torrentCount, 2000);
    assert.equal(store.peers(target, 4, 10, 0).length, 2);
  });

  test("an address has eight peers of a torrent at most", () => {
    const store = new PeerStore(random);
    for (let port = 1; port <= 100; port++) {
      store.announce(target, { address: "9.9.9.9", port }, false, 0);
    }
    const ports = store.peers(target, 4, 100, 0).map((peer) => peer.port);
    assert.deepEqual(
      ports.sort((a, b) => a - b),
      [93, 94, 95, 96, 97, 98, 99, 100],
    );
  });

  test("a peer that announces no more is gone after 65 minutes", () => {
    const store = new PeerStore(random);
    store.announce(target, { address: "9.9.9.9", port: 1 }, false, 0);
    store.announce(target, { address: "9.9.9.8", port: 1 }, false, 30 * MINUTE_MS);
    assert.equal(store.peers(target, 4, 10, 65 * MINUTE_MS).length, 1);
    store.expire(95 * MINUTE_MS);
    assert.equal(store.torrentCount, 0);
  });

  test("BEP 32: peers are told by family", () => {
    const store = new PeerStore(random);
    store.announce(target, { address: "9.9.9.9", port: 1 }, false, 0);
    store.announce(target, { address: "2a01::1", port: 2 }, false, 0);
    assert.deepEqual(
      store.peers(target, 6, 10, 0).map(({ address }) => address),
      ["2a01::1"],
    );
    assert.deepEqual(
      store.peers(target, 4, 10, 0).map(({ address }) => address),
      ["9.9.9.9"],
    );
  });

  test("BEP 33: seeds and others have a filter each", () => {
    const store = new PeerStore(random);
    for (let i = 0; i < 60; i++) {
      store.announce(target, { address: `9.0.0.${i}`, port: 1 }, i < 20, 0);
    }
    const filters = store.scrape(target, 0)!;
    assert.equal(Math.round(filters.seeds.estimate()), 20);
    assert.ok(Math.abs(filters.peers.estimate() - 40) < 3);
    assert.equal(store.scrape(random.bytes(20), 0), null);
  });

  test("BEP 51: a sample stays the same for its interval", () => {
    const store = new PeerStore(random);
    assert.deepEqual(store.sample(0), { hashes: [], count: 0, intervalS: 0 });
    for (let i = 0; i < 100; i++) {
      store.announce(random.bytes(20), { address: "9.9.9.9", port: 1 }, false, 0);
    }
    const first = store.sample(0);
    assert.equal(first.hashes.length, 20);
    assert.equal(first.count, 100);
    assert.equal(first.intervalS, 600);
    assert.deepEqual(store.sample(5 * MINUTE_MS).hashes, first.hashes);
    assert.notDeepEqual(store.sample(10 * MINUTE_MS).hashes, first.hashes);
  });
});

suite("stored items", () => {
  const seed = random.bytes(32);
  const publicKey = itemPublicKey(seed);
  const immutable = (text: string): PutRequest => ({
    method: "put",
    token: new Uint8Array(0),
    value: encodeBencode(text),
    mutable: null,
  });
  const mutable = (
    seq: bigint,
    text: string,
    options: { cas?: bigint; salt?: Uint8Array } = {},
  ): PutRequest => {
    const { cas = null, salt = new Uint8Array(0) } = options;
    const value = encodeBencode(text);
    const signature = salt.length > 64 ? new Uint8Array(64) : signItem(seed, { salt, seq, value });
    return { ...immutable(text), mutable: { publicKey, signature, seq, salt, cas } };
  };

  test("BEP 44: sequence numbers only grow", () => {
    const store = new ItemStore();
    assert.equal(store.put(mutable(5n, "five"), "9.9.9.9", ownId, 0), null);
    const lower = store.put(mutable(4n, "four"), "9.9.9.9", ownId, 0);
    assert.equal(lower?.errorCode, KRPC_ERROR.seqTooLow);
    const same = store.put(mutable(5n, "other"), "9.9.9.9", ownId, 0);
    assert.equal(same?.errorCode, KRPC_ERROR.seqTooLow);
    assert.equal(store.put(mutable(6n, "six"), "9.9.9.9", ownId, 0), null);
    assert.equal(store.get(targetOfPut(mutable(6n, "")), 0)?.mutable?.seq, 6n);
    assert.equal(store.size, 1);
  });

  test("BEP 44: the same version again makes it last longer", () => {
    const store = new ItemStore();
    const put = mutable(1n, "one");
    store.put(put, "9.9.9.9", ownId, 0);
    assert.equal(store.put(put, "9.9.9.8", ownId, 60 * MINUTE_MS), null);
    assert.ok(store.get(targetOfPut(put), 170 * MINUTE_MS));
    store.expire(180 * MINUTE_MS);
    assert.equal(store.size, 0);
  });

  test("BEP 44: compare and swap names the version that it replaces", () => {
    const store = new ItemStore();
    assert.equal(store.put(mutable(1n, "one", { cas: 9n }), "9.9.9.9", ownId, 0), null);
    const wrong = store.put(mutable(2n, "two", { cas: 0n }), "9.9.9.9", ownId, 0);
    assert.equal(wrong?.errorCode, KRPC_ERROR.casMismatch);
    assert.equal(store.put(mutable(2n, "two", { cas: 1n }), "9.9.9.9", ownId, 0), null);
  });

  test("BEP 44: forged, too long and too salty items are refused, each with its code", () => {
    const store = new ItemStore();
    const put = mutable(1n, "one");
    const forged = { ...put, value: encodeBencode("two") };
    assert.equal(store.put(forged, "9.9.9.9", ownId, 0)?.errorCode, KRPC_ERROR.badSignature);
    const long = immutable("x".repeat(997));
    assert.equal(long.value.length, 1001);
    assert.equal(store.put(long, "9.9.9.9", ownId, 0)?.errorCode, KRPC_ERROR.valueTooBig);
    assert.equal(store.put(immutable("x".repeat(996)), "9.9.9.9", ownId, 0), null);
    const salty = mutable(1n, "one", { salt: new Uint8Array(65) });
    assert.equal(store.put(salty, "9.9.9.9", ownId, 0)?.errorCode, KRPC_ERROR.saltTooBig);
    assert.equal(store.size, 1);
  });

  test("700 items are kept, the nearest ones, and 50 of one address", () => {
    const store = new ItemStore();
    for (let i = 0; i < 200; i++) store.put(immutable(`same ${i}`), "9.9.9.9", ownId, 0);
    assert.equal(store.size, 50);
    const targets: string[] = [];
    for (let i = 0; i < 2000; i++) {
      const put = immutable(`item ${i}`);
      targets.push(toHex(targetOfPut(put)));
      store.put(put, `9.${i >>> 8}.${i & 255}.1`, ownId, 0);
    }
    assert.equal(store.size, 700);
    // One that came last is kept for the time being, however far; the nearest are never lost.
    for (const near of targets.sort().slice(0, 400)) {
      assert.ok(store.get(Buffer.from(near, "hex"), 0), near);
    }
  });
});
