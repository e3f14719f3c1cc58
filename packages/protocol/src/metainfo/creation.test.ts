import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { MetainfoError } from "../errors.ts";
import { hashBlock } from "../merkle/hash.ts";
import { nextPowerOfTwo } from "../merkle/merkle-tree.ts";
import { infoHashHex } from "./info-hash.ts";
import { parseMetainfo } from "./parse-metainfo.ts";
import {
  choosePieceLength,
  type CreationFile,
  type CreationOptions,
  type CreationPlan,
  type PieceToHash,
  pieceToHash,
  planCreation,
} from "./plan-creation.ts";
import { createTorrentBuilder, type PieceHashes, type TorrentDetails } from "./torrent-builder.ts";

const K16 = 16 * 1024;

/** The linear space of a plan, every file filled with the bytes (i * 7 + 3) mod 251. */
function makeSpace(plan: CreationPlan): Uint8Array {
  const space = new Uint8Array(plan.spaceBytes);
  for (const { offsetBytes, lengthBytes } of plan.files) {
    for (let i = 0; i < lengthBytes; i += 1) space[offsetBytes + i] = (i * 7 + 3) % 251;
  }
  return space;
}

function hashPiece(
  space: Uint8Array,
  { offsetBytes, sha1LengthBytes, leavesLengthBytes }: PieceToHash,
): PieceHashes {
  const leaves: Uint8Array[] = [];
  const end = offsetBytes + (leavesLengthBytes ?? 0);
  for (let at = offsetBytes; at < end; at += K16) {
    leaves.push(hashBlock(space.subarray(at, Math.min(at + K16, end))));
  }
  const whole = space.subarray(offsetBytes, offsetBytes + (sha1LengthBytes ?? 0));
  return {
    ...(sha1LengthBytes !== null && { sha1: hash("sha1", whole, "buffer") }),
    ...(leavesLengthBytes !== null && { leaves: Buffer.concat(leaves) }),
  };
}

function create(
  files: readonly CreationFile[],
  options: CreationOptions,
  details?: TorrentDetails,
): Uint8Array {
  const plan = planCreation(files, options);
  const space = makeSpace(plan);
  const builder = createTorrentBuilder(plan);
  // Backwards, since hashing in parallel ends in any order.
  for (let piece = plan.pieceCount - 1; piece >= 0; piece -= 1) {
    builder.addPiece(piece, hashPiece(space, pieceToHash(plan, piece)));
  }
  return builder.build(details);
}

describe("a torrent made of the same files as libtorrent's", () => {
  for (const vector of vectors.torrents) {
    test(`${vector.name}: has the same infohashes`, () => {
      const [name = ""] = vector.files[0]!.path.split("/");
      const files = vector.files.map((file) => ({
        path: file.path.split("/").slice(1),
        lengthBytes: file.length,
        executable: file.executable,
        ...(file.symlinkTarget && { symlinkTarget: file.symlinkTarget.split("/").slice(1) }),
      }));
      const version = vector.name.split(",")[0] as CreationOptions["version"];
      const options = { name, version, pieceLengthBytes: vector.pieceLength };
      const made = parseMetainfo(
        create(files.toReversed(), options, { isPrivate: vector.private }),
      );
      assert.equal(made.v1 && infoHashHex(made.v1.infoHash), vector.infoHashV1);
      assert.equal(made.v2 && infoHashHex(made.v2.infoHash), vector.infoHashV2);
      const theirs = parseMetainfo(Buffer.from(vector.torrent, "base64"));
      assert.deepEqual(made.pieceLayers, theirs.pieceLayers);
    });
  }
});

describe("planCreation", () => {
  const one: CreationFile[] = [{ path: [], lengthBytes: 5 }];
  const options: CreationOptions = { name: "x", version: "hybrid" };

  test("chooses pieces of 16 KiB to 16 MiB, 1000 to 2000 of them in between", () => {
    assert.equal(choosePieceLength(1), K16);
    assert.equal(choosePieceLength(2000 * K16), K16);
    assert.equal(choosePieceLength(2000 * K16 + 1), 2 * K16);
    assert.equal(choosePieceLength(2 ** 30), 2 ** 20);
    assert.equal(choosePieceLength(2 ** 45), 2 ** 24);
    for (let exponent = 26; exponent < 34; exponent += 0.1) {
      const lengthBytes = Math.round(2 ** exponent);
      const count = lengthBytes / choosePieceLength(lengthBytes);
      assert.ok(count >= 1000 && count <= 2000, `${lengthBytes} bytes in ${count} pieces`);
    }
  });

  test("BEP 52: sorts files as their tree does, by the bytes of each component", () => {
    const paths = [["b"], ["a.txt"], ["a", "z"], ["ü"], ["a", "B"], ["🐟"], ["\uffee"]];
    const files = paths.map((path) => ({ path, lengthBytes: 1 }));
    assert.deepEqual(
      planCreation(files, options).files.map(({ path }) => path.join("/")),
      ["a/B", "a/z", "a.txt", "b", "ü", "\uffee", "🐟"],
    );
  });

  test("refuses files without content, and piece lengths that v2 does not know", () => {
    const refuses = (files: CreationFile[], more: Partial<CreationOptions>, code: string) =>
      assert.throws(
        () => planCreation(files, { ...options, ...more }),
        (error) => error instanceof MetainfoError && error.code === code,
      );
    refuses([], {}, "no-content");
    refuses([{ path: [], lengthBytes: 0 }], {}, "no-content");
    for (const length of [0, 1, 3 * K16, K16 / 2, 2 ** 30, Number.NaN]) {
      refuses(one, { pieceLengthBytes: length }, "invalid-field");
    }
    refuses([{ path: [], lengthBytes: 2 ** 40 }], { pieceLengthBytes: K16 }, "too-large");
  });

  test("refuses paths that are none, come twice, or are file and folder at once", () => {
    const refuses = (...paths: string[][]) =>
      assert.throws(
        () =>
          planCreation(
            paths.map((path) => ({ path, lengthBytes: 1 })),
            options,
          ),
        RangeError,
      );
    refuses([], []);
    refuses([], ["a"]);
    refuses(["a"], ["a"]);
    refuses(["a"], ["a", "b"]);
    for (const name of ["", ".", "..", "a/b", "a\0"]) refuses(["a", name]);
    for (const lengthBytes of [-1, 0.5, 2 ** 53, Number.NaN]) {
      assert.throws(() => planCreation([{ path: [], lengthBytes }], options), RangeError);
    }
    const link = { path: ["l"], lengthBytes: 1, symlinkTarget: ["a"] };
    assert.throws(() => planCreation([link], options), RangeError);
    assert.throws(() => planCreation(one, { ...options, name: "../x" }), RangeError);
  });

  test("a piece that is not there is refused", () => {
    const plan = planCreation(one, options);
    for (const piece of [-1, 1, 0.5]) assert.throws(() => pieceToHash(plan, piece), RangeError);
  });
});

describe("createTorrentBuilder", () => {
  const files: CreationFile[] = [{ path: [], lengthBytes: K16 + 1 }];
  const plan = planCreation(files, { name: "x", version: "hybrid" });

  test("refuses to build while a piece has no hashes", () => {
    const builder = createTorrentBuilder(plan);
    builder.addPiece(0, { sha1: new Uint8Array(20), leaves: new Uint8Array(32) });
    assert.throws(() => builder.build(), { name: "RangeError", message: /piece 1/ });
  });

  test("refuses hashes that are missing or of another length", () => {
    const builder = createTorrentBuilder(plan);
    const sha1 = new Uint8Array(20);
    const leaves = new Uint8Array(32);
    assert.throws(() => builder.addPiece(0, { sha1 }), RangeError);
    assert.throws(() => builder.addPiece(0, { leaves }), RangeError);
    assert.throws(() => builder.addPiece(0, { sha1: leaves, leaves }), RangeError);
    assert.throws(() => builder.addPiece(0, { sha1, leaves: new Uint8Array(64) }), RangeError);
    assert.throws(() => builder.addPiece(2, { sha1, leaves }), RangeError);
  });

  test("what is said besides the files comes back from the parser", () => {
    const details = {
      trackers: [["http://a/announce", "udp://b:1"], [], ["http://c/announce"]],
      webSeeds: ["http://seed/x"],
      nodes: [{ host: "router.example", port: 6881 }],
      isPrivate: true,
      comment: "a comment — with a dash",
      createdBy: "shoal",
      createdAtS: 1_700_000_000,
      source: "somewhere",
    };
    const parsed = parseMetainfo(create(files, { name: "x", version: "v1" }, details));
    const { trackers, webSeeds, nodes, isPrivate, comment, createdBy, createdAtS, source } = parsed;
    assert.deepEqual(
      { trackers, webSeeds, nodes, isPrivate, comment, createdBy, createdAtS, source },
      { ...details, trackers: details.trackers.filter((tier) => tier.length > 0) },
    );
  });

  test("a lone tracker stands in announce alone (BEP 12)", () => {
    const details = { trackers: [["http://a/announce"]] };
    const bytes = create(files, { name: "x", version: "v1" }, details);
    assert.ok(!Buffer.from(bytes).includes("announce-list"));
    assert.deepEqual(parseMetainfo(bytes).trackers, details.trackers);
  });
});

test("whatever the files, what was planned is what the parser reads", () => {
  const name = fc.constantFrom("a", "b", "B", "ü", "a.txt", "__proto__", "length", "z z");
  const file = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    lengthBytes: fc.oneof(
      fc.constantFrom(0, 1, K16, 2 * K16, 4 * K16, 4 * K16 + 1),
      fc.nat(10 * K16),
    ),
    executable: fc.boolean(),
    hidden: fc.boolean(),
  });
  const list = fc
    .uniqueArray(file, { minLength: 1, maxLength: 8, selector: ({ path }) => path.join("/") })
    .filter((files) => {
      const keys = files.map(({ path }) => `${path.join("/")}/`);
      const isNested = keys.some((key) =>
        keys.some((other) => other !== key && other.startsWith(key)),
      );
      return !isNested && files.some(({ lengthBytes }) => lengthBytes > 0);
    });
  const version = fc.constantFrom("v1", "v2", "hybrid");
  const pieceLength = fc.constantFrom(K16, 2 * K16, 4 * K16);
  fc.assert(
    fc.property(list, version, pieceLength, (files, kind, pieceLengthBytes) => {
      const options = { name: "root", version: kind, pieceLengthBytes };
      const plan = planCreation(files, options);
      const parsed = parseMetainfo(create(files, options), { fileNames: "posix" });
      assert.equal(parsed.pieceCount, plan.pieceCount);
      assert.equal(parsed.spaceBytes, plan.spaceBytes);
      assert.equal(parsed.lengthBytes, plan.lengthBytes);
      assert.deepEqual(
        parsed.files.map(({ rawPath, lengthBytes, attributes }) => ({
          path: rawPath.slice(1),
          lengthBytes,
          executable: attributes.executable,
          hidden: attributes.hidden,
        })),
        plan.files.map(({ path, lengthBytes, executable, hidden }) => ({
          path,
          lengthBytes,
          executable,
          hidden,
        })),
      );
      for (let piece = 0; piece < plan.pieceCount; piece += 1) {
        const { leavesLengthBytes, leafCount } = pieceToHash(plan, piece);
        if (leafCount !== null) assert.equal(leafCount, nextPowerOfTwo(leafCount));
        assert.ok(leavesLengthBytes === null || leavesLengthBytes > 0);
      }
    }),
    { numRuns: 60 },
  );
});
