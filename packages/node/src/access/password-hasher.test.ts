import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld } from "@shoal/runtime/sim";
import { createScryptHasher } from "./password-hasher.ts";

const { random } = createWorld({ seed: 1 }).host({ address: "10.0.0.1" });
const hasher = createScryptHasher(random, { ln: 8, r: 8, p: 1 });

test("RFC 7914: a password is verified by the vector of scrypt with N = 16384, r = 8, p = 1", async () => {
  const salt = Buffer.from("SodiumChloride").toString("base64");
  const hash = Buffer.from(
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
    "hex",
  ).toString("base64");
  const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${hash}`;
  assert.equal(await hasher.verify("pleaseletmein", stored), true);
  assert.equal(await hasher.verify("pleaseletmeout", stored), false);
});

test("a password is kept with a salt of its own, and with the cost that it had", async () => {
  const [first, second] = await Promise.all([hasher.hash("one"), hasher.hash("one")]);
  assert.notEqual(first, second);
  assert.match(first, /^\$scrypt\$ln=8,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  const later = createScryptHasher(random);
  assert.deepEqual(
    await Promise.all([first, second].map((stored) => later.verify("one", stored))),
    [true, true],
  );
  assert.equal(await hasher.verify("one ", first), false);
});

test("one character spelt in two ways is one password", async () => {
  const stored = await hasher.hash("café パスワード");
  assert.equal(await hasher.verify("cafe\u0301 ﾊﾟｽﾜｰﾄﾞ", stored), true);
});

test("what is no stored password is an error, and no password fits it", async () => {
  for (const stored of ["", "one", "$scrypt$ln=8,r=8,p=1$AAAA$AAAA"]) {
    await assert.rejects(hasher.verify("one", stored), RangeError);
  }
});
