import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readDocumentedTable, readSnapshot } from "../testing/gas-snapshot.ts";
import { DEFAULT_PRICES, EVERYDAY_LIMIT_USD, formatGasTable, usdOf } from "../testing/gas-table.ts";
import { measureGas } from "../testing/measure-gas.ts";

suite("gas", () => {
  const snapshot = readSnapshot();

  test("is what it was when the snapshot was committed; if it may change, npm run gas -- --write", async () => {
    assert.deepEqual(await measureGas(), snapshot);
  });

  test("is what docs/contracts.md says", () => {
    assert.equal(readDocumentedTable(), formatGasTable(snapshot, DEFAULT_PRICES));
  });

  test("of every everyday action costs less than a cent at BTTC's published price", () => {
    const dear = snapshot.filter(
      ({ gas, isEveryday }) => isEveryday && usdOf(gas, DEFAULT_PRICES) >= EVERYDAY_LIMIT_USD,
    );
    assert.deepEqual(dear, []);
  });
});
