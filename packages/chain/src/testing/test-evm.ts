import { hexToBytes } from "viem";
import { RpcError } from "../errors.ts";
import type { Rpc } from "../rpc/rpc.ts";

/** An EVM in memory, which can be made to undo blocks: `evm_snapshot`, `evm_revert`, `evm_mine`, `evm_setAutomine`. */
export interface TestEvm extends Rpc {
  readonly chainId: number;
  mine(blocks?: number): Promise<void>;
}

let loading: ReturnType<typeof load> | null = null;

async function load() {
  const edr = await import("@nomicfoundation/edr");
  const context = new edr.EdrContext();
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  return { edr, context };
}

/**
 * Starts one.
 * @param funded Accounts that have 1000 ether.
 */
export async function createTestEvm(
  funded: readonly `0x${string}`[],
  { chainId = 31337, autoMine = true } = {},
): Promise<TestEvm> {
  loading ??= load();
  const { edr, context } = await loading;
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    {
      chainId: BigInt(chainId),
      networkId: BigInt(chainId),
      hardfork: edr.l1HardforkToString(edr.L1Hardfork.Cancun),
      genesisState: [
        ...edr.l1GenesisState(edr.L1Hardfork.Cancun),
        ...funded.map((address) => ({ address: hexToBytes(address), balance: 1000n * 10n ** 18n })),
      ],
      network: {
        genesisBlockGasLimit: 30_000_000n,
        genesisBlockTime: 1_700_000_000n,
        genesisBlobGas: { gasUsed: 0n, excessGas: 0n },
      },
      initialBaseFeePerGas: 1_000_000_000n,
      initialParentBeaconBlockRoot: new Uint8Array(32),
      minGasPrice: 0n,
      coinbase: new Uint8Array(20),
      defaultTransactionGasLimit: 16_000_000n,
      mining: {
        autoMine,
        blockGasLimit: 30_000_000n,
        memPool: { order: edr.MineOrdering.Priority },
      },
      allowBlocksWithSameTimestamp: false,
      allowUnlimitedContractSize: false,
      bailOnCallFailure: true,
      bailOnTransactionFailure: false,
      observability: {},
      ownedAccounts: [],
      precompileOverrides: [],
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );

  async function request({ method, params = [] }: Parameters<Rpc["request"]>[0]): Promise<unknown> {
    const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const { data } = (await provider.handleRequest(text)) as { data: unknown };
    const answer = (typeof data === "string" ? JSON.parse(data) : data) as {
      readonly result?: unknown;
      readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
    };
    if (answer.error === undefined) return answer.result;
    const { code, message, data: detail } = answer.error;
    throw new RpcError(code, message, detail);
  }

  return {
    chainId,
    request,
    async mine(blocks = 1) {
      for (let block = 0; block < blocks; block++) await request({ method: "evm_mine" });
    },
  };
}
