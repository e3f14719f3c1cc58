import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BencodeError } from "../errors.ts";
import { BENCODE_LIMITS } from "./bencode-limits.ts";
import { decodeBencode } from "./decode-bencode.ts";

function assertBounded(most: string, more: string, code: string): void {
  decodeBencode(Buffer.from(most), BENCODE_LIMITS.message);
  assert.throws(
    () => decodeBencode(Buffer.from(more), BENCODE_LIMITS.message),
    (error: unknown) => error instanceof BencodeError && error.code === code,
  );
}

const nested = (levels: number) => "l".repeat(levels) + "e".repeat(levels);
/** A list of so many values, and itself. */
const listOf = (values: number) => `l${"0:".repeat(values)}e`;
const stringOf = (lengthBytes: number) => `${lengthBytes}:${"x".repeat(lengthBytes)}`;

suite("limits of messages", () => {
  test("limit: dictionaries in messages", () => {
    const { lengthBytes, nesting, tokens } = BENCODE_LIMITS.message;
    assert.deepEqual([lengthBytes, nesting, tokens], [1024 * 1024, 100, 100_000]);
    assertBounded(nested(nesting), nested(nesting + 1), "too-deep");
    assertBounded(listOf(tokens - 1), listOf(tokens), "too-many-tokens");
    const header = `${lengthBytes}:`.length;
    assertBounded(stringOf(lengthBytes - header), stringOf(lengthBytes - header + 1), "too-long");
  });

  test("limit: digits of a string's length", () => {
    const inFull = "x".repeat(5);
    assert.throws(() => decodeBencode(Buffer.from(`1234567890123456:${inFull}`)), {
      code: "syntax",
      message: /15 digits/,
    });
  });
});
