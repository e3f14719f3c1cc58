import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { KeySigner, parsePrivateKey } from "../accounts/key-signer.ts";
import { toAddress, toBlockHash } from "../network/address.ts";
import type { Intent, PreparedTransaction } from "../network/transaction.ts";
import { buildTransaction, bytesOf, hexOf, signTransaction } from "./build-transaction.ts";
import { TRX } from "./known-tron-networks.ts";
import { recoverTronSigner } from "./signature.ts";
import {
  decodeTronRawData,
  decodeTronTransaction,
  encodeTronRawData,
  type TronRawData,
  tronTransactionId,
} from "./transaction.ts";

const signer = new KeySigner(parsePrivateKey("a1".repeat(32)));
const friend = toAddress(`0x${"12".repeat(20)}`);
const foe = toAddress(`0x${"66".repeat(20)}`);

const intents: readonly Intent[] = [
  { kind: "transfer", to: friend, amount: 5_000_000n },
  { kind: "call", to: friend, data: "0xa9059cbb0001", amount: 7n },
  { kind: "deploy", code: "0x6001600255", contractName: "Coin" },
];

function prepare(intent: Intent): PreparedTransaction {
  return buildTransaction(intent, signer.address, {
    chainId: 1,
    reference: { number: 0x1_2345, hash: toBlockHash("ab".repeat(32)), timeMs: 0 },
    timestampMs: 1_800_000_000_000,
    expiresAtMs: 1_800_000_180_000,
    feeLimitSun: intent.kind === "transfer" ? 0n : 100_000_000n,
    maxFeeSun: 100_300_000n,
    expectedFeeSun: 50_000_000n,
  });
}

/** What a thief would change. */
const changes: readonly [string, (raw: TronRawData) => TronRawData][] = [
  ["amount", (raw) => ({ ...raw, contract: change(raw, { amountSun: 5_000_001n }) })],
  ["recipient", (raw) => ({ ...raw, contract: change(raw, { to: foe }) })],
  ["contract", (raw) => ({ ...raw, contract: change(raw, { contract: foe }) })],
  ["data", (raw) => ({ ...raw, contract: change(raw, { data: Uint8Array.of(1) }) })],
  ["coin that goes along", (raw) => ({ ...raw, contract: change(raw, { callValueSun: 8n }) })],
  ["token that goes along", (raw) => ({ ...raw, contract: change(raw, { tokenValue: 1n }) })],
  ["owner", (raw) => ({ ...raw, contract: change(raw, { owner: foe }) })],
  ["code", (raw) => ({ ...raw, contract: change(raw, { bytecode: Uint8Array.of(0) }) })],
  ["expiry", (raw) => ({ ...raw, expirationMs: raw.expirationMs + 86_000_000 })],
  ["fee limit", (raw) => ({ ...raw, feeLimitSun: 15_000_000_000n })],
  ["permission", (raw) => ({ ...raw, permissionId: 2 })],
  ["memo", (raw) => ({ ...raw, memo: Uint8Array.of(1) })],
  ["time", (raw) => ({ ...raw, timestampMs: raw.timestampMs + 1 })],
];

/** The contract with other fields, of those that it has. */
function change({ contract }: TronRawData, fields: object): TronRawData["contract"] {
  const known = Object.entries(fields).filter(([name]) => name in contract);
  return { ...contract, ...Object.fromEntries(known) };
}

suite("what is signed for TRON", () => {
  for (const intent of intents) {
    test(`says what was wanted: ${intent.kind}`, async () => {
      const prepared = prepare(intent);
      const signed = await signTransaction(prepared, signer, TRX);
      assert.equal(signed.id, prepared.digest);
      const { rawData, signatures } = decodeTronTransaction(bytesOf(signed.raw));
      assert.equal(hexOf(rawData), prepared.unsigned);
      const id = tronTransactionId(rawData);
      assert.equal(await recoverTronSigner(id, signatures[0] ?? new Uint8Array()), signer.address);
      const raw = decodeTronRawData(rawData);
      assert.equal(hexOf(raw.refBlockBytes), "0x2345");
      assert.equal(hexOf(raw.refBlockHash), `0x${"ab".repeat(8)}`);
    });

    for (const [what, tamper] of changes) {
      test(`is not signed with another ${what}: ${intent.kind}`, async () => {
        const prepared = prepare(intent);
        const rawData = bytesOf(prepared.unsigned);
        const tampered = encodeTronRawData(tamper(decodeTronRawData(rawData)));
        if (Buffer.from(tampered).equals(rawData)) return;
        // Whoever changes the bytes may change the digest with them.
        for (const digest of [prepared.digest, `0x${tronTransactionId(tampered)}` as const]) {
          if (what === "time" && digest !== prepared.digest) continue;
          const forged = { ...prepared, unsigned: hexOf(tampered), digest };
          await assert.rejects(signTransaction(forged, signer, TRX), { code: "bad-answer" });
        }
      });
    }

    test(`is not signed with any byte changed: ${intent.kind}`, async () => {
      const prepared = prepare(intent);
      await fc.assert(
        fc.asyncProperty(fc.nat(10_000), fc.integer({ min: 1, max: 255 }), async (at, by) => {
          const bytes = bytesOf(prepared.unsigned);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ by;
          const forged = { ...prepared, unsigned: hexOf(bytes) };
          await assert.rejects(signTransaction(forged, signer, TRX));
        }),
      );
    });
  }

  test("is signed by its sender alone", async () => {
    const prepared = prepare(intents[0] ?? assert.fail());
    const other = new KeySigner(parsePrivateKey("b2".repeat(32)));
    await assert.rejects(signTransaction(prepared, other, TRX), RangeError);
    const imposter = { address: signer.address, sign: other.sign.bind(other) };
    await assert.rejects(signTransaction(prepared, imposter, TRX), RangeError);
  });
});
