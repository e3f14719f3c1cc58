import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hashMessage } from "viem";
import { createEvmWorld } from "../testing/evm-world.ts";
import { planMessage } from "./sign-message.ts";

suite("messages", async () => {
  const { network } = await createEvmWorld();
  const plan = (message: string | Uint8Array) => planMessage(message, network.info);
  const codes = (message: string | Uint8Array) =>
    plan(message).warnings.map(({ code, isGrave }) => (isGrave ? `${code}!` : code));

  test("a text is shown line by line, and nothing in it can hide or turn around", () => {
    assert.deepEqual(
      plan("a\nb\t\u202ec\u200b").lines.map(({ value }) => value),
      ["a", "b\\u{9}\\u{202e}c\\u{200b}"],
    );
    assert.deepEqual(codes("plain\ntext, also \u00e4 and \u6f22\u5b57"), []);
    assert.deepEqual(codes("to \u202egro.elpmaxe"), ["hidden-characters!"]);
    assert.deepEqual(codes("zero\u200bwidth"), ["hidden-characters"]);
    assert.deepEqual(codes("\n".repeat(500)), ["too-long!"]);
  });

  test("bytes that are no text are shown as bytes, and signed as they are", () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 1);
    const { digest, lines } = plan(bytes);
    assert.equal(digest, hashMessage({ raw: bytes }));
    assert.deepEqual(lines, [{ label: "bytes", value: "0xfffe01" }]);
    assert.deepEqual(codes(bytes), ["not-text!"]);
    assert.equal(plan(Buffer.from("\ufeffhello")).digest, hashMessage("\ufeffhello"));
  });

  test("what looks like a sign-in and is none is warned of", () => {
    const text = "example.com wants you to sign in with your Ethereum account:\nme";
    assert.deepEqual(codes(text), ["broken-sign-in!"]);
  });
});
