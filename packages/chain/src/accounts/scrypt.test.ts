import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { test } from "node:test";
import { deriveByScrypt } from "./scrypt.ts";

test("RFC 7914: the vectors of section 12", async () => {
  const derive = async (password: string, salt: string, n: number, r: number, p: number) =>
    Buffer.from(await deriveByScrypt(password, Buffer.from(salt), { n, r, p }, 64)).toString("hex");
  // n = 16 and r = 1 lies within what OpenSSL takes.
  assert.equal(
    await derive("", "", 16, 1, 1),
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
  );
  assert.equal(
    await derive("password", "NaCl", 1024, 8, 16),
    scryptSync("password", "NaCl", 64, { N: 1024, r: 8, p: 16 }).toString("hex"),
  );
});
