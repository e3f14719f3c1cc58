import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { TronWeb, utils } from "tronweb";
import vectors from "../../../../vectors/tron.json" with { type: "json" };
import { toAddress } from "../network/address.ts";
import {
  formatTronAddress,
  parseTronAddress,
  tronAddressHex,
  tronContractAddress,
  tronCreate2Address,
} from "./address.ts";

const { keccak256 } = utils.ethersUtils;
const isBadAddress = { code: "bad-address" };

suite("TRON addresses", () => {
  test("are what the main network writes, in both forms", () => {
    for (const { base58, hex } of vectors.addresses.pairs) {
      const address = parseTronAddress(base58);
      assert.equal(tronAddressHex(address), hex);
      assert.equal(formatTronAddress(address), base58);
      assert.equal(parseTronAddress(hex), address);
    }
  });

  test("agree with TronWeb for any account", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const address = toAddress(`0x${Buffer.from(bytes).toString("hex")}`);
        const base58 = formatTronAddress(address);
        assert.equal(base58, TronWeb.address.fromHex(tronAddressHex(address)));
        assert.equal(parseTronAddress(base58), address);
      }),
    );
  });

  test("with any one letter changed are refused", () => {
    const letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    fc.assert(
      fc.property(
        fc.constantFrom(...vectors.addresses.pairs),
        fc.nat(33),
        fc.constantFrom(...letters.split("")),
        ({ base58 }, at, letter) => {
          fc.pre(base58[at] !== letter);
          const text = base58.slice(0, at) + letter + base58.slice(at + 1);
          assert.throws(() => parseTronAddress(text), isBadAddress);
        },
      ),
    );
  });

  test("are nothing else: no EVM address, no other prefix, no other length", () => {
    for (const text of [
      "",
      "T",
      "0xa2ff80f95ce3740235dc46a4dffe00d9f9b91f37",
      "0x41a2ff80f95ce3740235dc46a4dffe00d9f9b91f37",
      "a2ff80f95ce3740235dc46a4dffe00d9f9b91f37",
      "42a2ff80f95ce3740235dc46a4dffe00d9f9b91f37",
      "41a2ff80f95ce3740235dc46a4dffe00d9f9b91f",
      "41a2ff80f95ce3740235dc46a4dffe00d9f9b91f3700",
      "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
      "TQq4YrKRywkd9vLYw2nZKiFfMpbQiL8gK",
      "TQq4YrKRywkd9vLYw2nZKiFfMpbQiL8gKKK",
      "TQq4YrKRywkd9vLYw2nZKiFfMpbQiL8gK0",
      "T".repeat(100_000),
    ]) {
      assert.throws(() => parseTronAddress(text), isBadAddress, text.slice(0, 50));
    }
  });

  test("a contract's follows from the transaction's id and the owner", () => {
    const { txId, owner, contractAddress } = vectors.deployment;
    const address = tronContractAddress(txId, parseTronAddress(owner));
    assert.equal(tronAddressHex(address), contractAddress);
  });

  test("CREATE2's has 41 where Ethereum has ff", () => {
    // TIP-26 gives the formula only: keccak256(0x41 ++ address ++ salt ++ keccak256(init_code))[12:].
    const creator = parseTronAddress("TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC");
    const salt = `0x${"00".repeat(31)}01` as const;
    const input = `${tronAddressHex(creator)}${salt.slice(2)}${keccak256("0x6001").slice(2)}`;
    assert.equal(
      tronCreate2Address(creator, salt, "0x6001").slice(2),
      keccak256(`0x${input}`).slice(-40),
    );
  });
});
