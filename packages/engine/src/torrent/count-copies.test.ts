import assert from "node:assert/strict";
import { test } from "node:test";
import { Bitfield } from "@shoal/protocol";
import { createPiecePicker } from "../picker/piece-picker.ts";
import { createSeededRandom } from "../picker/test-random.ts";
import { countCopies } from "./count-copies.ts";

test("distributed copies: the rarest piece's, and the part of pieces that there are more of", () => {
  const picker = createPiecePicker({
    pieceCount: 8,
    blocksInPiece: () => 1,
    random: createSeededRandom(1),
  });
  const have = new Bitfield(8);
  const peers: { isSeed: boolean }[] = [];
  const copies = (): number => countCopies({ have, picker }, peers);
  assert.equal(copies(), 0);
  have.set(3);
  assert.equal(copies(), 1 / 8);
  const seed = { isSeed: true };
  peers.push(seed);
  picker.addPeer(seed, "all");
  assert.equal(copies(), 1 + 1 / 8);
  const half = { isSeed: false };
  peers.push(half);
  picker.addPeer(half, { has: (piece) => piece < 4 });
  assert.equal(copies(), 1 + 4 / 8);
});
