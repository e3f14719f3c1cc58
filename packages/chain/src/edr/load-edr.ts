import type * as Edr from "@nomicfoundation/edr";

/** The library wants one context for the whole process. Loaded when a chain is opened: it takes 80 ms. */
let loading: Promise<{ edr: typeof Edr; context: Edr.EdrContext }> | null = null;

/** The EVM that runs within the process, for chains by Ethereum's rules (`L1_CHAIN_TYPE`). */
export async function loadEdr(): Promise<{ edr: typeof Edr; context: Edr.EdrContext }> {
  loading ??= load();
  return await loading;
}

async function load() {
  const edr = await import("@nomicfoundation/edr");
  const context = new edr.EdrContext();
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  return { edr, context };
}
