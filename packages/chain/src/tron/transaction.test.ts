import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { sign } from "viem/accounts";
import { TronWeb } from "tronweb";
import vectors from "../../../../vectors/tron.json" with { type: "json" };
import { ChainError } from "../errors.ts";
import { toAddress } from "../network/address.ts";
import { parseTronAddress, tronAddressHex } from "./address.ts";
import { tronAbiOf } from "./contract-abi.ts";
import type { TronContract } from "./contract-codec.ts";
import { hasLowS, recoverTronSigner } from "./signature.ts";
import {
  decodeTronRawData,
  decodeTronTransaction,
  encodeTronRawData,
  encodeTronTransaction,
  tronBandwidthBytes,
  tronTransactionId,
  type TronRawData,
} from "./transaction.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (of: Uint8Array) => Buffer.from(of).toString("hex");

const byteArrays = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Records with a plain prototype, as the decoder makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });
const addresses = byteArrays(20).map((of) => toAddress(`0x${hex(of)}`));
const amounts = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const times = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const names = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => text.isWellFormed());
const parameters = fc.array(record({ name: names, type: names, indexed: fc.boolean() }), {
  maxLength: 3,
});

const contracts: fc.Arbitrary<TronContract> = fc.oneof(
  record({
    kind: fc.constant("transfer" as const),
    owner: addresses,
    to: addresses,
    amountSun: amounts,
  }),
  record({
    kind: fc.constant("trigger" as const),
    owner: addresses,
    contract: addresses,
    callValueSun: amounts,
    data: fc.uint8Array({ maxLength: 300 }),
    tokenValue: amounts,
    tokenId: amounts,
  }),
  record({
    kind: fc.constant("deploy" as const),
    owner: addresses,
    name: names,
    bytecode: fc.uint8Array({ maxLength: 300 }),
    abi: fc.array(
      record({
        type: fc.constantFrom("constructor" as const, "function" as const, "event" as const),
        name: names,
        inputs: parameters,
        outputs: parameters,
        stateMutability: fc.constantFrom("view" as const, "payable" as const, "unknown" as const),
        anonymous: fc.boolean(),
        constant: fc.boolean(),
        payable: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
    callValueSun: amounts,
    consumeUserResourcePercent: fc.nat(100),
    originEnergyLimit: amounts,
    tokenValue: amounts,
    tokenId: amounts,
  }),
);

const rawDatas: fc.Arbitrary<TronRawData> = record({
  refBlockBytes: byteArrays(2),
  refBlockHash: byteArrays(8),
  expirationMs: times,
  timestampMs: times,
  feeLimitSun: amounts,
  memo: fc.uint8Array({ maxLength: 50 }),
  permissionId: fc.nat(9),
  contract: contracts,
});

suite("TRON transactions", () => {
  for (const recorded of vectors.recorded) {
    test(`recorded ${recorded.txId.slice(0, 8)} (${recorded.kind}) decodes, encodes back, and names its signer`, async () => {
      const rawData = bytes(recorded.rawData);
      assert.equal(tronTransactionId(rawData), recorded.txId);
      const raw = decodeTronRawData(rawData);
      assert.equal(hex(encodeTronRawData(raw)), recorded.rawData);
      assert.equal(hex(raw.refBlockBytes), recorded.refBlockBytes);
      assert.equal(hex(raw.refBlockHash), recorded.refBlockHash);
      assert.equal(raw.expirationMs, recorded.expirationMs);
      assert.equal(raw.timestampMs, recorded.timestampMs);
      assert.equal(raw.feeLimitSun, BigInt(recorded.feeLimitSun));
      const { contract } = raw;
      assert.equal(contract.kind, recorded.kind);
      if (contract.kind === "transfer") {
        assert.equal(tronAddressHex(contract.to), recorded.to);
        assert.equal(contract.amountSun, BigInt(recorded.amountSun ?? -1));
      } else if (contract.kind === "trigger") {
        assert.equal(tronAddressHex(contract.contract), recorded.contract);
        assert.equal(hex(contract.data), recorded.data);
      } else if (contract.kind === "other") {
        assert.equal(contract.typeName, recorded.typeName);
      }
      if (contract.kind !== "other") assert.equal(tronAddressHex(contract.owner), recorded.owner);
      const signature = bytes(recorded.signature);
      assert.equal(
        await recoverTronSigner(recorded.txId, signature),
        parseTronAddress(recorded.owner),
      );
      assert.equal(tronBandwidthBytes(rawData, [signature]), recorded.bandwidth);
    });
  }

  test("a recorded deployment decodes to its name, code and ABI, and encodes back", () => {
    const { rawData, txId, name, owner } = vectors.deployment;
    const raw = decodeTronRawData(bytes(rawData));
    assert.ok(raw.contract.kind === "deploy");
    assert.equal(tronTransactionId(bytes(rawData)), txId);
    assert.equal(raw.contract.name, name);
    assert.equal(tronAddressHex(raw.contract.owner), owner);
    assert.equal(raw.contract.bytecode.length, 253);
    assert.deepEqual(
      raw.contract.abi.map(({ type, name, stateMutability }) => [type, name, stateMutability]),
      [
        ["function", "set", "nonpayable"],
        ["function", "get", "view"],
      ],
    );
    assert.equal(hex(encodeTronRawData(raw)), rawData);
  });

  test("built and signed here is what another wallet builds and signs", async () => {
    const { signed } = vectors;
    const rawData = encodeTronRawData({
      refBlockBytes: bytes(signed.refBlockBytes),
      refBlockHash: bytes(signed.refBlockHash),
      expirationMs: signed.expirationMs,
      timestampMs: signed.timestampMs,
      feeLimitSun: 0n,
      memo: new Uint8Array(),
      permissionId: 0,
      contract: {
        kind: "transfer",
        owner: parseTronAddress(signed.owner),
        to: parseTronAddress(signed.to),
        amountSun: BigInt(signed.amountSun),
      },
    });
    assert.equal(tronTransactionId(rawData), signed.txId);
    const { r, s, yParity } = await sign({
      hash: `0x${signed.txId}`,
      privateKey: `0x${signed.privateKey}`,
    });
    assert.equal(`${r.slice(2)}${s.slice(2)}0${yParity}`, signed.signature);
  });

  test("round trip", () => {
    fc.assert(
      fc.property(rawDatas, (raw) => {
        const rawData = encodeTronRawData(raw);
        assert.deepEqual(decodeTronRawData(rawData), raw);
      }),
    );
  });

  test("a deployment is byte for byte what TronWeb makes of the same ABI and code", async () => {
    const abi = [
      {
        type: "constructor",
        inputs: [{ name: "to", type: "address" }],
        stateMutability: "payable",
      },
      {
        type: "function",
        name: "transfer",
        inputs: [
          { name: "to", type: "address" },
          { name: "value", type: "uint256" },
        ],
        outputs: [{ name: "", type: "bool" }],
        stateMutability: "nonpayable",
      },
      {
        type: "event",
        name: "Transfer",
        anonymous: false,
        inputs: [
          { name: "from", type: "address", indexed: true },
          { name: "value", type: "uint256", indexed: false },
        ],
      },
      { type: "error", name: "Refused", inputs: [] },
      { type: "receive", stateMutability: "payable" },
    ];
    const owner = parseTronAddress(vectors.signed.owner);
    const blockHeader = {
      ref_block_bytes: "7b3b",
      ref_block_hash: "b21ace8d6ac20e7e",
      expiration: 1_539_331_479_000,
      timestamp: 1_539_295_479_000,
    };
    const tronWeb = new TronWeb({ fullHost: "http://127.0.0.1:1" });
    const theirs = await tronWeb.transactionBuilder.createSmartContract(
      {
        abi: structuredClone(abi),
        bytecode: "60016002",
        parameters: [vectors.signed.to],
        name: "Coin",
        feeLimit: 1_000_000_000,
        userFeePercentage: 100,
        originEnergyLimit: 10_000_000,
        callValue: 0,
        blockHeader,
      },
      vectors.signed.owner,
    );
    const to = parseTronAddress(vectors.signed.to).slice(2);
    const ours = encodeTronRawData({
      refBlockBytes: bytes(blockHeader.ref_block_bytes),
      refBlockHash: bytes(blockHeader.ref_block_hash),
      expirationMs: blockHeader.expiration,
      timestampMs: blockHeader.timestamp,
      feeLimitSun: 1_000_000_000n,
      memo: new Uint8Array(),
      permissionId: 0,
      contract: {
        kind: "deploy",
        owner,
        name: "Coin",
        bytecode: bytes(`60016002${"00".repeat(12)}${to}`),
        abi: tronAbiOf(abi),
        callValueSun: 0n,
        consumeUserResourcePercent: 100,
        originEnergyLimit: 10_000_000n,
        tokenValue: 0n,
        tokenId: 0n,
      },
    });
    // TronWeb leaves out `constant` and `payable`, which only say again what `stateMutability` says.
    assert.deepEqual(
      decodeTronRawData(bytes(theirs.raw_data_hex)).contract,
      withoutLegacyFlags(decodeTronRawData(ours).contract),
    );
  });

  test("hostile bytes give a typed error or a transaction that encodes to something stable", () => {
    const seeds = [...vectors.recorded, vectors.deployment].map(({ rawData }) => bytes(rawData));
    const mutated = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 4 }),
        fc.nat(1000),
      )
      .map(([seed, changes, cut]) => {
        const copy = Uint8Array.from(seed);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return cut < 500 ? copy.subarray(0, (cut * copy.length) / 500) : copy;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (input) => {
        let raw: TronRawData;
        try {
          raw = decodeTronRawData(input);
        } catch (error) {
          assert.ok(error instanceof ChainError, String(error));
          return;
        }
        const again = encodeTronRawData(raw);
        assert.deepEqual(decodeTronRawData(again), raw);
      }),
      { numRuns: 3000 },
    );
  });

  test("a field that is not known is refused: it may say what was not asked for", () => {
    const { rawData } = vectors.recorded[0] ?? assert.fail();
    for (const extra of ["a00101", "180a", "620101", "5a020801"]) {
      assert.throws(() => decodeTronRawData(bytes(rawData + extra)), { code: "bad-answer" });
    }
  });

  test("limit: bytes of a TRON transaction", () => {
    assert.throws(() => decodeTronRawData(new Uint8Array(500 * 1024 + 1)), { code: "bad-answer" });
    assert.throws(() => decodeTronTransaction(new Uint8Array(600 * 1024)), { code: "bad-answer" });
  });

  test("a signed transaction round trips with its signatures", () => {
    fc.assert(
      fc.property(rawDatas, fc.array(byteArrays(65), { maxLength: 3 }), (raw, signatures) => {
        const rawData = encodeTronRawData(raw);
        const transaction = decodeTronTransaction(encodeTronTransaction(rawData, signatures));
        assert.deepEqual(transaction, { rawData, raw, signatures });
      }),
    );
  });

  test("the higher of the two values of s is told apart", () => {
    const { signature } = vectors.signed;
    assert.equal(hasLowS(bytes(signature)), true);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${signature.slice(64, 128)}`);
    const high = `${signature.slice(0, 64)}${s.toString(16).padStart(64, "0")}01`;
    assert.equal(hasLowS(bytes(high)), false);
  });

  test("what is no signature names nobody", async () => {
    const { txId } = vectors.signed;
    for (const signature of ["", "00".repeat(64), "00".repeat(65), "ff".repeat(65)]) {
      assert.equal(await recoverTronSigner(txId, bytes(signature)), null);
    }
  });
});

function withoutLegacyFlags(contract: TronContract): TronContract {
  if (contract.kind !== "deploy") return contract;
  return {
    ...contract,
    abi: contract.abi.map((entry) => ({ ...entry, constant: false, payable: false })),
  };
}
