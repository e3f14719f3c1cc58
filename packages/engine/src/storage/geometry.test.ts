import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BLOCK_LENGTH_BYTES, describePiece } from "@shoal/protocol";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { createGeometry, type Geometry } from "./geometry.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

function geometryOf(
  version: "v1" | "v2" | "hybrid",
  fileLengths: readonly number[],
  pieceLengthBytes = 32 * KIB,
): Geometry {
  return createGeometry(sampleTorrent({ version, pieceLengthBytes, fileLengths }).metainfo);
}

function blocksOf(geometry: Geometry, piece: number): number[] {
  return Array.from({ length: geometry.blocksIn(piece) }, (_, block) =>
    geometry.blockLength(piece, block),
  );
}

describe("the geometry of pieces", () => {
  it("v1: files join, and only the last piece is short", () => {
    const geometry = geometryOf("v1", [40 * KIB, 40 * KIB, 5]);
    assert.equal(geometry.pieceCount, 3);
    assert.deepEqual(
      [0, 1, 2].map((piece) => geometry.lengthOf(piece)),
      [32 * KIB, 32 * KIB, 16 * KIB + 5],
    );
    assert.deepEqual(blocksOf(geometry, 1), [BLOCK, BLOCK]);
    assert.deepEqual(blocksOf(geometry, 2), [BLOCK, 5]);
  });

  it("v2: each file ends its piece; what lies behind it is neither hashed nor asked for", () => {
    const geometry = geometryOf("v2", [40 * KIB, 20 * KIB, 5]);
    assert.equal(geometry.pieceCount, 4);
    assert.deepEqual(
      [0, 1, 2, 3].map((piece) => geometry.payloadOf(piece)),
      [32 * KIB, 8 * KIB, 20 * KIB, 5],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((piece) => geometry.lengthOf(piece)),
      [32 * KIB, 8 * KIB, 20 * KIB, 5],
    );
    assert.equal(geometry.spaceOf(1), 32 * KIB);
    assert.deepEqual(blocksOf(geometry, 1), [8 * KIB]);
    assert.deepEqual(blocksOf(geometry, 2), [BLOCK, 4 * KIB]);
  });

  it("BEP 47, hybrid: padding is hashed, and not asked for", () => {
    const geometry = geometryOf("hybrid", [40 * KIB, 20 * KIB, 5]);
    assert.deepEqual(
      [0, 1, 2, 3].map((piece) => geometry.payloadOf(piece)),
      [32 * KIB, 8 * KIB, 20 * KIB, 5],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((piece) => geometry.lengthOf(piece)),
      [32 * KIB, 32 * KIB, 32 * KIB, 32 * KIB],
    );
    assert.deepEqual(blocksOf(geometry, 1), [8 * KIB]);
  });

  it("empty files take no room", () => {
    const geometry = geometryOf("v1", [0, 10, 0, 10, 0]);
    assert.equal(geometry.pieceCount, 1);
    assert.deepEqual(blocksOf(geometry, 0), [20]);
  });

  it("a file that ends where its piece ends shortens nothing", () => {
    const geometry = geometryOf("hybrid", [64 * KIB, 32 * KIB]);
    assert.deepEqual(
      [0, 1, 2].map((piece) => blocksOf(geometry, piece)),
      [0, 1, 2].map(() => [BLOCK, BLOCK]),
    );
  });

  for (const version of ["v1", "v2", "hybrid"] as const) {
    it(`${version}: blocks cover every file once and nothing else, and pieces are as they are hashed`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 100 * KIB }), { minLength: 1, maxLength: 6 }),
          (fileLengths) => {
            fc.pre(fileLengths.some((length) => length > 0));
            const { metainfo } = sampleTorrent({
              version,
              pieceLengthBytes: 32 * KIB,
              fileLengths,
            });
            const geometry = createGeometry(metainfo);
            let payload = 0;
            for (let piece = 0; piece < geometry.pieceCount; piece++) {
              const blocks = blocksOf(geometry, piece);
              assert.ok(blocks.every((length) => length > 0 && length <= BLOCK_LENGTH_BYTES));
              assert.ok(blocks.slice(0, -1).every((length) => length === BLOCK_LENGTH_BYTES));
              assert.equal(
                blocks.reduce((sum, length) => sum + length, 0),
                geometry.payloadOf(piece),
              );
              assert.equal(geometry.lengthOf(piece), describePiece(metainfo, piece).lengthBytes);
              payload += geometry.payloadOf(piece);
            }
            assert.equal(payload, metainfo.lengthBytes);
          },
        ),
        { numRuns: 25 },
      );
    });
  }
});
