import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { BencodeError } from "../errors.ts";
import { BencodeDictionary, type BencodeValue } from "./bencode-dictionary.ts";
import type { BencodeLimits } from "./bencode-limits.ts";
import { decodeBencode, decodeBencodePrefix } from "./decode-bencode.ts";
import { type Bencodable, encodeBencode } from "./encode-bencode.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const decode = (text: string, limits?: Partial<BencodeLimits>) =>
  decodeBencode(latin1(text), limits);
const encode = (value: Bencodable) => Buffer.from(encodeBencode(value)).toString("latin1");

function dictionary(text: string, limits?: Partial<BencodeLimits>): BencodeDictionary {
  const value = decode(text, limits);
  assert.ok(value instanceof BencodeDictionary);
  return value;
}

function refuses(text: string, code: BencodeError["code"], limits?: Partial<BencodeLimits>): void {
  assert.throws(
    () => decode(text, limits),
    (error) => error instanceof BencodeError && error.code === code && error.offset >= 0,
    `${text} is refused as ${code}`,
  );
}

describe("decodeBencode", () => {
  test("BEP 3: reads the examples of the specification", () => {
    assert.deepEqual(decode("4:spam"), new Uint8Array(latin1("spam")));
    assert.equal(decode("i3e"), 3);
    assert.equal(decode("i-3e"), -3);
    assert.equal(decode("i0e"), 0);
    assert.equal(encode(decode("l4:spam4:eggse")), "l4:spam4:eggse");
    assert.equal(dictionary("d3:cow3:moo4:spam4:eggse").text("cow"), "moo");
    assert.equal(encode(decode("d4:spaml1:a1:bee")), "d4:spaml1:a1:bee");
  });

  test("BEP 3: refuses integers that are not canonical", () => {
    for (const text of [
      "i03e",
      "i-0e",
      "i00e",
      "ie",
      "i-e",
      "i+1e",
      "i1.5e",
      "i 1e",
      "i1x",
      "i--1e",
    ]) {
      refuses(text, "syntax");
    }
  });

  test("BEP 3: refuses lengths that are not canonical", () => {
    for (const text of ["01:a", "00:", "-1:a", "1 :a", ":a", "1;a"]) refuses(text, "syntax");
  });

  test("integers beyond 2^53 are exact", () => {
    assert.equal(decode("i9007199254740991e"), Number.MAX_SAFE_INTEGER);
    assert.equal(decode("i9007199254740992e"), 9007199254740992n);
    assert.equal(decode("i9007199254740993e"), 9007199254740993n);
    assert.equal(decode("i-9007199254740991e"), Number.MIN_SAFE_INTEGER);
    assert.equal(decode("i-9007199254740993e"), -9007199254740993n);
    assert.equal(decode("i18446744073709551615e"), 18446744073709551615n);
  });

  test("an integer of more than 20 digits is refused, not computed", () => {
    refuses(`i${"9".repeat(21)}e`, "syntax");
    refuses(`i${"9".repeat(1_000_000)}e`, "syntax");
  });

  test("a string longer than the bytes is refused and allocates nothing", () => {
    refuses("5:spam", "truncated");
    refuses("1000000:", "truncated");
    refuses("999999999999999:x", "too-long");
    refuses("9999999999999999:x", "syntax");
  });

  test("bytes that end early are refused at every place", () => {
    const whole = "d1:ad2:id3:abce1:lli1ei-2eee";
    decode(whole);
    for (let end = 0; end < whole.length; end += 1) refuses(whole.slice(0, end), "truncated");
  });

  test("bytes after the value are refused with their offset", () => {
    assert.throws(() => decode("i1ei2e"), { code: "trailing-bytes", offset: 3 });
  });

  test("what starts no value is refused", () => {
    for (const text of ["e", "x", "\0", "-1", "d3:cowee", "lxe"]) refuses(text, "syntax");
  });

  test("BEP 3: a key that is no string is refused", () => {
    refuses("di1ei2ee", "syntax");
    refuses("dl1:ae1:be", "syntax");
  });

  test("BEP 3: unsorted keys are refused unless the limits allow them", () => {
    refuses("d1:bi1e1:ai2ee", "unsorted-keys");
    const loose = dictionary("d1:bi1e1:ai2ee", { allowUnsortedKeys: true });
    assert.deepEqual([...loose.keys()], ["b", "a"]);
  });

  test("a key that comes twice is refused in any order", () => {
    refuses("d1:ai1e1:ai2ee", "duplicate-key");
    refuses("d1:ai1e1:bi1e1:ai2ee", "duplicate-key", { allowUnsortedKeys: true });
  });

  test("keys sort by bytes, not by letters", () => {
    assert.deepEqual([...dictionary("d1:Bi1e1:ai2e2:aai3e1:\xffi4ee").keys()].length, 4);
    refuses("d1:\xffi1e1:ai2ee", "unsorted-keys");
  });

  test("nesting is bounded", () => {
    decode("l".repeat(100) + "e".repeat(100));
    refuses("l".repeat(101) + "e".repeat(101), "too-deep");
    refuses("l".repeat(1_000_000), "too-deep");
    refuses("d0:".repeat(101), "too-deep");
    refuses("ll", "too-deep", { nesting: 1 });
  });

  test("the number of values is bounded", () => {
    decode(`l${"0:".repeat(99_999)}e`);
    refuses(`l${"0:".repeat(100_000)}e`, "too-many-tokens");
    refuses("d1:a0:e", "too-many-tokens", { tokens: 2 });
  });

  test("the length is bounded", () => {
    decode(`${2 ** 20 - 8}:${"x".repeat(2 ** 20 - 8)}`);
    refuses(`${2 ** 20}:${"x".repeat(2 ** 20)}`, "too-long");
    refuses("l1:a1:be", "too-long", { lengthBytes: 4 });
  });
});

describe("decodeBencodePrefix", () => {
  test("BEP 9: tells where the dictionary ends and the piece begins", () => {
    const bytes = latin1("d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx");
    const { value, lengthBytes } = decodeBencodePrefix(bytes);
    assert.ok(value instanceof BencodeDictionary);
    assert.equal(value.integer("total_size"), 34256);
    assert.equal(bytes.toString("latin1", lengthBytes), "xxxxxxxx");
  });
});

describe("BencodeDictionary", () => {
  const sample = dictionary("d1:b3:\xe2\x82\xac1:dd1:xi1ee1:ii-7e1:lli1eee");

  test("getters answer undefined for a missing key and for another type", () => {
    assert.equal(sample.text("b"), "€");
    assert.deepEqual(Buffer.from(sample.bytes("b")!).toString("hex"), "e282ac");
    assert.equal(sample.integer("i"), -7);
    assert.equal(sample.bigInteger("i"), -7n);
    assert.equal(sample.dictionary("d")?.integer("x"), 1);
    assert.deepEqual(sample.list("l"), [1]);
    for (const key of ["none", "l"]) {
      assert.equal(sample.text(key), undefined);
      assert.equal(sample.bytes(key), undefined);
      assert.equal(sample.integer(key), undefined);
      assert.equal(sample.bigInteger(key), undefined);
      assert.equal(sample.dictionary(key), undefined);
    }
    assert.equal(sample.list("i"), undefined);
  });

  test("an integer that no number holds is only a bigInteger", () => {
    const big = dictionary("d1:ni9007199254740993ee");
    assert.equal(big.integer("n"), undefined);
    assert.equal(big.bigInteger("n"), 9007199254740993n);
  });

  test("rawSpan is the value's own bytes, at any depth and in any order of keys", () => {
    const loose = dictionary("d1:z1:a4:infod1:bi1e1:ai2ee1:a2:xye", { allowUnsortedKeys: true });
    const raw = (of: BencodeDictionary, key: string) =>
      Buffer.from(of.rawSpan(key)!).toString("latin1");
    assert.equal(raw(loose, "info"), "d1:bi1e1:ai2ee");
    assert.equal(raw(loose, "a"), "2:xy");
    assert.equal(raw(loose.dictionary("info")!, "a"), "i2e");
    assert.equal(loose.rawSpan("none"), undefined);
  });

  test("a key named like a property of objects is a key like any other", () => {
    assert.equal(dictionary("d9:__proto__i1ee").integer("__proto__"), 1);
    assert.equal(sample.integer("constructor"), undefined);
  });
});

describe("encodeBencode", () => {
  test("BEP 3: writes keys in the order of their bytes", () => {
    assert.equal(encode({ b: 1, a: 2, "\xff": 3, Z: 4 }), "d1:Zi4e1:ai2e1:bi1e1:\xffi3ee");
  });

  test("writes text as UTF-8 and leaves out undefined entries", () => {
    assert.equal(encode({ a: "€", b: undefined }), "d1:a3:\xe2\x82\xace");
    assert.equal(encode(-0), "i0e");
    assert.equal(encode(2n ** 64n), "i18446744073709551616e");
  });

  test("refuses what bencode cannot hold", () => {
    assert.throws(() => encode(1.5), RangeError);
    assert.throws(() => encode(2 ** 53), RangeError);
    assert.throws(() => encode({ "€": 1 }), TypeError);
    assert.throws(() => encode(null as unknown as Bencodable), TypeError);
  });
});

test("whatever is encoded decodes to the same, and again to the same bytes", () => {
  const { value } = fc.letrec<{ value: Bencodable }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }),
      fc.uint8Array(),
      fc.array(tie("value")),
      fc
        .array(fc.tuple(fc.string({ unit: "binary-ascii" }), tie("value")))
        .map((entries) => new Map(entries)),
    ),
  }));
  fc.assert(
    fc.property(value, (original) => {
      const bytes = encodeBencode(original);
      const decoded = decodeBencode(bytes);
      assert.deepEqual(plain(decoded), plain(original));
      assert.deepEqual(encodeBencode(decoded), bytes);
    }),
  );
});

/** The value in one representation: bigint for every integer, hex for bytes. */
function plain(value: Bencodable | BencodeValue): unknown {
  if (typeof value === "number") return BigInt(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Map) {
    return new Map(
      [...(value as Map<string, Bencodable>)].map(([key, item]) => [key, plain(item)]),
    );
  }
  return Array.isArray(value) ? value.map((item: Bencodable) => plain(item)) : value;
}
