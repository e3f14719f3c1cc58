import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PeerWireError } from "../errors.ts";
import { Bitfield } from "./bitfield.ts";

/** A torrent's length, and some of its pieces. */
const lengthAndPieces = fc
  .integer({ min: 1, max: 200 })
  .chain((length) => fc.tuple(fc.constant(length), fc.uniqueArray(fc.nat(length - 1))));

function bitfieldOf(length: number, pieces: Iterable<number>): Bitfield {
  const bitfield = new Bitfield(length);
  for (const piece of pieces) bitfield.set(piece);
  return bitfield;
}

describe("Bitfield", () => {
  it("BEP 3: puts piece 0 in the highest bit of the first byte", () => {
    assert.deepEqual([...bitfieldOf(10, [0, 7, 8]).bytes], [0x81, 0x80]);
  });

  it("answers as a set of pieces does", () => {
    fc.assert(
      fc.property(lengthAndPieces, ([length, pieces]) => {
        const bitfield = bitfieldOf(length, pieces);
        const sorted = pieces.toSorted((a, b) => a - b);
        assert.equal(bitfield.count, pieces.length);
        assert.deepEqual([...bitfield], sorted);
        const visited: number[] = [];
        bitfield.forEach((piece) => visited.push(piece));
        assert.deepEqual(visited, sorted);
        for (let piece = 0; piece < length + 40; piece++) {
          assert.equal(bitfield.has(piece), pieces.includes(piece));
          assert.equal(bitfield.next(piece), sorted.find((found) => found >= piece) ?? -1);
        }
        const copy = Bitfield.fromBytes(bitfield.bytes, length);
        assert.deepEqual([...copy], sorted);
        assert.equal(copy.count, bitfield.count);
        for (const piece of pieces) assert.equal(copy.clear(piece), true);
        assert.equal(copy.isEmpty, true);
        assert.ok(copy.bytes.every((byte) => byte === 0));
        assert.equal(bitfield.count, pieces.length, "a copy shares no memory");
      }),
    );
  });

  it("says whether a change changed anything", () => {
    const bitfield = new Bitfield(9);
    assert.equal(bitfield.set(8), true);
    assert.equal(bitfield.set(8), false);
    assert.equal(bitfield.count, 1);
    assert.equal(bitfield.clear(8), true);
    assert.equal(bitfield.clear(8), false);
    assert.equal(bitfield.count, 0);
  });

  it("is full when every piece is set, with the spare bits zero", () => {
    for (const length of [0, 1, 7, 8, 9, 31, 32, 33, 100]) {
      const all = new Bitfield(length);
      all.setAll();
      assert.equal(all.isFull, true);
      assert.equal(all.count, length);
      assert.deepEqual([...all.bytes], [...bitfieldOf(length, Array(length).keys()).bytes]);
      assert.equal(Bitfield.fromBytes(all.bytes, length).isFull, true);
    }
  });

  it("knows whether it has a piece that another lacks", () => {
    fc.assert(
      fc.property(
        lengthAndPieces.chain(([length, pieces]) =>
          fc.tuple(fc.constant([length, pieces] as const), fc.uniqueArray(fc.nat(length - 1))),
        ),
        ([[length, pieces], others]) => {
          assert.equal(
            bitfieldOf(length, pieces).hasAnyMissingFrom(bitfieldOf(length, others)),
            pieces.some((piece) => !others.includes(piece)),
          );
        },
      ),
    );
    assert.throws(() => new Bitfield(8).hasAnyMissingFrom(new Bitfield(9)), RangeError);
  });

  it("BEP 3: refuses spare bits that are set and a wrong number of bytes", () => {
    const refused = (bytes: number[], length: number): void =>
      assert.throws(
        () => Bitfield.fromBytes(Uint8Array.from(bytes), length),
        (error) => error instanceof PeerWireError && error.code === "bad-bitfield",
      );
    refused([0xff], 7);
    refused([0xff, 0x81], 15);
    refused([0xff], 9);
    refused([0xff, 0, 0], 9);
    refused([], 1);
    assert.equal(Bitfield.fromBytes(Uint8Array.of(0xfe), 7).isFull, true);
  });

  it("refuses a piece that is not there and a length that is none", () => {
    for (const piece of [-1, 9, 1.5, Number.NaN]) {
      assert.throws(() => new Bitfield(9).set(piece), RangeError);
      assert.throws(() => new Bitfield(9).clear(piece), RangeError);
    }
    assert.throws(() => new Bitfield(-1), RangeError);
    assert.throws(() => new Bitfield(0.5), RangeError);
  });

  it("reads a bitfield that lies in shared memory at an odd offset", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8), 3, 2);
    shared.set([0x80, 0x40]);
    assert.deepEqual([...Bitfield.fromBytes(shared, 16)], [0, 9]);
  });

  it("holds the 2,097,152 pieces that a torrent may have", () => {
    const length = 2_097_152;
    const bitfield = bitfieldOf(length, [0, 1_000_000, length - 1]);
    assert.deepEqual([...bitfield], [0, 1_000_000, length - 1]);
    const others = new Bitfield(length);
    others.setAll();
    others.clear(length - 1);
    assert.equal(bitfield.hasAnyMissingFrom(others), true);
    others.set(length - 1);
    assert.equal(bitfield.hasAnyMissingFrom(others), false);
  });
});
