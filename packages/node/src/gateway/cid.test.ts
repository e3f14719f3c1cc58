import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";
import fc from "fast-check";
import { cidOfPiecesRoot, piecesRootOfCid } from "./cid.ts";
import { DenyList } from "./deny-list.ts";
import { decodeMultibase, encodeBase32 } from "./multibase.ts";

const ROOT = Uint8Array.from({ length: 32 }, (_, index) => index);
const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("hex");
const ascii = (text: string): string | null => {
  const bytes = decodeMultibase(text);
  return bytes === null ? null : Buffer.from(bytes).toString();
};

suite("CIDs of files", () => {
  test("multibase: reads the specification's vectors in each base", () => {
    // https://github.com/multiformats/multibase/tree/master/tests: basic, leading_zero, two_leading_zeros, case_insensitivity.
    for (const text of [
      "f796573206d616e692021",
      "bpfsxgidnmfxgsibb",
      "z7paNL19xttacUY",
      "k2lcpzo5yikidynfl",
    ]) {
      assert.equal(ascii(text), "yes mani !", text);
    }
    for (const text of [
      "f00796573206d616e692021",
      "bab4wk4zanvqw42jaee",
      "z17paNL19xttacUY",
      "k02lcpzo5yikidynfl",
    ]) {
      assert.equal(ascii(text), "\0yes mani !", text);
    }
    for (const text of [
      "f0000796573206d616e692021",
      "baaahszltebwwc3tjeaqq",
      "z117paNL19xttacUY",
      "k002lcpzo5yikidynfl",
    ]) {
      assert.equal(ascii(text), "\0\0yes mani !", text);
    }
    assert.equal(ascii("BPFSXGIDNMFXGSIBB"), "yes mani !");
    assert.equal(encodeBase32(Buffer.from("yes mani !")), "bpfsxgidnmfxgsibb");
  });

  test("multicodec: a CID is version 1, raw, bittorrent-pieces-root (0xb702), 32 bytes", () => {
    assert.equal(hex(decodeMultibase(cidOfPiecesRoot(ROOT))), `015582ee0220${hex(ROOT)}`);
  });

  test("every base names the same file", () => {
    const cid = cidOfPiecesRoot(ROOT);
    const bytes = decodeMultibase(cid)!;
    assert.equal(hex(piecesRootOfCid(cid)), hex(ROOT));
    assert.equal(hex(piecesRootOfCid(cid.toUpperCase())), hex(ROOT));
    assert.equal(hex(piecesRootOfCid(`f${hex(bytes)!}`)), hex(ROOT));
  });

  test("what is no CID, or one of something else, names no file", () => {
    for (const text of [
      "",
      "b",
      "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPxxx",
      // Raw, SHA-256.
      "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
      `f015582ee021f${hex(ROOT)!.slice(2)}`,
      `f015582ee0220${hex(ROOT)!}00`,
      `f025582ee0220${hex(ROOT)!}`,
      `z${"z".repeat(100_000)}`,
      `${cidOfPiecesRoot(ROOT)}=`,
      "__proto__",
    ]) {
      assert.equal(piecesRootOfCid(text), null, text.slice(0, 70));
    }
  });

  test("base 32 comes back as it went, and has one spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        assert.deepEqual([...decodeMultibase(encodeBase32(bytes))!], [...bytes]);
      }),
    );
    assert.equal(decodeMultibase("bab"), null);
    assert.equal(decodeMultibase("ba"), null);
  });
});

suite("deny lists", () => {
  const V1 = "ab".repeat(20);
  const V2 = "cd".repeat(32);
  const nothing = { infoHashes: ["00".repeat(20)], piecesRoot: null };

  test("infohashes, magnet links and CIDs are denied", () => {
    const list = new DenyList();
    for (const line of [
      V1.toUpperCase(),
      `magnet:?xt=urn:btmh:1220${V2}&dn=x  # reason`,
      `/ipfs/${cidOfPiecesRoot(ROOT)}/*`,
    ]) {
      assert.equal(list.add(line), true, line);
    }
    assert.ok(list.denies({ infoHashes: [V1], piecesRoot: null }));
    assert.ok(list.denies({ infoHashes: ["00", V2], piecesRoot: null }));
    assert.ok(list.denies({ infoHashes: [], piecesRoot: ROOT }));
    assert.ok(!list.denies(nothing));
  });

  test("a list may hold hashes of names alone", () => {
    const list = new DenyList();
    const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
    assert.equal(list.add(`//${hashOf(`${cidOfPiecesRoot(ROOT)}/`)}`), true);
    assert.equal(list.add(`//${hashOf(`${V1}/`)}`), true);
    assert.ok(list.denies({ infoHashes: [], piecesRoot: ROOT }));
    assert.ok(list.denies({ infoHashes: [V1], piecesRoot: null }));
    assert.ok(!list.denies(nothing));
  });

  test("comments mean nothing by intent, and nonsense is counted", () => {
    const list = new DenyList();
    for (const line of ["", "  ", "# comment", "#x"]) assert.equal(list.add(line), null);
    for (const line of [
      "hello",
      "../..",
      "//abc",
      "x".repeat(10_000),
      "magnet:?xt=urn:btih:xyz",
      "<html>",
    ]) {
      assert.equal(list.add(line), false, line.slice(0, 40));
    }
    assert.equal(list.size, 0);
  });
});
