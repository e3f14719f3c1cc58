import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Wallet } from "ethers";
import { createNodeRuntime } from "@shoal/runtime/node";
import vectors from "../../../../vectors/accounts.json" with { type: "json" };
import type { AccountError } from "../errors.ts";
import { addressOfKey } from "./derive-key.ts";
import { decryptKey, decryptSecret, encryptKey, encryptSecret } from "./keystore.ts";

/** Cheap, for tests. */
const COST = { n: 1024, r: 8, p: 1 };

const { random } = await createNodeRuntime();
const { password, key, files } = vectors.keystoreV3;

suite("keystore", () => {
  for (const [kdf, file] of Object.entries(files)) {
    test(`Web3 Secret Storage: opens the ${kdf} vector`, async () => {
      assert.equal(Buffer.from(await decryptKey(file, password)).toString("hex"), key);
    });
  }

  test("another password opens nothing, and is told from a broken file", async () => {
    await assert.rejects(decryptKey(files.pbkdf2, "Testpassword"), { code: "wrong-password" });
  });

  test("ethers opens what is written here, and the other way round", async () => {
    const bytes = Uint8Array.from(Buffer.from(key, "hex"));
    const file = await encryptKey(bytes, addressOfKey(bytes), "correct horse", random, COST);
    const opened = await Wallet.fromEncryptedJson(JSON.stringify(file), "correct horse");
    assert.equal(opened.privateKey, `0x${key}`);
    assert.match(file.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const theirs = opened.encryptSync("other password");
    const back = await decryptKey(JSON.parse(theirs), "other password");
    assert.deepEqual(back, bytes);
  });

  test("a password is the same however its letters are composed", async () => {
    const secret = Buffer.from("of any length at all");
    const file = await encryptSecret(secret, "gr\u00fcn", random, COST);
    assert.deepEqual(await decryptSecret(file, "gru\u0308n"), Uint8Array.from(secret));
  });

  test("no two files share salt or vector", async () => {
    const [a, b] = await Promise.all(
      [1, 2].map(() => encryptSecret(Buffer.from("secret"), "password", random, COST)),
    );
    assert.notEqual(a?.ciphertext, b?.ciphertext);
    assert.notEqual(a?.kdfparams.salt, b?.kdfparams.salt);
  });

  test("limit: cost of opening a key file", async () => {
    const bent = (change: object) => ({
      ...files.scrypt,
      crypto: {
        ...files.scrypt.crypto,
        kdfparams: { ...files.scrypt.crypto.kdfparams, ...change },
      },
    });
    for (const change of [{ n: 2 ** 24 }, { r: 2 ** 16 }, { p: 2 ** 20 }, { n: 1000 }, { n: "1" }])
      await assert.rejects(decryptKey(bent(change), password), { code: "bad-key-file" });
    const slow = structuredClone(files.pbkdf2);
    slow.crypto.kdfparams.c = 1e9;
    await assert.rejects(decryptKey(slow, password), { code: "bad-key-file" });
  });

  test("what is no key file is refused by name", async () => {
    for (const file of [null, 3, "text", {}, { version: 3 }, { ...files.scrypt, version: 4 }])
      await assert.rejects(decryptKey(file, password), { code: "bad-key-file" });
    const changed = structuredClone(files.scrypt);
    changed.crypto.mac = changed.crypto.mac.slice(2);
    await assert.rejects(decryptKey(changed, password), (error: AccountError) => {
      assert.equal(error.code, "bad-key-file");
      assert.ok(!error.message.includes(password));
      return true;
    });
  });
});
