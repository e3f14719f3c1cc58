import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Bencodable, encodeBencode } from "../bencode/encode-bencode.ts";
import { toHex } from "../bytes/hex.ts";
import { BencodeError, MetainfoError } from "../errors.ts";
import { hashBlock } from "../merkle/hash.ts";
import { pieceLayerRoot } from "../merkle/merkle-tree.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";
import {
  type Info,
  K16,
  leaf,
  parse,
  refuses,
  root32,
  v1Info,
  v2Info,
} from "../testing/sample-info.ts";

describe("a torrent is refused when", () => {
  test("it is no bencode, or no dictionary with an info dictionary", () => {
    assert.throws(() => parseMetainfo(Buffer.from("<html>")), BencodeError);
    assert.throws(() => parseMetainfo(new Uint8Array(0)), BencodeError);
    for (const text of ["i1e", "le", "de", "d5:otheri1ee"]) {
      assert.throws(() => parseMetainfo(Buffer.from(text)), { code: "not-a-torrent" });
    }
    assert.throws(() => parseMetainfo(Buffer.from("d4:infoi1ee")), { code: "invalid-field" });
  });

  test("it is longer than 10 MB", () => {
    const bytes = encodeBencode({ info: v1Info, z: new Uint8Array(10 * 1024 * 1024) });
    assert.throws(() => parseMetainfo(bytes), { code: "too-long" });
  });

  test("its name, length or pieces are missing or of a wrong type", () => {
    for (const name of [undefined, 5]) refuses({ ...v1Info, name }, "invalid-field", "name");
    for (const length of [undefined, -1, "5", 2n ** 53n]) {
      refuses({ ...v1Info, length }, "invalid-field", "length");
    }
    for (const pieces of [undefined, 5]) refuses({ ...v1Info, pieces }, "invalid-field", "pieces");
  });

  test("its piece length is missing, not positive or beyond 512 MiB", () => {
    for (const length of [undefined, 0, -16_384, "x"]) {
      refuses({ ...v1Info, "piece length": length }, "invalid-field", "piece length");
    }
    refuses({ ...v1Info, "piece length": 2 ** 30 }, "too-large", "piece length");
  });

  test("pieces is not 20 bytes for each piece", () => {
    for (const count of [0, 19, 21, 40]) {
      refuses({ ...v1Info, pieces: "x".repeat(count) }, "piece-count-mismatch", "pieces");
    }
    refuses({ ...v1Info, length: K16 + 1 }, "piece-count-mismatch", "pieces");
  });

  test("it has more than 2,097,152 pieces", () => {
    refuses({ ...v1Info, length: 2_097_152 * K16 + 1 }, "too-large", "piece length");
    refuses({ ...v1Info, length: Number.MAX_SAFE_INTEGER }, "too-large", "piece length");
    const tree = { "a.txt": leaf(2_097_152 * K16 + 1) };
    refuses({ ...v2Info, "file tree": tree }, "too-large", "piece length");
  });

  test("all its files are empty", () => {
    refuses({ ...v1Info, length: 0, pieces: "" }, "no-content", "length");
    const tree = { "a.txt": { "": { length: 0 } } };
    refuses({ ...v2Info, "file tree": tree }, "no-content", "length");
  });

  test("its list of files is empty, no list, or holds what is no file", () => {
    for (const files of [[], 5, {}]) refuses({ ...v1Info, files }, "invalid-field", "files");
    const listed = (file: Bencodable) => ({ ...v1Info, files: [file] });
    refuses(listed(5), "invalid-field", "files[0]");
    refuses(listed({ path: ["a"] }), "invalid-field", "files[0].length");
    refuses(listed({ path: ["a"], length: -5 }), "invalid-field", "files[0].length");
    for (const path of [undefined, [], "a", ["a", 5]]) {
      const file: Info = { length: 5, path };
      refuses(listed(file), "invalid-field", "files[0].path");
    }
  });

  test("its lengths add up to more than 2^53 - 1", () => {
    const file = { length: Number.MAX_SAFE_INTEGER - 5, path: ["a"] };
    refuses({ ...v1Info, files: [file, file] }, "too-large", "files[1].length");
    const tree = { a: leaf(Number.MAX_SAFE_INTEGER - 5), b: leaf(1) };
    refuses({ ...v2Info, "file tree": tree }, "too-large", "file tree: b");
  });

  test("BEP 47: a symbolic link has no target", () => {
    for (const target of [undefined, [], "x", [5]]) {
      const link: Info = { attr: "l", length: 0, path: ["l"], "symlink path": target };
      const files = [{ length: 5, path: ["a"] }, link as Bencodable];
      refuses({ ...v1Info, files }, "invalid-field", "files[1].symlink path");
    }
  });

  test("BEP 52: its meta version is unknown, before anything else is looked at", () => {
    for (const version of [3, 0, -2, "2", 2n ** 60n]) {
      refuses({ "meta version": version }, "unsupported-version", "meta version");
    }
  });

  test("BEP 52: its piece length is no power of two of at least 16 KiB", () => {
    for (const length of [1024, 8192, 3 * K16, K16 + 1]) {
      refuses({ ...v2Info, "piece length": length }, "invalid-field", "piece length");
    }
  });

  test("BEP 52: its file tree is none, or holds what is neither file nor folder", () => {
    const withTree = (tree: Bencodable | undefined) => ({ ...v2Info, "file tree": tree });
    for (const tree of [undefined, 5, []]) {
      refuses(withTree(tree), "invalid-field", "file tree");
    }
    refuses(withTree({}), "invalid-field", "file tree");
    refuses(withTree({ empty: {} }), "invalid-field", "file tree");
    refuses(withTree({ "": { length: 5 } }), "invalid-field", "file tree");
    refuses(withTree({ a: 5 }), "invalid-field", "file tree: a");
    refuses(withTree({ a: { "": 5 } }), "invalid-field", "file tree: a");
    const sibling = { a: { "": { length: 5, "pieces root": root32 }, b: leaf(5) } };
    refuses(withTree(sibling), "invalid-field", "file tree");
    refuses(withTree({ a: { "": { attr: "p", length: 5 } } }), "invalid-field", "file tree: a");
    const lengthOf = (length: Bencodable) => withTree({ a: { "": { length } } });
    for (const length of [-1, "x", 2n ** 53n]) {
      refuses(lengthOf(length), "invalid-field", "file tree: a.length");
    }
    refuses(lengthOf(5), "invalid-field", "file tree: a.pieces root");
    const shortRoot = withTree({ a: { "": { length: 5, "pieces root": "x".repeat(31) } } });
    refuses(shortRoot, "invalid-field", "file tree: a.pieces root");
  });

  test("BEP 52: its folders nest deeper than the decoder's bound", () => {
    let tree = leaf(5);
    for (let depth = 0; depth < 100; depth += 1) tree = { d: tree };
    assert.throws(() => parse({ ...v2Info, "file tree": tree }), { code: "too-deep" });
  });

  test("an error quotes hostile names without control characters, and shortened", () => {
    const tree = { [`\x1b[31m${"x".repeat(5000)}`]: 5 };
    assert.throws(
      () => parse({ ...v2Info, "file tree": tree }),
      (error) =>
        error instanceof MetainfoError &&
        !error.message.includes("\x1b") &&
        error.message.length < 600 &&
        error.field.length < 600,
    );
  });
});

describe("piece layers", () => {
  const layer = Buffer.concat([hashBlock(Buffer.from("a")), hashBlock(Buffer.from("b"))]);
  const root = Buffer.from(pieceLayerRoot(layer, K16)).toString("latin1");
  const file = (length: number) => ({
    "": { length, "pieces root": Buffer.from(root, "latin1") },
  });
  const info = { ...v2Info, "file tree": { a: file(K16 + 1), b: file(2 * K16) } };

  test("BEP 52: are verified and shared by files alike", () => {
    const metainfo = parse(info, { "piece layers": { [root]: layer } });
    assert.deepEqual([...metainfo.pieceLayers.keys()], [toHex(Buffer.from(root, "latin1"))]);
  });

  test("BEP 52: one that is missing, too long, or of another root is refused", () => {
    const wrong = Buffer.from(layer);
    wrong[0]! ^= 1;
    const long = Buffer.concat([layer, layer]);
    for (const layers of [undefined, 5, {}, { [root]: wrong }, { [root]: long }, { [root]: "" }]) {
      refuses(info, "invalid-piece-layer", "piece layers", { "piece layers": layers });
    }
  });

  test("BEP 52: files that share a root but differ in pieces are refused", () => {
    const other = { ...v2Info, "file tree": { a: file(2 * K16), b: file(2 * K16 + 1) } };
    refuses(other, "invalid-piece-layer", "piece layers", { "piece layers": { [root]: layer } });
  });

  test("BEP 9: a wrong one beside an info dictionary is refused, a missing one is not", () => {
    const infoBytes = encodeBencode(info);
    assert.equal(parseInfo(infoBytes).pieceLayers.size, 0);
    const key = toHex(Buffer.from(root, "latin1"));
    const pieceLayers = new Map([[key, new Uint8Array(64)]]);
    assert.throws(() => parseInfo(infoBytes, { pieceLayers }), { code: "invalid-piece-layer" });
  });
});

describe("hybrid torrents", () => {
  const pad = { attr: "p", length: K16 - 100, path: [".pad", "0"] };
  const files: Info[] = [{ length: 100, path: ["a"] }, pad, { length: 200, path: ["b"] }];
  const hybrid = (list: Info[], tree: Info, pieces = 2): Info => ({
    ...v2Info,
    name: "root",
    files: list,
    "file tree": tree,
    pieces: "x".repeat(20 * pieces),
  });
  const tree = { a: leaf(100), b: leaf(200) };

  test("BEP 52: are accepted when both parts list the same files", () => {
    const metainfo = parse(hybrid(files, tree));
    assert.ok(metainfo.v1 && metainfo.v2);
    assert.equal(metainfo.spaceBytes, K16 + 200);
    assert.equal(metainfo.lengthBytes, 300);
  });

  test("BEP 52: may end with padding, which the v1 space counts", () => {
    const metainfo = parse(hybrid([...files, { ...pad, length: K16 - 200 }], tree));
    assert.equal(metainfo.spaceBytes, 2 * K16);
    assert.equal(metainfo.pieceCount, 2);
  });

  test("BEP 52: are refused at any difference in name, length, place, number or link", () => {
    const [a, , b] = files as [Info, Info, Info];
    for (const list of [
      [{ ...a, path: ["x"] }, pad, b],
      [{ ...a, length: 99 }, { ...pad, length: K16 - 99 }, b],
      [a, b, pad],
      [a, pad, b, { length: 0, path: ["c"] }],
      [b, { ...pad, length: K16 - 200 }, a],
      [a, { ...pad, length: K16 }, b],
    ]) {
      refuses(hybrid(list, tree), "hybrid-mismatch", "files");
    }
    const linked = { ...tree, c: { "": { attr: "l", "symlink path": ["a"] } } };
    const link = { attr: "l", length: 0, path: ["c"] };
    parse(hybrid([...files, { ...link, "symlink path": ["a"] }], linked));
    refuses(
      hybrid([...files, { ...link, "symlink path": ["b"] }], linked),
      "hybrid-mismatch",
      "files",
    );
  });

  test("BEP 52: are refused when padding makes pieces without a file", () => {
    const list = [...files, { ...pad, length: K16 - 199 }];
    refuses(hybrid(list, tree, 3), "hybrid-mismatch", "files");
  });

  test("a single file of another name than in the tree is refused", () => {
    const single: Info = { ...v2Info, ...v1Info, name: "other" };
    refuses(single, "hybrid-mismatch", "files");
    assert.ok(parse({ ...single, name: "a.txt" }).v2);
  });
});
