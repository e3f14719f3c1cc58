import assert from "node:assert/strict";
import { suite, test } from "node:test";
import vectors from "../../../../vectors/dht.json" with { type: "json" };
import { fromHex, toHex } from "../bytes/hex.ts";
import {
  immutableTarget,
  itemPublicKey,
  mutableTarget,
  signedItemBytes,
  signItem,
  verifyItem,
} from "./item.ts";
import { ScrapeFilter } from "./scrape-filter.ts";

suite("items", () => {
  const { value, publicKey, seq, immutableTarget: target, mutable } = vectors.items;
  const item = { value: fromHex(value), publicKey: fromHex(publicKey), seq: BigInt(seq) };

  test("BEP 44: an immutable item lies at the hash of its value", () => {
    assert.equal(toHex(immutableTarget(item.value)), target);
  });

  for (const vector of mutable) {
    const salt = Buffer.from(vector.salt);
    test(`BEP 44: the vector with the salt "${vector.salt}"`, () => {
      assert.equal(toHex(mutableTarget(item.publicKey, salt)), vector.target);
      const signed = signedItemBytes(salt, item.seq, item.value);
      assert.equal(Buffer.from(signed).toString("latin1"), vector.signed);
      const signature = fromHex(vector.signature);
      assert.ok(verifyItem({ ...item, salt, signature }));
      assert.ok(!verifyItem({ ...item, salt, signature, seq: 2n }));
      assert.ok(!verifyItem({ ...item, salt: Buffer.from("other"), signature }));
      const other = new Uint8Array(32).fill(0xff);
      assert.ok(!verifyItem({ ...item, salt, signature, publicKey: other }));
    });
  }

  for (const vector of vectors.torrentsUnderKeys) {
    test(`BEP 46: the target of a key with the salt "${vector.salt}"`, () => {
      const { publicKey: key, salt } = vector;
      assert.equal(toHex(mutableTarget(fromHex(key), fromHex(salt))), vector.target);
    });
  }

  test("what was signed with a seed is its public key's", () => {
    const seed = new Uint8Array(32).fill(7);
    const signed = { salt: new Uint8Array(0), seq: 2n ** 63n - 1n, value: Buffer.from("i1e") };
    const signature = signItem(seed, signed);
    assert.ok(verifyItem({ ...signed, signature, publicKey: itemPublicKey(seed) }));
  });

  test("RFC 8032: the public key of the first test vector", () => {
    const seed = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    const expected = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert.equal(toHex(itemPublicKey(seed)), expected);
  });

  test("keys and salts of other lengths are a caller's mistake", () => {
    assert.throws(() => itemPublicKey(new Uint8Array(31)), RangeError);
    assert.throws(() => signedItemBytes(new Uint8Array(65), 1n, new Uint8Array(1)), RangeError);
  });
});

suite("scrape filters", () => {
  const { ipv4, ipv6, estimate, bytes } = vectors.scrapeFilter;

  test("BEP 33: the vector of 256 IPv4 and 1000 IPv6 addresses", () => {
    const filter = new ScrapeFilter();
    for (let i = 0; i < ipv4; i++) filter.insert(`192.0.2.${i}`);
    for (let i = 0; i < ipv6; i++) filter.insert(`2001:db8::${i.toString(16)}`);
    assert.equal(toHex(filter.bytes), bytes.toLowerCase());
    // The specification cuts its figure off after four digits.
    assert.equal(Math.trunc(filter.estimate() * 10_000), Math.round(estimate * 10_000));
  });

  test("filters join without counting an address twice", () => {
    const [one, two] = [new ScrapeFilter(), new ScrapeFilter()];
    for (const filter of [one, two]) {
      for (let i = 0; i < 100; i++) filter.insert(`10.0.0.${i}`);
    }
    const before = one.estimate();
    one.merge(two.bytes);
    assert.equal(one.estimate(), before);
    assert.ok(Math.abs(before - 100) < 10, `${before}`);
  });

  test("an empty filter holds nothing, and a full one a finite number", () => {
    assert.equal(new ScrapeFilter().estimate(), 0);
    const full = new ScrapeFilter(new Uint8Array(256).fill(0xff)).estimate();
    assert.ok(full > 6000 && full < 10_000);
  });
});
