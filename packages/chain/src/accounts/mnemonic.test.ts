import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { HDNodeWallet } from "ethers";
import { HDKey } from "viem/accounts";
import { TronWeb } from "tronweb";
import vectors from "../../../../vectors/accounts.json" with { type: "json" };
import { toAddress } from "../network/address.ts";
import type { AccountError } from "../errors.ts";
import { addressOfKey, deriveKey, EVM_COIN, TRON_COIN } from "./derive-key.ts";
import { mnemonicOf, parseMnemonic, seedOf } from "./mnemonic.ts";

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

suite("mnemonic", () => {
  for (const [entropy = "", words = "", seed, root] of vectors.bip39.english) {
    test(`BIP-39: entropy ${entropy} gives its words, seed and root`, async () => {
      assert.equal(mnemonicOf(fromHex(entropy)), words);
      const bytes = await seedOf(parseMnemonic(words), "TREZOR");
      assert.equal(Buffer.from(bytes).toString("hex"), seed);
      assert.equal(HDKey.fromMasterSeed(bytes).privateExtendedKey, root);
    });
  }

  test("BIP-39: any entropy gives words that are read back", () => {
    const lengths = fc.constantFrom(16, 20, 24, 28, 32);
    const entropies = lengths.chain((length) =>
      fc.uint8Array({ minLength: length, maxLength: length }),
    );
    fc.assert(
      fc.property(entropies, (entropy) => {
        const words = mnemonicOf(entropy);
        assert.equal(parseMnemonic(`  ${words.toUpperCase().replaceAll(" ", "\n ")} `), words);
      }),
      { numRuns: 50 },
    );
  });

  test("refuses a wrong checksum, an unknown word and a wrong number of words, and names none of them", () => {
    const words = vectors.bip39.english[6]![1]!.split(" ");
    const wrong = [
      [words[1], words[0], ...words.slice(2)].join(" "),
      [...words.slice(0, 11), "shoal"].join(" "),
      words.slice(0, 11).join(" "),
      "",
    ];
    for (const text of wrong) {
      assert.throws(
        () => parseMnemonic(text),
        (error: AccountError) => {
          assert.equal(error.code, "bad-mnemonic");
          for (const word of [...words, "shoal"]) assert.ok(!error.message.includes(` ${word} `));
          return true;
        },
      );
    }
  });

  test("BIP-44: the accounts that other wallets show for the same words (EVM)", async () => {
    const seed = await seedOf(parseMnemonic(vectors.bip44.mnemonic));
    for (const [index, address] of vectors.bip44.addresses.entries()) {
      assert.equal(addressOfKey(deriveKey(seed, EVM_COIN, index)), toAddress(address));
      const path = `m/44'/60'/0'/0/${index}`;
      assert.equal(HDNodeWallet.fromPhrase(vectors.bip44.mnemonic, "", path).address, address);
    }
  });

  test("BIP-44: the accounts that tronweb shows for the same words (TRON)", async () => {
    const seed = await seedOf(parseMnemonic(vectors.bip44.mnemonic));
    for (const index of [0, 1, 7]) {
      const theirs = TronWeb.fromMnemonic(vectors.bip44.mnemonic, `m/44'/195'/0'/0/${index}`);
      const hex = TronWeb.address.toHex(theirs.address);
      assert.equal(`41${addressOfKey(deriveKey(seed, TRON_COIN, index)).slice(2)}`, hex);
    }
  });
});
