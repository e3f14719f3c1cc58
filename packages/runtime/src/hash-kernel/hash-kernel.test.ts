import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Parts } from "../ports/disk.ts";
import { createHashKernel } from "./hash-kernel.ts";
import { LANES, SCRATCH_BYTES } from "./scratch-layout.ts";
import { PAGE_BYTES, createSharedMemory } from "./web-assembly.ts";

const PAGES = 20;
const memory = createSharedMemory(PAGES);
const bytes = new Uint8Array(memory.buffer);
const kernel = createHashKernel({ memory, scratchOffset: 0 });
const hex = (digest: Uint8Array | undefined) => Buffer.from(digest ?? []).toString("hex");

/** Places texts one after the other, behind the scratch region and a byte off any alignment. */
function place(texts: readonly (string | Uint8Array)[]): Parts[] {
  let offset = SCRATCH_BYTES + 1;
  return texts.map((text) => {
    const content = Buffer.from(text);
    bytes.set(content, offset);
    offset += content.length;
    return [offset - content.length, content.length];
  });
}

const TWO_BLOCKS = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const LONG =
  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

test("FIPS 180-4: SHA-1 of the standard's examples, four at once", () => {
  const parts = place(["abc", "", TWO_BLOCKS, LONG]);
  assert.deepEqual(kernel.sha1Lanes(parts).map(hex), [
    "a9993e364706816aba3e25717850c26c9cd0d89d",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    "a49b2446a02c645bf419f995b67091253a04a259",
  ]);
});

test("FIPS 180-4: SHA-256 of the standard's examples, four at once", () => {
  const parts = place(["abc", "", TWO_BLOCKS, LONG]);
  assert.deepEqual(kernel.sha256Lanes(parts).map(hex), [
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
  ]);
});

test("FIPS 180-4: a million times the letter a", () => {
  const parts = place(["a".repeat(1_000_000)]);
  assert.equal(hex(kernel.sha1Lanes(parts)[0]), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  assert.equal(
    hex(kernel.sha256Lanes(parts)[0]),
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  );
});

test("RFC 3174: TEST1 to TEST4, TEST4 from ten parts in the same place", () => {
  const [one = [], two = [], three = [], four = []] = place([
    "abc",
    TWO_BLOCKS,
    "a".repeat(1000),
    "01234567".repeat(8),
  ]);
  const repeat = (parts: Parts, times: number) => Array.from({ length: times }, () => parts).flat();
  const messages = [one, two, repeat(three, 1000), repeat(four, 10)];
  assert.deepEqual(kernel.sha1Lanes(messages).map(hex), [
    "a9993e364706816aba3e25717850c26c9cd0d89d",
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
    "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
    "dea356a2cddd90c7a7ecedc5ebb563934f460452",
  ]);
});

test("every length around the ends of chunks is padded as OpenSSL pads it", () => {
  for (let lengthBytes = 0; lengthBytes <= 260; lengthBytes++) {
    const content = Uint8Array.from({ length: lengthBytes }, (_, index) => index * 7);
    const parts = place([content]);
    for (const [algorithm, lanes] of [
      ["sha1", kernel.sha1Lanes],
      ["sha256", kernel.sha256Lanes],
    ] as const) {
      const expected = createHash(algorithm).update(content).digest("hex");
      assert.equal(hex(lanes(parts)[0]), expected, `${algorithm} of ${lengthBytes} bytes`);
    }
  }
});

test("any messages, cut into any parts at any place, hash as OpenSSL hashes them", () => {
  const message = fc.record({
    content: fc.uint8Array({ maxLength: 700 }),
    cuts: fc.array(fc.nat({ max: 700 }), { maxLength: 6 }),
    gapBytes: fc.nat({ max: 70 }),
  });
  const property = fc.property(fc.array(message, { maxLength: LANES }), (messages) => {
    let offset = SCRATCH_BYTES;
    const parts = messages.map(({ content, cuts, gapBytes }) => {
      const ends = [...cuts.filter((cut) => cut < content.length), content.length];
      ends.sort((left, right) => left - right);
      return ends.flatMap((end, index) => {
        const part = content.subarray(ends[index - 1] ?? 0, end);
        offset += gapBytes;
        bytes.set(part, offset);
        offset += part.length;
        return [offset - part.length, part.length];
      });
    });
    const expected = (algorithm: string) =>
      messages.map(({ content }) => createHash(algorithm).update(content).digest("hex"));
    assert.deepEqual(kernel.sha1Lanes(parts).map(hex), expected("sha1"));
    assert.deepEqual(kernel.sha256Lanes(parts).map(hex), expected("sha256"));
  });
  fc.assert(property, { numRuns: 300 });
});

test("pieces of 64 blocks received behind 13-byte headers hash as OpenSSL hashes them", () => {
  const headerBytes = 13;
  const blockBytes = 16384;
  for (let index = SCRATCH_BYTES; index < bytes.length; index++) {
    bytes[index] = Math.imul(index, index) >> 3;
  }
  const parts = Array.from({ length: 64 }, (_, block) => [
    SCRATCH_BYTES + headerBytes + block * (headerBytes + blockBytes),
    blockBytes,
  ]);
  const pieces = [0, 1, 2, 3].map((lane) => parts.slice(lane).flat());
  const expected = pieces.map((piece) => {
    const hash = createHash("sha1");
    for (let at = 0; at < piece.length; at += 2) {
      const [start = 0, lengthBytes = 0] = piece.slice(at, at + 2);
      hash.update(bytes.subarray(start, start + lengthBytes));
    }
    return hash.digest("hex");
  });
  assert.deepEqual(kernel.sha1Lanes(pieces).map(hex), expected);
});

test("a message may end at the last byte of the memory", () => {
  bytes.set(Buffer.from("abc"), bytes.length - 3);
  const [digest] = kernel.sha1Lanes([[bytes.length - 3, 3]]);
  assert.equal(hex(digest), "a9993e364706816aba3e25717850c26c9cd0d89d");
});

test("pairs of hashes are hashed as messages of 64 bytes", () => {
  for (const pairs of [0, 1, 2, 3, 4, 5, 8, 11]) {
    const nodes = Uint8Array.from({ length: pairs * 64 }, (_, index) => index * 13 + pairs);
    const expected = Array.from({ length: pairs }, (_, pair) =>
      createHash("sha256")
        .update(nodes.subarray(pair * 64, pair * 64 + 64))
        .digest("hex"),
    );
    assert.equal(hex(kernel.sha256Pairs(nodes)), expected.join(""));
  }
  assert.throws(() => kernel.sha256Pairs(new Uint8Array(96)), RangeError);
});

test("two kernels in one memory do not disturb each other", () => {
  const other = createHashKernel({ memory, scratchOffset: (PAGES - 1) * PAGE_BYTES });
  const parts = place(["abc"]);
  const [mine, theirs] = [kernel.sha256Lanes(parts), other.sha256Lanes(parts)];
  assert.deepEqual(mine, theirs);
  assert.deepEqual(kernel.sha256Lanes(parts), mine);
});

test("refuses parts outside the memory, and hashes on afterwards", () => {
  const hostile: Parts[] = [
    [bytes.length, 1],
    [bytes.length - 63, 64],
    [-1, 64],
    [0, -1],
    [0.5, 64],
    [0, 2 ** 53],
    [2 ** 32, 64],
    [0, Number.NaN],
    [0, 64, 128],
  ];
  for (const parts of hostile) {
    assert.throws(() => kernel.sha1Lanes([[0, 64], parts]), RangeError, String(parts));
    assert.throws(() => kernel.sha256Lanes([parts]), RangeError, String(parts));
  }
  assert.equal(
    hex(kernel.sha1Lanes(place(["abc"]))[0]),
    "a9993e364706816aba3e25717850c26c9cd0d89d",
  );
});

test("refuses more messages than lanes", () => {
  assert.throws(
    () => kernel.sha1Lanes(Array.from({ length: LANES + 1 }, () => [0, 1])),
    RangeError,
  );
});

test("refuses a scratch region that does not fit or is not aligned", () => {
  for (const scratchOffset of [-64, 32, bytes.length - SCRATCH_BYTES + 64, Number.NaN]) {
    assert.throws(() => createHashKernel({ memory, scratchOffset }), RangeError);
  }
});
