/**
 * Says what everything costs: `npm run gas -- [--gas-price-gwei N] [--coin-usd N]` prints the table from the committed
 * snapshot. With `--write` it measures anew, and writes the snapshot and the table of docs/contracts.md.
 */
import { parseArgs } from "node:util";
import { readSnapshot, writeDocumentedTable, writeSnapshot } from "./gas-snapshot.ts";
import { DEFAULT_PRICES, formatGasTable } from "./gas-table.ts";
import { measureGas } from "./measure-gas.ts";

const { values } = parseArgs({
  options: {
    "gas-price-gwei": { type: "string", default: String(DEFAULT_PRICES.gasPriceGwei) },
    "coin-usd": { type: "string", default: String(DEFAULT_PRICES.coinUsd) },
    write: { type: "boolean", default: false },
  },
});

if (values.write) {
  const entries = await measureGas();
  writeSnapshot(entries);
  writeDocumentedTable(formatGasTable(entries, DEFAULT_PRICES));
}
const gasPriceGwei = Number(values["gas-price-gwei"]);
const coinUsd = Number(values["coin-usd"]);
if (!(gasPriceGwei > 0 && coinUsd > 0)) throw new RangeError("prices are numbers above 0");
console.log(formatGasTable(readSnapshot(), { gasPriceGwei, coinUsd }));
