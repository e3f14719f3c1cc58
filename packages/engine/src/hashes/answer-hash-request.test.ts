import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  hashCount,
  infoHashHex,
  pieceLayerHeight,
  uncleHashes,
  type HashRange,
} from "@shoal/protocol";
import { createTestTorrent } from "./test-torrent.ts";

test("BEP 52: serves the first uncles when fewer proof layers are asked for", () => {
  const { metainfo, pieceLayers, answer } = createTestTorrent([8 * 37], 8);
  const piecesRoot = metainfo.files[0]!.piecesRoot!;
  const layer = pieceLayers.get(infoHashHex(piecesRoot))!;
  const height = pieceLayerHeight(metainfo.pieceLengthBytes);
  for (const [index, count] of [
    [0, 2],
    [32, 4],
    [32, 32],
    [36, 1],
    [0, 64],
  ] as const) {
    const uncles = uncleHashes(layer, { height, index, count });
    for (let proofLayers = 0; proofLayers < 6; proofLayers++) {
      const reply = answer({ piecesRoot, baseLayer: height, index, count, proofLayers });
      const { hashes } = reply as { hashes: Uint8Array };
      const uncleCount = Math.max(0, proofLayers + 1 - Math.log2(count));
      assert.equal(hashCount(hashes), count + uncleCount);
      assert.deepEqual(
        Buffer.from(hashes.subarray(count * 32)),
        Buffer.from(uncles.subarray(0, uncleCount * 32)),
      );
    }
  }
  const { hashes } = answer({
    piecesRoot,
    baseLayer: height,
    index: 32,
    count: 5,
    proofLayers: 0,
  }) as { hashes: Uint8Array };
  assert.deepEqual(Buffer.from(hashes), Buffer.from(layer.subarray(32 * 32)), "cut at the end");
});

test("BEP 52: rejects what is unknown, out of bounds, unaligned, too much or not there", () => {
  const { metainfo, answer } = createTestTorrent([8 * 40, 3, 1], 8);
  const piecesRoot = metainfo.files[0]!.piecesRoot!;
  const good: HashRange = { piecesRoot, baseLayer: 3, index: 8, count: 8, proofLayers: 5 };
  assert.equal(answer(good).type, "hashes");
  const bad: Partial<HashRange>[] = [
    { piecesRoot: Buffer.alloc(32) },
    { baseLayer: 1 },
    { baseLayer: 4 },
    { baseLayer: 0xffffffff },
    { index: 40 },
    { index: 0xfffffff8 },
    { index: 4 },
    { count: 0 },
    { count: 3 },
    { index: 0, count: 128 },
    { index: 0, count: 16_384 },
    { count: 0xffffffff },
    { proofLayers: 6 },
    { proofLayers: 0xffffffff },
    { baseLayer: 0, index: 320 },
    { baseLayer: 0, index: 0, count: 16 },
    { baseLayer: 0, index: 0xfffffff8 },
    { baseLayer: 0, proofLayers: 9 },
    { piecesRoot: metainfo.files[1]!.piecesRoot!, baseLayer: 3, index: 0, count: 1 },
    { piecesRoot: metainfo.files[2]!.piecesRoot!, baseLayer: 0, index: 0, count: 1 },
  ];
  for (const change of bad) {
    assert.equal(answer({ ...good, ...change }).type, "reject", JSON.stringify(change));
  }
  const leaves = { ...good, baseLayer: 0, proofLayers: 8 };
  assert.equal(answer(leaves).type, "hashes");
  assert.equal(answer(leaves, (piece) => piece !== 1).type, "reject");
});

test("a request for anything at all is answered with hashes or a reject", () => {
  const { metainfo, answer } = createTestTorrent([8 * 5, 3, 1], 8);
  const small = fc.oneof(fc.nat({ max: 70 }), fc.nat({ max: 0xffffffff }));
  const property = fc.property(
    fc.nat({ max: 2 }),
    fc.nat({ max: 4 }),
    small,
    small,
    small,
    (file, baseLayer, index, count, proofLayers) => {
      const piecesRoot = metainfo.files[file]!.piecesRoot!;
      const reply = answer({ piecesRoot, baseLayer, index, count, proofLayers });
      if (reply.type === "hashes") assert.ok(hashCount(reply.hashes) >= count);
      else assert.equal(reply.type, "reject");
    },
  );
  fc.assert(property, { numRuns: 2000 });
});
