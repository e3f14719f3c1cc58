import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, type HashRange } from "@shoal/protocol";
import type { TransferPeer } from "../torrent/transfer-peer.ts";
import { HashExchange } from "./hash-exchange.ts";
import { createTestTorrent } from "./test-torrent.ts";

test("limit: failed pieces whose leaves are awaited", () => {
  const torrent = createTestTorrent([140], 2);
  const judged: number[] = [];
  const exchange = new HashExchange({
    metainfo: torrent.metainfo,
    layers: new Map(torrent.pieceLayers),
    hasPiece: () => true,
    hashPiece: async () => undefined,
    onLayer: () => {},
    onJudged: (piece, { guilty }) => {
      assert.deepEqual([...guilty], ["10.6.6.6"]);
      judged.push(piece);
    },
  });
  for (let piece = 0; piece < 70; piece++) {
    const leaves = Uint8Array.from(torrent.leavesOfPiece(piece));
    leaves[0]! ^= 1;
    exchange.investigate(piece, leaves, ["10.6.6.6", "10.1.1.1"]);
  }
  const asked: HashRange[] = [];
  const peer = {
    have: { has: () => true },
    send(bytes: Uint8Array) {
      const message = decodeMessage(bytes[4]!, bytes.subarray(5));
      if (message.type === "hashRequest") asked.push(message);
    },
  } as unknown as TransferPeer;
  do {
    for (const range of asked.splice(0)) {
      const answer = torrent.answer(range);
      assert.ok(answer.type === "hashes");
      exchange.onHashes(peer, range, answer.hashes);
    }
    exchange.ask(peer, 0);
  } while (asked.length > 0);
  const latest = Array.from({ length: 64 }, (_, index) => 6 + index);
  assert.deepEqual(
    judged.toSorted((a, b) => a - b),
    latest,
  );
});
