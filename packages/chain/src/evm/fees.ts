import type { Urgency } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { type EvmBlock, readFields, readQuantity, toQuantity } from "./read-answer.ts";

/** What a transaction offers for a unit of gas, in the coin's smallest unit. */
export type GasPrice =
  | {
      readonly type: "eip1559";
      readonly maxFeePerGas: bigint;
      readonly maxPriorityFeePerGas: bigint;
    }
  | { readonly type: "legacy"; readonly gasPrice: bigint };

/** Blocks whose tips are looked at. */
const FEE_HISTORY_BLOCKS = 10;

/** Which of those who were included to go with, and what is added on chains that have one price. */
const URGENCIES = {
  slow: { percentile: 10, percent: 100n },
  normal: { percentile: 50, percent: 110n },
  fast: { percentile: 90, percent: 130n },
} as const satisfies Record<Urgency, { percentile: number; percent: bigint }>;

/** Nodes take another transaction's place for 10% more (geth's, Erigon's rule); some ask for an eighth. */
const REPLACEMENT_PERCENT = 113n;

/**
 * A price at which a transaction is included soon, by what others pay. The base fee may double before it is paid in
 * vain: it rises by an eighth a block at the most.
 */
export async function estimateGasPrice(
  endpoints: Endpoints,
  latest: EvmBlock,
  urgency: Urgency,
): Promise<GasPrice> {
  const { percentile, percent } = URGENCIES[urgency];
  if (latest.baseFee === null) {
    const price = readQuantity(await endpoints.ask("eth_gasPrice"));
    return { type: "legacy", gasPrice: ceilPercent(price, percent) };
  }
  const maxPriorityFeePerGas = await estimateTip(endpoints, percentile);
  return {
    type: "eip1559",
    maxFeePerGas: 2n * latest.baseFee + maxPriorityFeePerGas,
    maxPriorityFeePerGas,
  };
}

/** A price for which nodes let a transaction take the place of one that waits, if that is the higher one. */
export function outbid(price: GasPrice, waiting: GasPrice): GasPrice {
  const above = (now: bigint, before: bigint) => max(now, ceilPercent(before, REPLACEMENT_PERCENT));
  if (price.type === "legacy") {
    return { type: "legacy", gasPrice: above(price.gasPrice, ceilingOf(waiting)) };
  }
  const tip = waiting.type === "legacy" ? waiting.gasPrice : waiting.maxPriorityFeePerGas;
  const maxPriorityFeePerGas = above(price.maxPriorityFeePerGas, tip);
  const maxFeePerGas = max(above(price.maxFeePerGas, ceilingOf(waiting)), maxPriorityFeePerGas);
  return { type: "eip1559", maxFeePerGas, maxPriorityFeePerGas };
}

/** The most that a unit of gas can cost. */
export function ceilingOf(price: GasPrice): bigint {
  return price.type === "legacy" ? price.gasPrice : price.maxFeePerGas;
}

/** What a unit of gas costs if the base fee stays. */
export function expectedPrice(price: GasPrice, latest: EvmBlock): bigint {
  if (price.type === "legacy") return price.gasPrice;
  const expected = (latest.baseFee ?? 0n) + price.maxPriorityFeePerGas;
  return expected < price.maxFeePerGas ? expected : price.maxFeePerGas;
}

async function estimateTip(endpoints: Endpoints, percentile: number): Promise<bigint> {
  const history = await endpoints.ask("eth_feeHistory", [
    toQuantity(FEE_HISTORY_BLOCKS),
    "latest",
    [percentile],
  ]);
  const { reward } = readFields(history, "fee history");
  const tips = Array.isArray(reward)
    ? reward.map((block: unknown) => readQuantity(Array.isArray(block) ? block[0] : undefined))
    : [];
  // Empty blocks say nothing of what a place costs.
  const paid = tips.filter((tip) => tip > 0n).sort((a, b) => (a < b ? -1 : 1));
  const middle = paid[Math.floor(paid.length / 2)];
  if (middle !== undefined) return middle;
  return readQuantity(await endpoints.ask("eth_maxPriorityFeePerGas"));
}

export function ceilPercent(value: bigint, percent: bigint): bigint {
  return (value * percent + 99n) / 100n;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
