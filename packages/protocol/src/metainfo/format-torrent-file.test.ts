import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import { formatTorrentFile } from "./format-torrent-file.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";
import { pieceToHash, planCreation } from "./plan-creation.ts";
import { createTorrentBuilder } from "./torrent-builder.ts";

function build(version: "v1" | "v2" | "hybrid"): Uint8Array {
  const files = [
    { path: ["a"], lengthBytes: 5 * BLOCK_LENGTH_BYTES },
    { path: ["b", "c"], lengthBytes: 7 },
  ];
  const plan = planCreation(files, { name: "x", version, pieceLengthBytes: BLOCK_LENGTH_BYTES });
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const { sha1LengthBytes, leavesLengthBytes } = pieceToHash(plan, piece);
    builder.addPiece(piece, {
      ...(sha1LengthBytes === null ? {} : { sha1: new Uint8Array(20).fill(piece) }),
      ...(leavesLengthBytes === null ? {} : { leaves: new Uint8Array(32).fill(piece) }),
    });
  }
  return builder.build({
    trackers: [["http://a/announce", "http://b/announce"], ["udp://c:1"]],
    webSeeds: ["http://d/"],
    comment: "hello",
    createdBy: "Shoal",
    createdAtS: 1_700_000_000,
    nodes: [{ host: "e", port: 1 }],
    isPrivate: true,
  });
}

suite("torrent files", () => {
  for (const version of ["v1", "v2", "hybrid"] as const) {
    test(`of ${version}: what was read is written the same`, () => {
      const bytes = build(version);
      assert.deepEqual(Buffer.from(formatTorrentFile(parseMetainfo(bytes))), Buffer.from(bytes));
    });
  }

  test("BEP 9: metadata that came from peers makes a torrent file of the same infohash", () => {
    const { infoBytes, pieceLayers, v1, v2 } = parseMetainfo(build("hybrid"));
    const fetched = parseInfo(infoBytes, { trackers: [], webSeeds: [], pieceLayers });
    const again = parseMetainfo(formatTorrentFile(fetched));
    assert.deepEqual([again.v1?.infoHash, again.v2?.infoHash], [v1?.infoHash, v2?.infoHash]);
  });
});
