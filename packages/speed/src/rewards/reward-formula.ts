import { fixedLog2 } from "./fixed-log2.ts";

/** Of what is burned, the most that comes back: `BURN_BASIS_POINTS` of `SeedRewards`. */
const RHO = { over: 9n, under: 10n };
/** Sizes are counted in these: 16 MiB. */
const SIZE_UNIT_BITS = 24n;
/** So many units have the whole reward: a GiB. */
const FULL_SIZE_UNITS = 64n;
/** Seeded in so many epochs on end, a torrent has the whole reward. */
export const FULL_EPOCHS = 30;
/** Up to so many seeders of one torrent have the whole reward. */
const FULL_SEEDERS = 20n;
/** Who burned so much in the epoch, a BTT's fee, counts as a whole seeder; who burned less as a part of one. */
const WHOLE_SEEDER_WEI = 10n ** 18n / 20n;

/** What {@link sizeWeight} is at most: log2(65) in units of 2^-32. */
export const FULL_SIZE_WEIGHT = scaledLog2(FULL_SIZE_UNITS << SIZE_UNIT_BITS);

/** A factor from 0 to 1. */
export interface Factor {
  readonly over: bigint;
  readonly under: bigint;
}

/**
 * g, as a part of {@link FULL_SIZE_WEIGHT}: min(1, log2(1 + size / 16 MiB) / log2(65)).
 * @param size Of the torrent, in bytes.
 */
export function sizeWeight(size: bigint): bigint {
  const weight = scaledLog2(size);
  return weight < FULL_SIZE_WEIGHT ? weight : FULL_SIZE_WEIGHT;
}

/**
 * h: how much of this epoch's burn was there in each of the last 30 epochs too. Burning as much in n epochs makes it
 * n / 30. Had an epoch counted whatever was burned in it, a wei a week would do for seeding.
 * @param nowWei Burned in this epoch for one seeder's torrent; more than 0.
 * @param beforeWei In the 29 epochs before, those where nothing was left out.
 */
export function timeFactor(nowWei: bigint, beforeWei: readonly bigint[]): Factor {
  const kept = beforeWei.reduce((sum, wei) => sum + smaller(wei, nowWei), nowWei);
  return { over: kept, under: BigInt(FULL_EPOCHS) * nowWei };
}

/**
 * d: min(1, 20 / seeders). More burned never raises it, whoever burns, so that nobody can buy demand; and to push it down
 * for others costs a BTT's fee for each seeder pretended.
 * @param burnsWei Burned in the epoch for each of the torrent's seeders.
 */
export function demandFactor(burnsWei: readonly bigint[]): Factor {
  const under = burnsWei.reduce((sum, wei) => sum + smaller(wei, WHOLE_SEEDER_WEI), 0n);
  const over = FULL_SEEDERS * WHOLE_SEEDER_WEI;
  return over < under ? { over, under } : { over: 1n, under: 1n };
}

/**
 * rho * burn * g * h * d, rounded down once. Wei.
 * @param weightedBurn Burned, each part times its {@link sizeWeight}.
 */
export function rewardOf(weightedBurn: bigint, time: Factor, demand: Factor): bigint {
  const over = RHO.over * weightedBurn * time.over * demand.over;
  return over / (RHO.under * FULL_SIZE_WEIGHT * time.under * demand.under);
}

/** log2(1 + size / 16 MiB) in units of 2^-32. */
function scaledLog2(size: bigint): bigint {
  return fixedLog2((1n << SIZE_UNIT_BITS) + size) - (SIZE_UNIT_BITS << 32n);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
