import { test } from "node:test";
import fc from "fast-check";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { type Bencodable, encodeBencode } from "../bencode/encode-bencode.ts";
import { ProtocolError } from "../errors.ts";
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

test("info dictionaries of sound and odd fields in any mixture are read or refused", (t) => {
  const K16 = 16 * 1024;
  const odd = fc.constantFrom<Bencodable[]>(
    0,
    -1,
    2 ** 53 - 1,
    2n ** 63n,
    "",
    "..",
    [],
    {},
    [[]],
    [0],
  );
  const mostly = (sound: fc.Arbitrary<Bencodable>) =>
    fc.oneof({ arbitrary: sound, weight: 9 }, odd);
  const length = mostly(fc.constantFrom(0, 1, K16, K16 + 1));
  const name = fc.constantFrom("a", "b", "..", "A");
  const path = mostly(fc.array(name, { minLength: 1, maxLength: 2 }));
  const attr = mostly(fc.constantFrom("", "x", "h", "l", "p"));
  const file = fc.record(
    { length, path, attr, "symlink path": path },
    { requiredKeys: ["length", "path"], noNullPrototype: true },
  );
  const root = fc.constantFrom("r".repeat(32), "");
  const properties = fc.record(
    { length, "pieces root": root, attr, "symlink path": path },
    { requiredKeys: ["length", "pieces root"], noNullPrototype: true },
  );
  const { tree } = fc.letrec<{ tree: Bencodable }>((tie) => ({
    tree: fc.dictionary(
      fc.constantFrom("a", "b", ".."),
      fc.oneof({ maxDepth: 2 }, mostly(properties.map((leaf) => ({ "": leaf }))), tie("tree")),
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    ),
  }));
  const info = fc.record(
    {
      name: mostly(name),
      "piece length": mostly(fc.constantFrom(K16, 2 * K16)),
      pieces: mostly(fc.integer({ min: 1, max: 4 }).map((count) => new Uint8Array(20 * count))),
      length,
      files: mostly(fc.array(file, { minLength: 1, maxLength: 4 })),
      "file tree": mostly(tree),
      "meta version": mostly(fc.constantFrom(1, 2)),
    },
    { requiredKeys: ["name", "piece length"], noNullPrototype: true },
  );
  let accepted = 0;
  fc.assert(
    fc.property(info, (fields) => {
      try {
        walk(parseInfo(encodeBencode(fields)));
        accepted += 1;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  t.diagnostic(`${accepted} of 2000 were accepted`);
});
