import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import vectors from "../../../../vectors/merkle.json" with { type: "json" };
import { MerkleError } from "../errors.ts";
import { hashBlock, padHash } from "./hash.ts";
import { uncleHashes, verifyProof } from "./merkle-proof.ts";
import {
  foldLayer,
  isPowerOfTwo,
  merkleRoot,
  nextPowerOfTwo,
  pieceLayerFromLeaves,
  pieceLayerHeight,
  pieceLayerRoot,
} from "./merkle-tree.ts";

const BLOCK = 16 * 1024;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const fromHex = (texts: readonly string[]) => Buffer.from(texts.join(""), "hex");

/** `count` different hashes. */
function makeLayer(count: number): Uint8Array {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => hashBlock(Buffer.from([i, i >> 8]))),
  );
}

describe("merkleRoot", () => {
  test("BEP 52: agrees with libtorrent on the roots of whole files", () => {
    for (const { lengthBytes, leaves, piecesRoot } of vectors.files) {
      const content = Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 7 + 3) % 251);
      const own: Uint8Array[] = [];
      for (let at = 0; at < lengthBytes; at += BLOCK) {
        own.push(hashBlock(content.subarray(at, at + BLOCK)));
      }
      assert.equal(hex(Buffer.concat(own)), leaves.join(""));
      assert.equal(hex(merkleRoot(Buffer.concat(own))), piecesRoot, `${lengthBytes} bytes`);
    }
  });

  test("BEP 52: leaves past the end are zero, up to any width", () => {
    const leaves = makeLayer(3);
    const padded = Buffer.concat([leaves, new Uint8Array(5 * 32)]);
    assert.deepEqual(merkleRoot(leaves, 8), merkleRoot(padded, 8));
    assert.notDeepEqual(merkleRoot(leaves, 8), merkleRoot(leaves, 4));
  });

  test("a lone leaf is its own root", () => {
    const leaf = makeLayer(1);
    assert.equal(hex(merkleRoot(leaf)), hex(leaf));
  });

  test("refuses no hashes, broken hashes, and widths that are too small or no power of two", () => {
    assert.throws(() => merkleRoot(new Uint8Array(0)), RangeError);
    assert.throws(() => merkleRoot(new Uint8Array(33)), RangeError);
    assert.throws(() => merkleRoot(makeLayer(3), 2), RangeError);
    assert.throws(() => merkleRoot(makeLayer(3), 6), RangeError);
  });

  test("does not change its input and does not share memory with it", () => {
    const leaf = makeLayer(1);
    const before = hex(leaf);
    merkleRoot(leaf).fill(0);
    assert.equal(hex(leaf), before);
  });
});

describe("piece layers", () => {
  test("BEP 52: a piece layer has one hash a piece and leads to the same root as the leaves", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 3 }),
        (count, height) => {
          const leaves = makeLayer(count);
          const pieceLength = BLOCK * 2 ** height;
          fc.pre(count > 2 ** height);
          const layer = pieceLayerFromLeaves(leaves, pieceLength);
          assert.equal(layer.length / 32, Math.ceil(count / 2 ** height));
          assert.deepEqual(pieceLayerRoot(layer, pieceLength), merkleRoot(leaves));
        },
      ),
    );
  });

  test("pad hashes are the roots of zeros", () => {
    for (let height = 0; height < 6; height += 1) {
      const zeros = new Uint8Array(32 * 2 ** height);
      assert.equal(hex(padHash(height)), hex(merkleRoot(zeros)));
    }
    assert.throws(() => padHash(-1), RangeError);
    assert.throws(() => padHash(53), RangeError);
  });

  test("folding pairs an odd last hash with the pad of its height", () => {
    const layer = makeLayer(3);
    const parents = foldLayer(layer, 4);
    const expected = hashBlock(Buffer.concat([layer.subarray(64), padHash(4)]));
    assert.equal(hex(parents.subarray(32)), hex(expected));
  });

  test("the height of a piece layer is only defined for v2 piece lengths", () => {
    assert.equal(pieceLayerHeight(BLOCK), 0);
    assert.equal(pieceLayerHeight(1024 * 1024), 6);
    for (const length of [0, 1024, 8192, 3 * BLOCK, Number.NaN]) {
      assert.throws(() => pieceLayerHeight(length), RangeError);
    }
  });

  test("powers of two", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 2 ** 40 + 1].map(nextPowerOfTwo), [
      1,
      1,
      2,
      4,
      4,
      8,
      2 ** 41,
    ]);
    assert.deepEqual([0, 1, 2, 3, 0.5, -2, 2 ** 50].map(isPowerOfTwo), [
      false,
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});

describe("proofs", () => {
  test("BEP 52: the proof of a file's last block verifies", () => {
    for (const { leaves, piecesRoot, lastBlockProof } of vectors.files) {
      const layer = fromHex(leaves);
      const span = { height: 0, index: leaves.length - 1, count: 1 };
      assert.equal(hex(uncleHashes(layer, span)), lastBlockProof.join(""));
      const width = nextPowerOfTwo(leaves.length);
      verifyProof(
        fromHex([piecesRoot]),
        width,
        span,
        layer.subarray(layer.length - 32),
        fromHex(lastBlockProof),
      );
    }
  });

  const scenario = fc
    .record({
      count: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 0, max: 5 }),
      size: fc.integer({ min: 0, max: 6 }),
      place: fc.nat(),
    })
    .map(({ count, height, size, place }) => {
      const layer = makeLayer(count);
      const width = nextPowerOfTwo(count);
      const spanCount = Math.min(2 ** size, width);
      const index = (place % Math.ceil(count / spanCount)) * spanCount;
      const hashes = layer.subarray(index * 32, (index + spanCount) * 32);
      return { layer, width, hashes, height, span: { height, index, count: spanCount } };
    });

  test("every span's uncles prove it, and nothing else", () => {
    fc.assert(
      fc.property(scenario, fc.nat(), ({ layer, width, hashes, height, span }, place) => {
        const root = merkleRoot(layer, undefined, height);
        const uncles = uncleHashes(layer, span);
        assert.equal(uncles.length / 32, Math.log2(width / span.count));
        verifyProof(root, width, span, hashes, uncles);

        const forged = Uint8Array.from(hashes);
        forged[place % forged.length]! ^= 1;
        assert.throws(() => verifyProof(root, width, span, forged, uncles), {
          code: "root-mismatch",
        });
        if (uncles.length > 0) {
          const bent = Uint8Array.from(uncles);
          bent[place % bent.length]! ^= 1;
          assert.throws(() => verifyProof(root, width, span, hashes, bent), {
            code: "root-mismatch",
          });
        }
      }),
    );
  });

  test("an inner node does not pass for a leaf: the proof's length is fixed by the width", () => {
    const layer = makeLayer(8);
    const parents = foldLayer(layer, 0);
    const parentSpan = { height: 1, index: 0, count: 1 };
    const uncles = uncleHashes(parents, parentSpan);
    const asLeaf = { height: 0, index: 0, count: 1 };
    assert.throws(
      () => verifyProof(merkleRoot(layer), 8, asLeaf, parents.subarray(0, 32), uncles),
      (error) => error instanceof MerkleError && error.code === "bad-length",
    );
  });

  test("too many, too few and broken hashes are refused", () => {
    const layer = makeLayer(8);
    const root = merkleRoot(layer);
    const span = { height: 0, index: 4, count: 2 };
    const uncles = uncleHashes(layer, span);
    for (const length of [0, 31, 96]) {
      assert.throws(() => verifyProof(root, 8, span, layer.subarray(0, length), uncles), {
        code: "bad-length",
      });
    }
    for (const length of [0, 63, 96]) {
      assert.throws(
        () => verifyProof(root, 8, span, layer.subarray(128, 192), new Uint8Array(length)),
        { code: "bad-length" },
      );
    }
  });

  test("a span that is not aligned, or lies outside, is the caller's error", () => {
    const layer = makeLayer(8);
    for (const [index, count] of [
      [1, 2],
      [0, 3],
      [-2, 2],
      [8, 8],
      [0, 16],
    ] as const) {
      assert.throws(() => uncleHashes(layer, { height: 0, index, count }), RangeError);
      assert.throws(
        () => verifyProof(layer, 8, { height: 0, index, count }, layer, layer),
        RangeError,
      );
    }
  });
});
