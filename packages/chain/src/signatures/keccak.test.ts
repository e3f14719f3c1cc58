import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesToHex, keccak256 as viemKeccak } from "viem";
import { keccak256 } from "./keccak.ts";

test("Keccak-256: the hash of nothing is the one that Ethereum knows", () => {
  assert.equal(
    bytesToHex(keccak256(new Uint8Array())),
    "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
  );
});

test("Keccak-256: every length around the borders of blocks hashes as elsewhere", () => {
  for (let length = 0; length < 3 * 136 + 2; length++) {
    const bytes = new Uint8Array(length).map((_, at) => at * 7 + length);
    assert.equal(bytesToHex(keccak256(bytes)), viemKeccak(bytes), `${length} bytes`);
  }
});
