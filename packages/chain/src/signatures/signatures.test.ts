import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  bytesToHex,
  hashTypedData,
  hexToBytes,
  keccak256 as viemKeccak,
  parseSignature,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { toAddress } from "../network/address.ts";
import { SignatureChecker, signCompact } from "./compact-signature.ts";
import { curve, portableCurve } from "./curve.ts";
import { keccak256 } from "./keccak.ts";
import { addressWord, hashText, TypedDomain, uintWord } from "./typed-domain.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
const ACCOUNT = privateKeyToAccount(bytesToHex(KEY));
const ADDRESS = toAddress(ACCOUNT.address);
const OTHER = toAddress("0x00000000000000000000000000000000000000aa");
const CONTRACT = toAddress("0x5fbdb2315678afecb367f032d93f642f64180aa3");
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const VOUCHER = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "total", type: "uint256" },
  ],
} as const;

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

suite("signatures", () => {
  test("the native curve is in use where its package is installed", () => {
    const isBuilt = ["linux-x64", "darwin-x64", "darwin-arm64", "win32-x64"].includes(
      `${process.platform}-${process.arch}`,
    );
    assert.equal(curve.name, isBuilt ? "native" : curve.name);
  });

  test("keccak256 of bytes of any length is viem's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(bytesToHex(keccak256(bytes)), viemKeccak(bytes));
      }),
    );
  });

  test("EIP-712: digests by hand are those of viem", () => {
    const domain = new TypedDomain({ name: "A", version: "1", chainId: 199, contract: CONTRACT });
    const type = hashText("Voucher(bytes32 channelId,uint256 total)");
    fc.assert(
      fc.property(bytes32, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (id, total) => {
        const expected = hashTypedData({
          domain: { name: "A", version: "1", chainId: 199n, verifyingContract: CONTRACT },
          types: VOUCHER,
          primaryType: "Voucher",
          message: { channelId: bytesToHex(id), total },
        });
        const struct = Buffer.concat([type, id, uintWord(total)]);
        assert.equal(bytesToHex(domain.digest(struct)), expected);
      }),
      { numRuns: 50 },
    );
  });

  test("both curves sign alike, as viem does (RFC 6979), and tell who signed", async () => {
    const checkers = [new SignatureChecker(curve), new SignatureChecker(portableCurve)];
    for (let round = 0; round < 20; round++) {
      const digest = keccak256(Uint8Array.of(round));
      const signature = signCompact(digest, KEY, curve);
      assert.deepEqual(signCompact(digest, KEY, portableCurve), signature);
      const { r, s, yParity } = parseSignature(await ACCOUNT.sign({ hash: bytesToHex(digest) }));
      const vs = hexToBytes(s);
      vs[0]! |= yParity === 1 ? 0x80 : 0;
      assert.deepEqual(signature, { r: hexToBytes(r), vs });
      for (const checker of checkers) {
        assert.equal(checker.signerOf(digest, signature), ADDRESS);
        assert.equal(checker.isSigned(digest, signature, ADDRESS), true);
        assert.equal(checker.isSigned(digest, signature, ADDRESS), true, "with a key it knows");
        assert.equal(checker.isSigned(digest, signature, OTHER), false);
      }
    }
  });

  test("a flipped bit anywhere makes a signature another's or nobody's", () => {
    const checker = new SignatureChecker();
    const digest = keccak256(Uint8Array.of(1));
    const { r, vs } = signCompact(digest, KEY);
    assert.equal(checker.isSigned(digest, { r, vs }, ADDRESS), true);
    for (let bit = 0; bit < 512; bit++) {
      const bytes = Buffer.concat([r, vs]);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const flipped = { r: bytes.subarray(0, 32), vs: bytes.subarray(32) };
      assert.equal(checker.isSigned(digest, flipped, ADDRESS), false, `bit ${bit}`);
    }
  });

  test("the same signature under another name, with a high s, is refused (EIP-2)", () => {
    const digest = keccak256(Uint8Array.of(2));
    const { r, vs } = signCompact(digest, KEY);
    const parity = vs[0]! >> 7;
    const s = BigInt(bytesToHex(vs)) & (2n ** 255n - 1n);
    const high = uintWord(ORDER - s);
    if (high[0]! < 0x80) high[0]! |= parity === 1 ? 0 : 0x80;
    assert.equal(new SignatureChecker().isSigned(digest, { r, vs: high }, ADDRESS), false);
  });

  test("strangers' bytes of any length are nobody's, and nothing is thrown", () => {
    const checkers = [new SignatureChecker(curve), new SignatureChecker(portableCurve)];
    const some = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(bytes32, some), fc.oneof(bytes32, some), bytes32, (r, vs, digest) => {
        const signers = checkers.map((checker) => checker.signerOf(digest, { r, vs }));
        assert.equal(signers[0], signers[1], "both curves agree");
        for (const checker of checkers) {
          assert.equal(checker.isSigned(digest, { r, vs }, ADDRESS), false);
        }
      }),
    );
    for (const edge of [new Uint8Array(32), new Uint8Array(32).fill(255), uintWord(ORDER)]) {
      const digest = keccak256(edge);
      for (const checker of checkers) {
        assert.equal(checker.isSigned(digest, { r: edge, vs: edge }, ADDRESS), false);
      }
    }
  });

  test("words: an address stands right, a number is checked", () => {
    assert.equal(bytesToHex(addressWord(CONTRACT)), `0x${"0".repeat(24)}${CONTRACT.slice(2)}`);
    assert.throws(() => uintWord(-1n), RangeError);
    assert.throws(() => uintWord(2n ** 256n), RangeError);
  });
});
