import type { GasEntry } from "./gas-ledger.ts";

/** What gas and BTT cost: configuration, since both change. */
export interface GasPrices {
  /** Price of one gas, in gwei of the coin that pays for it. */
  readonly gasPriceGwei: number;
  /** Price of that coin, in dollars. */
  readonly coinUsd: number;
}

/** BTTC's published price of gas, and an example of a BTT's price. */
export const DEFAULT_PRICES: GasPrices = { gasPriceGwei: 300_000, coinUsd: 0.000_000_6 };

/** What an everyday action may cost, in dollars. */
export const EVERYDAY_LIMIT_USD = 0.01;

/** Dollars that so much gas costs. */
export function usdOf(gas: number, { gasPriceGwei, coinUsd }: GasPrices): number {
  return gas * gasPriceGwei * 1e-9 * coinUsd;
}

/** The most that the coin may cost so that every everyday action stays below the limit, in dollars. */
export function highestCoinUsd(entries: readonly GasEntry[], gasPriceGwei: number): number {
  const gas = Math.max(...entries.filter(({ isEveryday }) => isEveryday).map(({ gas }) => gas));
  return EVERYDAY_LIMIT_USD / (gas * gasPriceGwei * 1e-9);
}

/** The table as Markdown, everyday actions first, with the prices it was made for. */
export function formatGasTable(entries: readonly GasEntry[], prices: GasPrices): string {
  const rows = (isEveryday: boolean) =>
    entries
      .filter((entry) => entry.isEveryday === isEveryday)
      .map(({ contract, action, gas }) => {
        const coins = gas * prices.gasPriceGwei * 1e-9;
        const cells = [`\`${contract}\``, action, gas.toLocaleString("en-US")];
        return `| ${[...cells, coins.toFixed(1), formatUsd(usdOf(gas, prices))].join(" | ")} |`;
      });
  const head = ["| contract | action | gas | BTT | dollars |", "|---|---|--:|--:|--:|"];
  const highest = highestCoinUsd(entries, prices.gasPriceGwei);
  return [
    `Everyday actions, at ${prices.gasPriceGwei.toLocaleString("en-US")} gwei for one gas and ` +
      `$${formatPrice(prices.coinUsd)} for one BTT. All of them stay below a cent ` +
      `as long as a BTT costs less than $${formatPrice(highest)}.`,
    "",
    ...head,
    ...rows(true),
    "",
    "Deploying and operating:",
    "",
    ...head,
    ...rows(false),
  ].join("\n");
}

function formatUsd(usd: number): string {
  return usd.toFixed(6);
}

/** Two digits, without an exponent. */
function formatPrice(usd: number): string {
  return usd.toFixed(Math.max(2, 1 - Math.floor(Math.log10(usd)))).replace(/0+$/, "");
}
