import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { describePiece, infoHashHex, needsPieceLayer, type Metainfo } from "@shoal/protocol";
import { createHashPicker, type HashPicker } from "./hash-picker.ts";
import { createTestTorrent } from "./test-torrent.ts";

const ALL = { has: () => true };

function createPicker(metainfo: Metainfo) {
  const layers = new Map<number, Uint8Array>();
  const leaves = new Map<number, Uint8Array>();
  const picker = createHashPicker({
    metainfo,
    onLayer: (fileIndex, layer) => layers.set(fileIndex, layer),
    onLeaves: (piece, some) => leaves.set(piece, some),
  });
  return { picker, layers, leaves };
}

/** Lets one honest seed answer until it is asked for nothing more. */
function serve(
  picker: HashPicker,
  torrent: ReturnType<typeof createTestTorrent>,
  peer: object,
): number {
  let requests = 0;
  for (;;) {
    const ranges = picker.pick(peer, ALL, 0);
    if (ranges.length === 0) return requests;
    requests += ranges.length;
    for (const range of ranges) {
      const reply = torrent.answer(range);
      assert.equal(reply.type, "hashes");
      const { hashes } = reply as { hashes: Uint8Array };
      assert.equal(picker.received(peer, range, hashes), "accepted");
      assert.equal(picker.received(peer, range, hashes), "unrequested");
    }
  }
}

test("BEP 52: gets every layer and any piece's leaves from an honest peer", () => {
  const property = fc.property(
    fc.array(fc.integer({ min: 1, max: 1400 }), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(1, 2, 8, 1024),
    fc.nat(),
    (blockCounts, blocksPerPiece, anyPiece) => {
      const torrent = createTestTorrent(blockCounts, blocksPerPiece);
      const { metainfo, pieceLayers } = torrent;
      const { picker, layers, leaves } = createPicker(metainfo);
      serve(picker, torrent, {});
      assert.ok(picker.isComplete);
      for (const [index, file] of metainfo.files.entries()) {
        const expected = pieceLayers.get(infoHashHex(file.piecesRoot!));
        if (needsPieceLayer(file, metainfo.pieceLengthBytes)) {
          assert.deepEqual(Buffer.from(layers.get(index)!), Buffer.from(expected!));
        } else assert.ok(!layers.has(index));
      }
      const piece = anyPiece % metainfo.pieceCount;
      const tree = describePiece(metainfo, piece, pieceLayers).merkle!;
      picker.requestLeaves(piece, tree);
      picker.requestLeaves(piece, tree);
      serve(picker, torrent, {});
      if (tree.leafCount === 1) assert.equal(leaves.size, 0);
      else {
        assert.deepEqual(
          Buffer.from(leaves.get(piece)!),
          Buffer.from(torrent.leavesOfPiece(piece)),
        );
      }
    },
  );
  fc.assert(property, { numRuns: 20 });
});

test("BEP 52: asks for 512 hashes at most, aligned, with the proof up to the root", () => {
  const { metainfo } = createTestTorrent([1300], 1);
  const { picker } = createPicker(metainfo);
  const ranges = picker
    .pick({}, ALL, 0)
    .map(({ baseLayer, index, count, proofLayers }) => [baseLayer, index, count, proofLayers]);
  assert.deepEqual(ranges, [
    [0, 0, 512, 10],
    [0, 512, 512, 10],
    [0, 1024, 512, 10],
  ]);
});

test("files alike are asked for once and told each", () => {
  const torrent = createTestTorrent([20, 20, 30], 2);
  const { picker, layers } = createPicker(torrent.metainfo);
  assert.equal(serve(picker, torrent, {}), 2);
  assert.deepEqual(
    [...layers.keys()].toSorted((a, b) => a - b),
    [0, 1, 2],
  );
});

test("layers that the torrent file brought are not asked for", () => {
  const { metainfo, pieceLayers } = createTestTorrent([20, 20], 2);
  const { picker } = createPicker({ ...metainfo, pieceLayers });
  assert.ok(picker.isComplete);
  assert.equal(picker.pick({}, ALL, 0).length, 0);
});

test("one changed bit, a missing or a further hash shows a liar, who is not asked again", () => {
  const torrent = createTestTorrent([1000], 1);
  const lies: ((honest: Buffer) => Uint8Array)[] = [
    (honest) => honest.fill(honest[0]! ^ 1, 0, 1),
    (honest) => honest.fill(honest.at(-1)! ^ 0x80, honest.length - 1),
    (honest) => honest.subarray(32),
    (honest) => Buffer.concat([honest, honest.subarray(0, 32)]),
    (honest) => honest.subarray(1),
    () => Buffer.alloc(0),
  ];
  for (const lie of lies) {
    const { picker } = createPicker(torrent.metainfo);
    const [liar, honest] = [{}, {}];
    const [range] = picker.pick(liar, ALL, 0);
    const reply = torrent.answer(range!) as { hashes: Uint8Array };
    assert.equal(picker.received(liar, range!, lie(Buffer.from(reply.hashes))), "bad");
    assert.equal(picker.pick(liar, ALL, 1e9).length, 0);
    assert.equal(serve(picker, torrent, honest), 2, "others are asked for what the liar was");
    assert.ok(picker.isComplete);
  }
});

test("asks only peers that have one of the pieces", () => {
  const { metainfo } = createTestTorrent([600, 600], 1);
  const { picker } = createPicker(metainfo);
  assert.equal(picker.pick({}, { has: () => false }, 0).length, 0);
  const [range] = picker.pick({}, { has: (piece) => piece === 599 }, 0);
  assert.equal(range!.index, 512);
  assert.equal(range!.count, 128);
});

test("a silent peer is passed over after ten seconds, and a late answer still counts", () => {
  const torrent = createTestTorrent([100], 1);
  const { picker } = createPicker(torrent.metainfo);
  const [silent, other] = [{}, {}];
  const [range] = picker.pick(silent, ALL, 0);
  assert.equal(picker.pick(other, ALL, 9_999).length, 0);
  assert.equal(picker.pick(silent, ALL, 10_000).length, 0, "not the same again");
  assert.deepEqual(picker.pick(other, ALL, 10_000), [range]);
  const { hashes } = torrent.answer(range!) as { hashes: Uint8Array };
  assert.equal(picker.received({}, range!, hashes), "unrequested");
  assert.equal(picker.received(silent, range!, hashes), "accepted");
  assert.equal(picker.received(other, range!, hashes), "unrequested");
});

test("a rejected request goes to another peer at once, to the same one after a minute", () => {
  const { metainfo } = createTestTorrent([100], 1);
  const { picker } = createPicker(metainfo);
  const [first, second] = [{}, {}];
  const [range] = picker.pick(first, ALL, 0);
  picker.rejected(first, range!);
  assert.equal(picker.pick(first, ALL, 59_999).length, 0);
  assert.equal(picker.pick(second, ALL, 0).length, 1);
  picker.removePeer(second);
  assert.equal(picker.pick(first, ALL, 60_000).length, 1);
});
