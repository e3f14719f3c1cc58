import assert from "node:assert/strict";
import { describe, test } from "node:test";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { type Bencodable, encodeBencode } from "../bencode/encode-bencode.ts";
import { toHex } from "../bytes/hex.ts";
import { BencodeError, MetainfoError } from "../errors.ts";
import { hashBlock } from "../merkle/hash.ts";
import { pieceLayerRoot } from "../merkle/merkle-tree.ts";
import { infoHashHex, swarmHashes } from "./info-hash.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";

const K16 = 16 * 1024;

type Info = Record<string, Bencodable | undefined>;

const v1Info: Info = { length: 100, name: "a.txt", "piece length": K16, pieces: "x".repeat(20) };
const root32 = "r".repeat(32);
const leaf = (length: number): Bencodable => ({ "": { length, "pieces root": root32 } });
const v2Info: Info = {
  "file tree": { "a.txt": leaf(100) },
  "meta version": 2,
  name: "a.txt",
  "piece length": K16,
};

const parse = (info: Info, rest: Info = {}) => parseMetainfo(encodeBencode({ ...rest, info }));
const parseFiles = (files: Bencodable[], pieces = 1) =>
  parse({ ...v1Info, length: undefined, files, pieces: "x".repeat(20 * pieces) });

function refuses(info: Info, code: MetainfoError["code"], field: string, rest?: Info): void {
  assert.throws(
    () => parse(info, rest),
    (error) => {
      assert.ok(error instanceof MetainfoError, String(error));
      assert.deepEqual([error.code, error.field], [code, field], error.message);
      return true;
    },
  );
}

describe("torrents made by libtorrent", () => {
  for (const vector of vectors.torrents) {
    test(`${vector.name}: same infohashes, pieces and files`, () => {
      const metainfo = parseMetainfo(Buffer.from(vector.torrent, "base64"));
      assert.equal(metainfo.v1 && infoHashHex(metainfo.v1.infoHash), vector.infoHashV1);
      assert.equal(metainfo.v2 && infoHashHex(metainfo.v2.infoHash), vector.infoHashV2);
      assert.equal(metainfo.pieceLengthBytes, vector.pieceLength);
      assert.equal(metainfo.pieceCount, vector.pieceCount);
      assert.equal(metainfo.isPrivate, vector.private);
      assert.equal(metainfo.createdBy, "shoal vectors");
      assert.equal(metainfo.createdAtS, 1_700_000_000);
      assert.deepEqual(
        metainfo.files.map((file) => ({
          path: file.path.join("/"),
          length: file.lengthBytes,
          // Where an empty file starts means nothing.
          offset: file.lengthBytes > 0 ? file.offsetBytes : null,
          piecesRoot: file.piecesRoot && toHex(file.piecesRoot),
          executable: file.attributes.executable,
          symlinkTarget: file.attributes.symlinkTarget?.join("/") ?? null,
        })),
        vector.files.map((file) => ({ ...file, offset: file.length > 0 ? file.offset : null })),
      );
    });

    test(`${vector.name}: the info dictionary alone says the same, less what stands outside`, () => {
      const whole = parseMetainfo(Buffer.from(vector.torrent, "base64"));
      const { pieceLayers, trackers, webSeeds } = whole;
      const alone = parseInfo(whole.infoBytes, { pieceLayers, trackers, webSeeds });
      assert.deepEqual(alone, { ...whole, comment: null, createdBy: null, createdAtS: null });
      assert.equal(parseInfo(whole.infoBytes).pieceLayers.size, 0);
    });
  }

  test("BEP 12 and 19: trackers come in tiers, web seeds from a text or a list", () => {
    const vector = vectors.torrents.find(({ name }) => name === "v1, one file of five pieces");
    const metainfo = parseMetainfo(Buffer.from(vector!.torrent, "base64"));
    assert.deepEqual(
      metainfo.trackers.map((tier) => tier.toSorted()),
      [["http://one.example/announce", "udp://two.example:80"], ["http://three.example/announce"]],
    );
    assert.deepEqual(metainfo.webSeeds, ["http://seed.example/five.bin"]);
    assert.equal(metainfo.comment, "five pieces");
  });
});

describe("what stands outside the info dictionary", () => {
  test("BEP 12: announce-list takes the place of announce, unless it is empty", () => {
    const both = {
      announce: "http://a/announce",
      "announce-list": [["http://b"], [], ["http://c"]],
    };
    assert.deepEqual(parse(v1Info, both).trackers, [["http://b"], ["http://c"]]);
    for (const list of [[], [[]], [[""]], 5, [5, [[]]]]) {
      assert.deepEqual(parse(v1Info, { ...both, "announce-list": list }).trackers, [
        ["http://a/announce"],
      ]);
    }
    assert.deepEqual(parse(v1Info).trackers, []);
  });

  test("BEP 19: url-list loses blanks and repetitions", () => {
    const seeds = parse(v1Info, { "url-list": [" http://a/ ", "http://a/", ""] }).webSeeds;
    assert.deepEqual(seeds, ["http://a/"]);
    assert.deepEqual(parse(v1Info, { "url-list": "" }).webSeeds, []);
    assert.deepEqual(parse(v1Info, { "url-list": 7 }).webSeeds, []);
  });

  test("BEP 5: nodes that are no host and port are skipped", () => {
    const nodes = [["router.example", 6881], ["x", 0], ["x", 65_536], [5, 5], "x", ["::1", 1]];
    assert.deepEqual(parse(v1Info, { nodes }).nodes, [
      { host: "router.example", port: 6881 },
      { host: "::1", port: 1 },
    ]);
  });

  test("fields of a wrong type count as missing", () => {
    const metainfo = parse(v1Info, { comment: 5, "created by": [], "creation date": "x" });
    assert.deepEqual(
      [metainfo.comment, metainfo.createdBy, metainfo.createdAtS, metainfo.source],
      [null, null, null, null],
    );
  });

  test("BEP 27: private and source are read from the info dictionary", () => {
    assert.equal(parse({ ...v1Info, private: 1 }).isPrivate, true);
    assert.equal(parse({ ...v1Info, private: 0 }).isPrivate, false);
    assert.equal(parse(v1Info, { private: 1 }).isPrivate, false);
    assert.equal(parse({ ...v1Info, source: "X" }).source, "X");
  });
});

describe("infohashes", () => {
  test("BEP 52: are over the bytes as they came, even where their keys are out of order", () => {
    const sorted =
      "d6:lengthi100e4:name5:a.txt12:piece lengthi16384e6:pieces20:xxxxxxxxxxxxxxxxxxxxe";
    const unsorted =
      "d4:name5:a.txt6:lengthi100e12:piece lengthi16384e6:pieces20:xxxxxxxxxxxxxxxxxxxxe";
    const first = parseMetainfo(Buffer.from(`d4:info${sorted}e`));
    const second = parseMetainfo(Buffer.from(`d4:info${unsorted}e`));
    assert.equal(Buffer.from(second.infoBytes).toString(), unsorted);
    assert.notDeepEqual(first.v1?.infoHash, second.v1?.infoHash);
    assert.equal(first.files[0]?.lengthBytes, second.files[0]?.lengthBytes);
  });

  test("BEP 52: a hybrid torrent is in two swarms, the second by its truncated infohash", () => {
    const vector = vectors.torrents.find(({ name }) => name === "hybrid, folder")!;
    const hashes = swarmHashes(parseMetainfo(Buffer.from(vector.torrent, "base64")));
    assert.deepEqual(hashes.map(toHex), [vector.infoHashV1, vector.infoHashV2!.slice(0, 40)]);
  });
});

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
      refuses(listed(file as Bencodable), "invalid-field", "files[0].path");
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
    assert.throws(() => parse({ ...v2Info, "file tree": tree as Info }), { code: "too-deep" });
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
    files: list as Bencodable[],
    "file tree": tree as Bencodable,
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

  test("a single file of another name than in the tree is refused", () => {
    const single: Info = { ...v2Info, ...v1Info, name: "other" };
    refuses(single, "hybrid-mismatch", "files");
    assert.ok(parse({ ...single, name: "a.txt" }).v2);
  });
});

describe("files", () => {
  test("BEP 47: pad files take space but are not listed, with or without a path", () => {
    const metainfo = parseFiles(
      [
        { length: 10, path: ["a"] },
        { attr: "p", length: 90 },
        { attr: "xh", length: 5, path: ["b"] },
      ],
      1,
    );
    assert.deepEqual(
      metainfo.files.map(({ path, offsetBytes }) => [path.join("/"), offsetBytes]),
      [
        ["a.txt/a", 0],
        ["a.txt/b", 100],
      ],
    );
    assert.deepEqual(metainfo.files[1]?.attributes, {
      executable: true,
      hidden: true,
      symlinkTarget: null,
    });
    assert.equal(metainfo.spaceBytes, 105);
    assert.equal(metainfo.lengthBytes, 15);
  });

  test("paths stay below a folder named for the torrent; the raw path is kept for web seeds", () => {
    const metainfo = parseFiles([{ length: 5, path: ["..", "..", "etc", "pass/wd"] }]);
    assert.deepEqual(metainfo.files[0]?.path, ["a.txt", "etc", "pass_wd"]);
    assert.deepEqual(metainfo.files[0]?.rawPath, ["a.txt", "..", "..", "etc", "pass/wd"]);
  });

  test("a name that leaves nothing is replaced by the infohash", () => {
    for (const name of ["", ".", ".."]) {
      const metainfo = parse({ ...v1Info, name });
      assert.equal(metainfo.name, infoHashHex(metainfo.v1!.infoHash));
      assert.deepEqual(metainfo.files[0]?.path, [metainfo.name]);
    }
  });

  test("the UTF-8 name of an old creator goes before the one in another encoding", () => {
    assert.equal(parse({ ...v1Info, "name.utf-8": "ü" }).name, "ü");
    const [file] = parseFiles([{ length: 5, path: ["x"], "path.utf-8": ["ü"] }]).files;
    assert.deepEqual(file?.path, ["a.txt", "ü"]);
  });

  test("BEP 47: a link's target stays below the root, and follows a file that was renamed", () => {
    const link = (target: string[]) => ({
      attr: "l",
      length: 0,
      path: ["link"],
      "symlink path": target,
    });
    const target = (path: string[]) =>
      parseFiles([{ length: 5, path: ["A"] }, { length: 5, path: ["a"] }, link(path)]).files[2]
        ?.attributes.symlinkTarget;
    assert.deepEqual(target(["..", "..", "etc", "passwd"]), ["a.txt", "etc", "passwd"]);
    assert.deepEqual(target(["a"]), ["a.txt", "a.1"]);
    assert.deepEqual(target(["/etc"]), ["a.txt", "_etc"]);
    assert.deepEqual(target([".."]), ["a.txt", "_"]);
  });

  test("BEP 47: a link has no content, whatever its length says", () => {
    const metainfo = parseFiles([
      { length: 5, path: ["a"] },
      { attr: "l", length: 999_999, path: ["l"], "symlink path": ["a"] },
    ]);
    assert.equal(metainfo.spaceBytes, 5);
    assert.equal(metainfo.files[1]?.lengthBytes, 0);
  });

  test("BEP 52: a tree of one file that bears the torrent's name has no folder, another has", () => {
    assert.deepEqual(parse(v2Info).files[0]?.path, ["a.txt"]);
    assert.deepEqual(parse({ ...v2Info, name: "other" }).files[0]?.path, ["other", "a.txt"]);
  });

  test("more than 500 names that collide are refused", () => {
    const same = (count: number) =>
      parseFiles(Array.from({ length: count }, () => ({ length: 1, path: ["x"] })));
    assert.equal(same(501).files.at(-1)?.path[1], "x.500");
    assert.throws(() => same(502), { code: "too-large" });
  });

  test("names are made safe for Windows unless the caller's files lie on a POSIX system", () => {
    const bytes = encodeBencode({ info: { ...v1Info, name: "What?." } });
    assert.equal(parseMetainfo(bytes).name, "What_");
    assert.equal(parseMetainfo(bytes, { fileNames: "posix" }).name, "What?.");
  });
});
