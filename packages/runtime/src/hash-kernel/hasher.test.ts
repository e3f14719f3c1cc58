import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createHasher } from "./hasher.ts";
import { ALWAYS_LANES, NEVER_LANES } from "./lane-costs.ts";
import { SCRATCH_BYTES } from "./scratch-layout.ts";
import { PAGE_BYTES, createSharedMemory } from "./web-assembly.ts";

const PAGES = 8;
const memory = createSharedMemory(PAGES);
const bytes = new Uint8Array(memory.buffer);
const scratchOffset = PAGES * PAGE_BYTES - SCRATCH_BYTES;
for (let index = 0; index < scratchOffset; index++) bytes[index] = Math.imul(index, index) >> 4;

const hashers = {
  "in lanes": createHasher({ memory, scratchOffset, costs: ALWAYS_LANES }),
  "one by one": createHasher({ memory, scratchOffset, costs: NEVER_LANES }),
  mixed: createHasher({ memory, scratchOffset, costs: { sha1: 2.4, sha256: 2.4, pairs: 2.4 } }),
};

const sha256 = (...contents: readonly Uint8Array[]): Buffer =>
  createHash("sha256").update(Buffer.concat(contents)).digest();

function rootOf(leaves: readonly Uint8Array[], leafCount: number): Uint8Array {
  if (leafCount === 1) return leaves[0] ?? new Uint8Array(32);
  const half = leafCount / 2;
  return sha256(rootOf(leaves.slice(0, half), half), rootOf(leaves.slice(half), half));
}

for (const [how, hasher] of Object.entries(hashers)) {
  test(`hashed ${how}, messages of any number and length keep their order`, () => {
    const message = fc.tuple(fc.nat({ max: 5000 }), fc.constantFrom(0, 64, 300, 16384, 40000));
    const property = fc.property(fc.array(message, { maxLength: 11 }), (messages) => {
      const expected = messages.map(([place, lengthBytes]) =>
        createHash("sha1")
          .update(bytes.subarray(place, place + lengthBytes))
          .digest("hex"),
      );
      const digests = hasher.sha1(messages);
      assert.deepEqual(
        digests.map((digest) => Buffer.from(digest).toString("hex")),
        expected,
      );
    });
    fc.assert(property, { numRuns: 50 });
  });

  test(`hashed ${how}, BEP 52 leaves are SHA-256 of each 16 KiB of content`, () => {
    const contents = [
      { parts: [7, 20000, 50000, 50000], lengthBytes: 60000 },
      { parts: [], lengthBytes: 0 },
      { parts: [3, 16384], lengthBytes: 16384 },
      { parts: [100, 16384], lengthBytes: 1 },
    ];
    const leaves = contents.map(({ parts, lengthBytes }) => {
      const [first = 0, firstBytes = 0, second = 0, secondBytes = 0] = parts;
      const content = Buffer.concat([
        bytes.subarray(first, first + firstBytes),
        bytes.subarray(second, second + secondBytes),
      ]).subarray(0, lengthBytes);
      const count = Math.ceil(lengthBytes / 16384);
      return Array.from({ length: count }, (_, block) =>
        sha256(content.subarray(block * 16384, (block + 1) * 16384)),
      );
    });
    const found = hasher.leaves(contents);
    assert.deepEqual(
      found.map((each) => Buffer.from(each)),
      leaves.map((each) => Buffer.concat(each)),
    );
  });

  test(`hashed ${how}, a BEP 52 root counts missing leaves as zeros`, () => {
    for (const leafCount of [1, 2, 4, 8, 64]) {
      for (const present of new Set([0, 1, 2, 3, 5, 33, 64])) {
        if (present > leafCount) continue;
        const leaves = Array.from({ length: present }, (_, index) => sha256(Buffer.from([index])));
        const root = hasher.merkleRoot(Buffer.concat(leaves), leafCount);
        assert.deepEqual(Buffer.from(root), Buffer.from(rootOf(leaves, leafCount)));
      }
    }
  });

  test(`hashed ${how}, parts outside the memory are refused`, () => {
    assert.throws(
      () =>
        hasher.sha1([
          [0, 1],
          [bytes.length - 1, 2],
        ]),
      RangeError,
    );
    const outside = { parts: [bytes.length, 16384], lengthBytes: 16384 };
    assert.throws(() => hasher.leaves([outside]), RangeError);
  });
}
