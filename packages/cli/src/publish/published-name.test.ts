import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CliError } from "../errors.ts";
import { formatPublishedName, parsePublishedName } from "./published-name.ts";

const KEY = "8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e";

suite("the name of a published torrent", () => {
  test("BEP 46: is a link with the key and the salt in hex, or the key alone", () => {
    const link = `magnet:?xs=urn:btpk:${KEY}&s=6e`;
    const name = parsePublishedName(link);
    assert.equal(Buffer.from(name.publicKey).toString("hex"), KEY);
    assert.equal(Buffer.from(name.salt).toString(), "n");
    assert.equal(formatPublishedName(name), link);
    assert.deepEqual(parsePublishedName(KEY, "n"), name);
    assert.equal(formatPublishedName(parsePublishedName(KEY)), `magnet:?xs=urn:btpk:${KEY}`);
  });

  test("anything else is refused", () => {
    const wrong = [
      "",
      KEY.slice(1),
      `${KEY.slice(1)}g`,
      "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567",
      `magnet:?xs=urn:btpk:${KEY}&s=abc`,
      `magnet:?xs=urn:btpk:${KEY}&s=${"00".repeat(65)}`,
    ];
    for (const text of wrong) {
      assert.throws(
        () => parsePublishedName(text),
        (error) => error instanceof CliError && error.code === "usage",
      );
    }
  });
});
