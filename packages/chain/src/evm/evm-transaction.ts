import {
  getContractAddress,
  keccak256,
  parseSignature,
  parseTransaction,
  recoverAddress,
  serializeTransaction,
  type TransactionSerializable,
} from "viem";
import type { Signer } from "../accounts/signer.ts";
import { spendingOf, summaryOf } from "../network/describe-intent.ts";
import { type Hex, toAddress, toTransactionId } from "../network/address.ts";
import type { Denomination } from "../network/network-info.ts";
import type { Intent, PreparedTransaction, SignedTransaction } from "../network/transaction.ts";
import { ceilingOf, type GasPrice } from "./fees.ts";

/** What every EVM transaction consists of, beside what is wanted. */
export interface EvmTerms {
  readonly chainId: number;
  readonly nonce: number;
  readonly gas: bigint;
  readonly price: GasPrice;
}

/** The transaction without its signature, and what is signed of it. */
export function buildTransaction(
  intent: Intent,
  from: PreparedTransaction["from"],
  terms: EvmTerms,
  expectedFee: bigint,
): PreparedTransaction {
  const { chainId, nonce, gas, price } = terms;
  const unsigned = serializeTransaction(toSerializable(intent, terms));
  return {
    intent,
    from,
    chainId,
    sequence: nonce,
    maxFee: gas * ceilingOf(price),
    expectedFee,
    expiresAtMs: null,
    unsigned,
    digest: keccak256(unsigned),
    contractAddress:
      intent.kind === "deploy"
        ? toAddress(getContractAddress({ from, nonce: BigInt(nonce) }))
        : null,
  };
}

/**
 * Signs it, and makes sure that the signature is its sender's: a wrong one would be a transaction of somebody else.
 * @throws {RangeError} when the signer is not the sender, or signs with another key.
 */
export async function signTransaction(
  prepared: PreparedTransaction,
  signer: Signer,
  coin: Denomination,
): Promise<SignedTransaction> {
  if (signer.address !== prepared.from) {
    throw new RangeError(`${signer.address} cannot sign what ${prepared.from} sends.`);
  }
  const signature = await signer.sign({
    purpose: "transaction",
    digest: prepared.digest,
    chainId: prepared.chainId,
    spends: spendingOf(prepared),
    summary: summaryOf(prepared.intent, coin),
  });
  const recovered = toAddress(await recoverAddress({ hash: prepared.digest, signature }));
  if (recovered !== prepared.from) {
    throw new RangeError(`The signature is of ${recovered}, not of ${prepared.from}.`);
  }
  const raw = serializeTransaction(
    parseTransaction(prepared.unsigned),
    parseSignature(signature),
  ) as Hex;
  return { id: toTransactionId(keccak256(raw)), prepared, raw };
}

/** The price that a transaction offers. */
export function priceOf(prepared: PreparedTransaction): GasPrice {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(prepared.unsigned);
  if (maxFeePerGas === undefined) return { type: "legacy", gasPrice: gasPrice ?? 0n };
  return { type: "eip1559", maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n };
}

/** To whom, how much and with what data an intent goes, as JSON-RPC and serialisation have it. */
export function targetOf(intent: Intent): { to?: Hex; value: bigint; data?: Hex } {
  const value = intent.amount ?? 0n;
  if (intent.kind === "deploy") return { value, data: intent.code };
  if (intent.kind === "call") return { to: intent.to, value, data: intent.data };
  return { to: intent.to, value };
}

function toSerializable(intent: Intent, terms: EvmTerms): TransactionSerializable {
  const { chainId, nonce, gas, price } = terms;
  const common = { ...targetOf(intent), chainId, nonce, gas };
  if (price.type === "legacy") return { ...common, type: "legacy", gasPrice: price.gasPrice };
  const { maxFeePerGas, maxPriorityFeePerGas } = price;
  return { ...common, type: "eip1559", maxFeePerGas, maxPriorityFeePerGas };
}
