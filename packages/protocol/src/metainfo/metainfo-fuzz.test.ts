import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { testDecoder } from "../fuzz/test-decoder.ts";
import { parseMagnet } from "./magnet.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";
import { describePiece, filesOfPiece, piecesOfFile } from "./pieces.ts";
import type { Metainfo } from "./metainfo.ts";

const torrents = vectors.torrents.map(({ torrent }) => Buffer.from(torrent, "base64"));
const tokens = [
  "6:lengthi0e",
  "6:lengthi9007199254740991e",
  "12:piece lengthi16384e",
  "12:meta versioni2e",
  "4:attr1:l",
  "4:attr1:p",
  "2:..",
  "le",
  "de",
  "0:",
].map((text) => Buffer.from(text));

/** What was accepted can also be used: no piece or file of it makes a reader fail. */
function walk(metainfo: Metainfo): void {
  const step = Math.ceil(metainfo.pieceCount / 100);
  for (let piece = 0; piece < metainfo.pieceCount; piece += step) {
    describePiece(metainfo, piece);
    filesOfPiece(metainfo, piece);
  }
  for (const index of metainfo.files.keys()) piecesOfFile(metainfo, index);
}

testDecoder({
  name: "parseMetainfo",
  decode: (bytes) => walk(parseMetainfo(bytes)),
  corpus: torrents,
  tokens,
});
testDecoder({
  name: "parseInfo",
  decode: (bytes) => walk(parseInfo(bytes)),
  corpus: torrents.map((torrent) => parseMetainfo(torrent).infoBytes),
  tokens,
});
testDecoder({
  name: "parseMagnet",
  decode: (bytes) => parseMagnet(Buffer.from(bytes).toString("utf8")),
  corpus: [
    ...vectors.torrents.map(({ magnet }) => magnet),
    `magnet:?xt=urn:btih:${"A".repeat(32)}&x.pe=[::1]:5&x.pe=a:1&so=1,3-4&dn=a+b%20`,
  ].map((text) => Buffer.from(text)),
  tokens: ["&xt=urn:btih:", "&xt=urn:btmh:1220", "&so=", "&x.pe=", "%", "%00"].map((text) =>
    Buffer.from(text),
  ),
});
