import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { inspect } from "node:util";
import { createNodeRuntime, openPrivateFolder } from "@shoal/runtime/node";
import vectors from "../../../../vectors/accounts.json" with { type: "json" };
import { toAddress } from "../network/address.ts";
import { makeBackup, openBackup } from "../wallet/backup.ts";
import { EVM_COIN, TRON_COIN } from "./derive-key.ts";
import { parsePrivateKey } from "./key-signer.ts";
import { decryptKey } from "./keystore.ts";
import { parseMnemonic } from "./mnemonic.ts";
import { WalletFolder } from "./wallet-file.ts";
import {
  addressOf,
  drawMnemonic,
  makeKeyWallet,
  makeWallet,
  UnlockedWallet,
} from "./wallet-keys.ts";

const { random } = await createNodeRuntime();
const making = { random, nowMs: 1_800_000_000_000, cost: { n: 1024, r: 8, p: 1 } };
const PASSWORD = "correct horse battery";
const mnemonic = parseMnemonic(vectors.bip44.mnemonic);

suite("wallet", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "shoal-wallet-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("one mnemonic gives the accounts that other wallets show, on EVM chains and on TRON", async () => {
    const file = await makeWallet("ann", mnemonic, PASSWORD, making);
    const [first] = file.accounts;
    assert.equal(addressOf(first!, EVM_COIN), toAddress(vectors.bip44.addresses[0]!));
    assert.notEqual(addressOf(first!, TRON_COIN), addressOf(first!, EVM_COIN));
    const open = await UnlockedWallet.unlock(file, PASSWORD);
    const second = open.deriveNext("savings");
    assert.equal(addressOf(second, EVM_COIN), toAddress(vectors.bip44.addresses[1]!));
    assert.equal((await open.signer(second, EVM_COIN)).address, addressOf(second, EVM_COIN));
    open.lock();
    await assert.rejects(open.signer(second, EVM_COIN), { code: "locked" });
    assert.throws(() => open.revealMnemonic(), { code: "locked" });
  });

  test("a fresh mnemonic has 12 words, and no two are the same", () => {
    const drawn = [drawMnemonic(random), drawMnemonic(random)];
    assert.equal(drawn[0]!.split(" ").length, 12);
    assert.notEqual(drawn[0], drawn[1]);
  });

  test("nothing of a secret lies on disk, and nobody else may read the file", async () => {
    const folder = new WalletFolder(openPrivateFolder(root));
    await folder.create(await makeWallet("ann", mnemonic, PASSWORD, making));
    const path = join(root, "ann.wallet.json");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const text = readFileSync(path, "utf8");
    for (const secret of [...mnemonic.split(" "), PASSWORD])
      assert.ok(!text.includes(secret), secret);
    await assert.rejects(folder.create(await makeWallet("ann", mnemonic, PASSWORD, making)), {
      code: "exists",
    });
    assert.deepEqual(await folder.list(), ["ann"]);
    await assert.rejects(folder.read("bob"), { code: "not-found" });
    await assert.rejects(folder.read("../ann"), { code: "bad-name" });
  });

  test("no way of printing an unlocked wallet or a signer shows a secret", async () => {
    const open = await UnlockedWallet.unlock(
      await makeWallet("ann", mnemonic, PASSWORD, making),
      PASSWORD,
    );
    const account = (await makeWallet("ann", mnemonic, PASSWORD, making)).accounts[0]!;
    const key = Buffer.from(await open.revealKey(account, EVM_COIN)).toString("hex");
    const signer = await open.signer(account, EVM_COIN);
    for (const value of [open, signer]) {
      const options = { depth: 9, showHidden: true };
      const shown = inspect(value, options) + JSON.stringify(value);
      for (const secret of [PASSWORD, "junk", key]) assert.ok(!shown.includes(secret));
    }
  });

  test("a wrong password opens nothing; an address that was swapped in the file is noticed", async () => {
    const file = await makeWallet("ann", mnemonic, PASSWORD, making);
    await assert.rejects(UnlockedWallet.unlock(file, "wrong horse battery"), {
      code: "wrong-password",
    });
    const [first] = file.accounts;
    assert.ok(first?.kind === "derived");
    const swapped = { ...first.addresses, "60": toAddress(vectors.bip44.addresses[2]!) };
    const bent = { ...file, accounts: [{ ...first, addresses: swapped }] };
    await assert.rejects(UnlockedWallet.unlock(bent, PASSWORD), { code: "tampered" });
    await assert.rejects(makeWallet("ann", mnemonic, "short", making), { code: "not-allowed" });
    await assert.rejects(makeWallet("Ann Lee", mnemonic, PASSWORD, making), { code: "bad-name" });
  });

  test("a key from elsewhere is imported, and leaves as a file that other wallets open", async () => {
    const key = `0x${vectors.keystoreV3.key}`;
    const file = await makeKeyWallet("old", parsePrivateKey(key), PASSWORD, making);
    const open = await UnlockedWallet.unlock(file, PASSWORD);
    assert.equal(open.revealMnemonic(), null);
    const exported = await open.exportKey(file.accounts[0]!, EVM_COIN, "another password", making);
    const back = await decryptKey(exported, "another password");
    assert.equal(`0x${Buffer.from(back).toString("hex")}`, key);
    for (const bad of ["", "0x12", "g".repeat(64), "0".repeat(64), "f".repeat(64)])
      assert.throws(() => parsePrivateKey(bad), { code: "bad-key" });
  });

  test("a backup brings everything back, and shows nothing of it", async () => {
    const file = {
      ...(await makeWallet("ann", mnemonic, PASSWORD, making)),
      contacts: [{ name: "bob", address: toAddress(vectors.bip44.addresses[1]!), network: null }],
    };
    const text = JSON.stringify(await makeBackup(file, PASSWORD, making));
    assert.ok(!text.includes("bob") && !text.includes(vectors.bip44.addresses[1]!.toLowerCase()));
    assert.deepEqual(await openBackup(text, PASSWORD), file);
    await assert.rejects(openBackup(text, "wrong horse battery"), { code: "wrong-password" });
    await assert.rejects(makeBackup(file, "wrong horse battery", making), {
      code: "wrong-password",
    });
    await assert.rejects(openBackup("{}", PASSWORD), { code: "bad-key-file" });
  });
});
