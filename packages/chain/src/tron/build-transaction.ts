import { spendingOf, summaryOf } from "../network/describe-intent.ts";
import type { Signer } from "../accounts/signer.ts";
import { ChainError } from "../errors.ts";
import { type Address, type Hex, toTransactionId } from "../network/address.ts";
import type { Denomination } from "../network/network-info.ts";
import type {
  BlockRef,
  Intent,
  PreparedTransaction,
  SignedTransaction,
} from "../network/transaction.ts";
import { tronContractAddress } from "./address.ts";
import type { TronContract } from "./contract-codec.ts";
import { hasLowS, recoverTronSigner } from "./signature.ts";
import {
  decodeTronRawData,
  encodeTronRawData,
  encodeTronTransaction,
  type TronRawData,
  tronTransactionId,
} from "./transaction.ts";

/** What every transaction of TRON consists of, beside what is wanted. */
export interface TronTerms {
  readonly chainId: number;
  /** The block that it builds on. */
  readonly reference: BlockRef;
  readonly timestampMs: number;
  readonly expiresAtMs: number;
  readonly feeLimitSun: bigint;
  readonly maxFeeSun: bigint;
  readonly expectedFeeSun: bigint;
}

/** Energy that a contract's owner would pay for its callers; all of it is theirs, but nodes want a number. */
const ORIGIN_ENERGY_LIMIT = 10_000_000n;
const ALL_BY_CALLERS = 100;
/** Nodes refuse longer names. */
const MAX_NAME_LENGTH = 32;
const NO_TOKEN = { tokenValue: 0n, tokenId: 0n } as const;

/** What is wanted, in TRON's terms. */
export function contractOf(intent: Intent, from: Address): TronContract {
  switch (intent.kind) {
    case "transfer":
      return { kind: "transfer", owner: from, to: intent.to, amountSun: intent.amount };
    case "call":
      return {
        kind: "trigger",
        owner: from,
        contract: intent.to,
        callValueSun: intent.amount ?? 0n,
        data: bytesOf(intent.data),
        ...NO_TOKEN,
      };
    default:
      return {
        kind: "deploy",
        owner: from,
        name: (intent.contractName ?? "").slice(0, MAX_NAME_LENGTH),
        bytecode: bytesOf(intent.code),
        // Explorers have the ABI from the verified source; here it would cost bandwidth.
        abi: [],
        callValueSun: intent.amount ?? 0n,
        consumeUserResourcePercent: ALL_BY_CALLERS,
        originEnergyLimit: ORIGIN_ENERGY_LIMIT,
        ...NO_TOKEN,
      };
  }
}

/** The transaction without its signature. It is built here, byte for byte: no node has a say in what is signed. */
export function buildTransaction(
  intent: Intent,
  from: Address,
  terms: TronTerms,
): PreparedTransaction {
  const rawData = encodeTronRawData(rawOf(intent, from, terms));
  const id = tronTransactionId(rawData);
  return {
    intent,
    from,
    chainId: terms.chainId,
    sequence: null,
    maxFee: terms.maxFeeSun,
    expectedFee: terms.expectedFeeSun,
    expiresAtMs: terms.expiresAtMs,
    unsigned: hexOf(rawData),
    digest: `0x${id}`,
    contractAddress: intent.kind === "deploy" ? tronContractAddress(id, from) : null,
  };
}

/**
 * Signs it, after reading it once more: the bytes have to say what the intent says, and nothing else, wherever they
 * have been meanwhile.
 * @throws {RangeError} when the signer is not the sender, or signs with another key.
 * @throws {ChainError} `bad-answer` when the bytes say something else.
 */
export async function signTransaction(
  prepared: PreparedTransaction,
  signer: Signer,
  coin: Denomination,
): Promise<SignedTransaction> {
  if (signer.address !== prepared.from) {
    throw new RangeError(`${signer.address} cannot sign what ${prepared.from} sends.`);
  }
  const rawData = bytesOf(prepared.unsigned);
  assertSays(rawData, prepared);
  const id = tronTransactionId(rawData);
  const signature = await signer.sign({
    purpose: "transaction",
    digest: `0x${id}`,
    chainId: prepared.chainId,
    spends: spendingOf(prepared),
    summary: summaryOf(prepared.intent, coin),
  });
  const bytes = bytesOf(signature);
  const recovered = await recoverTronSigner(id, bytes);
  if (recovered !== prepared.from || !hasLowS(bytes)) {
    throw new RangeError(`The signature is of ${recovered ?? "nobody"}, not of ${prepared.from}.`);
  }
  const raw = hexOf(encodeTronTransaction(rawData, [bytes]));
  return { id: toTransactionId(id), prepared, raw };
}

/**
 * Makes sure that raw data says what is wanted, whoever made it: contract, amounts, recipient, expiry, fee limit, and no
 * more.
 * @throws {ChainError} `bad-answer`, naming the first thing that differs.
 */
export function assertSays(rawData: Uint8Array, prepared: PreparedTransaction): void {
  const raw = decodeTronRawData(rawData);
  const { intent, from, expiresAtMs, maxFee } = prepared;
  const differs = (what: string) =>
    new ChainError("bad-answer", `The transaction is not what was asked for: its ${what} differs.`);
  const wanted = encodeTronRawData({ ...raw, contract: contractOf(intent, from) });
  if (!Buffer.from(wanted).equals(rawData)) throw differs(intent.kind);
  if (raw.expirationMs !== expiresAtMs) throw differs("expiry");
  if (raw.permissionId !== 0) throw differs("permission");
  if (raw.memo.length > 0) throw differs("memo");
  if (intent.kind === "transfer" ? raw.feeLimitSun !== 0n : raw.feeLimitSun > maxFee) {
    throw differs("fee limit");
  }
  if (`0x${tronTransactionId(rawData)}` !== prepared.digest) throw differs("id");
}

function rawOf(intent: Intent, from: Address, terms: TronTerms): TronRawData {
  const { number, hash } = terms.reference;
  return {
    refBlockBytes: Buffer.from((number % 0x1_0000).toString(16).padStart(4, "0"), "hex"),
    // Bytes 8 to 15 of the id.
    refBlockHash: Buffer.from(hash.slice(18, 34), "hex"),
    expirationMs: terms.expiresAtMs,
    timestampMs: terms.timestampMs,
    feeLimitSun: terms.feeLimitSun,
    memo: new Uint8Array(),
    permissionId: 0,
    contract: contractOf(intent, from),
  };
}

export function bytesOf(hex: Hex): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
