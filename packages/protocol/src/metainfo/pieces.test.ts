import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { encodeBencode } from "../bencode/encode-bencode.ts";
import { toHex } from "../bytes/hex.ts";
import { hashBlock } from "../merkle/hash.ts";
import { merkleRoot } from "../merkle/merkle-tree.ts";
import type { Metainfo } from "./metainfo.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";
import { describePiece, filesOfPiece, fileSpans, pieceLengthAt, piecesOfFile } from "./pieces.ts";

const K16 = 16 * 1024;

function load(name: string): Metainfo {
  const vector = vectors.torrents.find((torrent) => torrent.name === name);
  return parseMetainfo(Buffer.from(vector!.torrent, "base64"));
}

/** The linear space that the vectors' files fill. */
function makeSpace({ spaceBytes, files }: Metainfo): Uint8Array {
  const space = new Uint8Array(spaceBytes);
  for (const { offsetBytes, lengthBytes } of files) {
    for (let i = 0; i < lengthBytes; i += 1) space[offsetBytes + i] = (i * 7 + 3) % 251;
  }
  return space;
}

describe("describePiece", () => {
  for (const { name } of vectors.torrents) {
    test(`${name}: every piece of the content passes the check that it describes`, () => {
      const metainfo = load(name);
      const space = makeSpace(metainfo);
      for (let piece = 0; piece < metainfo.pieceCount; piece += 1) {
        const { offsetBytes, lengthBytes, sha1, merkle, fileIndex } = describePiece(
          metainfo,
          piece,
        );
        assert.equal(offsetBytes, piece * metainfo.pieceLengthBytes);
        assert.equal(lengthBytes, pieceLengthAt(metainfo, piece));
        assert.equal(sha1 !== null, metainfo.v1 !== null);
        assert.equal(merkle !== null, metainfo.v2 !== null);
        assert.equal(fileIndex !== null, metainfo.v2 !== null);
        if (sha1) {
          const content = space.subarray(offsetBytes, offsetBytes + lengthBytes);
          assert.equal(toHex(sha1), hash("sha1", content, "hex"));
        }
        if (merkle) {
          const end = offsetBytes + merkle.lengthBytes;
          const leaves: Uint8Array[] = [];
          for (let at = offsetBytes; at < end; at += K16) {
            leaves.push(hashBlock(space.subarray(at, Math.min(at + K16, end))));
          }
          const root = merkleRoot(Buffer.concat(leaves), merkle.leafCount);
          assert.equal(toHex(merkle.root), toHex(root), `piece ${piece}`);
        }
      }
    });
  }

  test("BEP 52: there is no tree while the piece layer is unknown, unless the file is one piece", () => {
    const whole = load("v2, folder");
    const bare = parseInfo(whole.infoBytes);
    const known = (layers?: ReadonlyMap<string, Uint8Array>) =>
      Array.from({ length: bare.pieceCount }, (_, piece) =>
        describePiece(bare, piece, layers).merkle ? 1 : 0,
      ).join("");
    // a.txt | long.bin, 7 pieces | c.bin, one piece | d.bin, 2 pieces
    assert.equal(known(), "10000000100");
    assert.equal(known(whole.pieceLayers), "11111111111");
  });

  test("BEP 52: a short last piece of a long file keeps the width of a whole piece", () => {
    const metainfo = load("v2, one file of five pieces");
    const { merkle } = describePiece(metainfo, 4);
    assert.deepEqual([merkle?.lengthBytes, merkle?.leafCount], [44 * 1024, 4]);
  });

  test("BEP 52: a file shorter than a piece is as wide as its blocks need", () => {
    const { merkle, lengthBytes } = describePiece(
      load("v2, one file shorter than a piece, of three blocks"),
      0,
    );
    assert.deepEqual([merkle?.lengthBytes, merkle?.leafCount, lengthBytes], [40960, 4, 40960]);
  });

  test("a piece that is not there is refused", () => {
    const metainfo = load("v1, folder");
    for (const piece of [-1, metainfo.pieceCount, 0.5, Number.NaN]) {
      assert.throws(() => describePiece(metainfo, piece), RangeError);
      assert.throws(() => pieceLengthAt(metainfo, piece), RangeError);
    }
  });
});

describe("pieceLengthAt", () => {
  test("BEP 52: in a v2-only torrent the last piece of each file ends with the file", () => {
    const metainfo = load("v2, folder");
    const lengths = Array.from({ length: 11 }, (_, piece) => pieceLengthAt(metainfo, piece));
    assert.deepEqual(lengths, [
      100,
      ...Array<number>(6).fill(32768),
      204805 - 6 * 32768,
      32768,
      32768,
      8192,
    ]);
  });

  test("BEP 3: in a v1 or hybrid torrent all pieces but the last are whole", () => {
    const v1 = load("v1, folder");
    assert.equal(pieceLengthAt(v1, 0), 32768);
    assert.equal(pieceLengthAt(v1, v1.pieceCount - 1), v1.spaceBytes % 32768);
    assert.equal(pieceLengthAt(load("hybrid, folder"), 0), 32768);
  });
});

describe("fileSpans", () => {
  test("leaves out padding and empty files, and keeps the order", () => {
    const metainfo = load("hybrid, folder");
    assert.deepEqual(fileSpans(metainfo, 50, 40_000), [
      { fileIndex: 0, fileOffsetBytes: 50, offsetBytes: 50, lengthBytes: 50 },
      { fileIndex: 2, fileOffsetBytes: 0, offsetBytes: 32768, lengthBytes: 40_050 - 32768 },
    ]);
    assert.deepEqual(fileSpans(metainfo, 100, 32668), []);
    assert.deepEqual(fileSpans(metainfo, 0, 0), []);
  });

  test("the spans of all pieces cover every file once", () => {
    for (const { name } of vectors.torrents) {
      const metainfo = load(name);
      const covered = metainfo.files.map(() => 0);
      for (let piece = 0; piece < metainfo.pieceCount; piece += 1) {
        for (const span of filesOfPiece(metainfo, piece)) {
          assert.equal(span.fileOffsetBytes, covered[span.fileIndex]);
          covered[span.fileIndex]! += span.lengthBytes;
        }
      }
      assert.deepEqual(
        covered,
        metainfo.files.map(({ lengthBytes }) => lengthBytes),
      );
    }
  });

  test("a range outside the space is refused", () => {
    const metainfo = load("v1, folder");
    for (const [offset, length] of [
      [-1, 5],
      [0, metainfo.spaceBytes + 1],
      [5, -1],
      [Number.NaN, 1],
    ] as const) {
      assert.throws(() => fileSpans(metainfo, offset, length), RangeError);
    }
  });
});

describe("piecesOfFile", () => {
  test("gives the pieces that a file shares in, none for an empty one", () => {
    const v1 = load("v1, folder");
    assert.deepEqual(
      v1.files.map((_, index) => piecesOfFile(v1, index)),
      [
        { first: 0, end: 1 },
        { first: 0, end: 0 },
        { first: 0, end: 7 },
        { first: 6, end: 8 },
        { first: 7, end: 9 },
      ],
    );
    assert.throws(() => piecesOfFile(v1, 5), RangeError);
  });

  test("a space that ends with pad files has pieces of no file", () => {
    const info = {
      files: [
        { length: 5, path: ["a"] },
        { attr: "p", length: 2 * K16 },
      ],
      name: "x",
      "piece length": K16,
      pieces: new Uint8Array(60),
    };
    const metainfo = parseInfo(encodeBencode(info));
    assert.deepEqual(filesOfPiece(metainfo, 1), []);
    assert.equal(describePiece(metainfo, 1).lengthBytes, K16);
    assert.deepEqual(piecesOfFile(metainfo, 0), { first: 0, end: 1 });
  });
});
