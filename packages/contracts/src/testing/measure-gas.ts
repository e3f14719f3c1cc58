import { GasLedger, type GasEntry } from "./gas-ledger.ts";
import { measureChannels, measureTokens } from "./gas-of-channels.ts";
import { measureBountiesAndPass, measureRewards, measureSale } from "./gas-of-others.ts";
import { createSimulatedChain } from "./simulated-chain.ts";

/** Does everything that users and operators do, once, and says what each step cost. */
export async function measureGas(): Promise<readonly GasEntry[]> {
  const chain = await createSimulatedChain();
  try {
    const ledger = await GasLedger.create(chain);
    await measureTokens(ledger);
    await measureChannels(ledger);
    await measureRewards(ledger);
    await measureBountiesAndPass(ledger);
    await measureSale(ledger);
    return ledger.entries;
  } finally {
    await chain.close();
  }
}
