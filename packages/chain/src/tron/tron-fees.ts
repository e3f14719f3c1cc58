import type { Address } from "../network/address.ts";
import type { Intent } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { tronAddressHex } from "./address.ts";
import { contractOf } from "./build-transaction.ts";
import { readAmount, readFields, readList } from "./read-node.ts";
import { encodeTronRawData, tronBandwidthBytes } from "./transaction.ts";

/** Prices, which the network's committee decides. In sun. */
export interface TronPrices {
  readonly energySun: bigint;
  readonly bandwidthByteSun: bigint;
  /** In the place of bandwidth, for a transfer that makes an account. */
  readonly createAccountSun: bigint;
  /** Beside it. */
  readonly newAccountSun: bigint;
  readonly maxFeeLimitSun: bigint;
}

/** What an account has, and need not pay for. */
export interface TronResources {
  readonly bandwidthBytes: bigint;
  /** Bandwidth of a stake: alone what pays for new accounts. */
  readonly stakedBandwidthBytes: bigint;
  readonly energy: bigint;
}

/** What a transaction may cost. */
export interface TronFee {
  /** The bound that goes into the transaction: what energy may cost, a stake's counted. */
  readonly feeLimitSun: bigint;
  readonly maxSun: bigint;
  readonly expectedSun: bigint;
}

/** State may change between estimate and block, and busy contracts get dearer by the hour. */
const ENERGY_MARGIN_PERCENT = 130n;
/** Main network's limit where a node does not tell. */
const DEFAULT_MAX_FEE_LIMIT_SUN = 15_000_000_000n;
const SIGNATURE_BYTES = 65;

export async function readPrices(endpoints: Endpoints): Promise<TronPrices> {
  const answer = readFields(await endpoints.ask("wallet/getchainparameters", [{}]), "price list");
  const values = new Map<unknown, bigint>();
  for (const each of readList(answer["chainParameter"])) {
    const { key, value = 0 } = readFields(each, "price");
    // Some are negative: none of those that matter here.
    if (typeof value === "bigint" || (typeof value === "number" && value >= 0)) {
      values.set(key, readAmount(value));
    }
  }
  const price = (key: string, otherwise = 0n) => values.get(key) ?? otherwise;
  return {
    energySun: price("getEnergyFee"),
    bandwidthByteSun: price("getTransactionFee"),
    createAccountSun: price("getCreateAccountFee"),
    newAccountSun: price("getCreateNewAccountFeeInSystemContract"),
    maxFeeLimitSun: price("getMaxFeeLimit", DEFAULT_MAX_FEE_LIMIT_SUN),
  };
}

export async function readResources(endpoints: Endpoints, owner: Address): Promise<TronResources> {
  const request = { address: tronAddressHex(owner) };
  const answer = await endpoints.ask("wallet/getaccountresource", [request]);
  const fields = readFields(answer, "account's resources");
  const left = (limit: string, used: string) => {
    const rest = readAmount(fields[limit] ?? 0) - readAmount(fields[used] ?? 0);
    return rest > 0n ? rest : 0n;
  };
  const stakedBandwidthBytes = left("NetLimit", "NetUsed");
  const free = left("freeNetLimit", "freeNetUsed");
  return {
    // One of the two has to suffice by itself.
    bandwidthBytes: stakedBandwidthBytes > free ? stakedBandwidthBytes : free,
    stakedBandwidthBytes,
    energy: left("EnergyLimit", "EnergyUsed"),
  };
}

/** Bandwidth that an intent's transaction will take, signature included, to the byte. */
export function bandwidthOf(intent: Intent, from: Address, feeLimitSun: bigint): bigint {
  const rawData = encodeTronRawData({
    refBlockBytes: new Uint8Array(2),
    refBlockHash: new Uint8Array(8),
    // Times of today take as many bytes as these.
    expirationMs: 1_800_000_000_000,
    timestampMs: 1_800_000_000_000,
    feeLimitSun,
    memo: new Uint8Array(),
    permissionId: 0,
    contract: contractOf(intent, from),
  });
  return BigInt(tronBandwidthBytes(rawData, [new Uint8Array(SIGNATURE_BYTES)]));
}

/**
 * What an intent costs.
 * @param energy By a trial; null for a transfer, which takes none.
 * @param makesAccount A transfer to somebody whom the network does not know yet.
 */
export function feeOf(
  intent: Intent,
  from: Address,
  energy: bigint | null,
  makesAccount: boolean,
  prices: TronPrices,
  resources: TronResources,
): TronFee {
  const energyLimit = energy === null ? 0n : (energy * ENERGY_MARGIN_PERCENT + 99n) / 100n;
  const feeLimitSun = energyLimit * prices.energySun;
  const bytes = bandwidthOf(intent, from, feeLimitSun);
  let bandwidthSun: bigint;
  if (makesAccount) {
    const isPaid = resources.stakedBandwidthBytes >= bytes;
    bandwidthSun = prices.newAccountSun + (isPaid ? 0n : prices.createAccountSun);
  } else {
    bandwidthSun = resources.bandwidthBytes >= bytes ? 0n : bytes * prices.bandwidthByteSun;
  }
  // What is free now may be used up by then.
  const worstBandwidthSun = makesAccount ? bandwidthSun : bytes * prices.bandwidthByteSun;
  const burnt = (amount: bigint) =>
    (amount > resources.energy ? amount - resources.energy : 0n) * prices.energySun;
  return {
    feeLimitSun,
    maxSun: feeLimitSun + worstBandwidthSun,
    expectedSun: burnt(energy ?? 0n) + bandwidthSun,
  };
}
