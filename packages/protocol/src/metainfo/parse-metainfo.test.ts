import assert from "node:assert/strict";
import { describe, test } from "node:test";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { encodeBencode } from "../bencode/encode-bencode.ts";
import { toHex } from "../bytes/hex.ts";
import { infoHashHex, swarmHashes } from "./info-hash.ts";
import { parseInfo, parseMetainfo } from "./parse-metainfo.ts";
import { parse, parseFiles, v1Info, v2Info } from "../testing/sample-info.ts";

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

  test("BEP 38: relations are read from within the info dictionary and from beside it", () => {
    const [a, b] = [Buffer.alloc(20, 1), Buffer.alloc(20, 2)];
    const info = { ...v1Info, similar: [a, Buffer.alloc(19), 5], collections: ["x"] };
    const { similar, collections } = parse(info, { similar: [b], collections: ["y"] });
    assert.deepEqual(
      similar.map((hash) => hash[0]),
      [1, 2],
    );
    assert.deepEqual(collections, ["x", "y"]);
    const none = parse(v1Info, { similar: "x", collections: [5] });
    assert.deepEqual([none.similar, none.collections], [[], []]);
    const many = Array.from({ length: 200 }, () => a);
    assert.equal(parse(v1Info, { similar: many }).similar.length, 100);
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
