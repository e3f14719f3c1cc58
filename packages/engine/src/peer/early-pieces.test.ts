import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PeerError } from "../errors.ts";
import { EarlyPieces } from "./early-pieces.ts";

suite("early pieces", () => {
  test("a peer may send bitfields again and again, as aria2 does instead of many haves", () => {
    const early = new EarlyPieces();
    for (let i = 0; i < 100; i++) early.set(Uint8Array.of(i));
    assert.equal(early.applyTo(8).count, 4);
  });

  test("a peer that says again and again that it has all pieces is cut short", () => {
    const early = new EarlyPieces();
    assert.throws(() => {
      for (let i = 0; i < 100; i++) early.set(i % 2 === 0 ? "all" : "none");
    }, PeerError);
  });
});
