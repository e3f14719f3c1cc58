import { loadEdr } from "../edr/load-edr.ts";
import { ChainError } from "../errors.ts";

/** Asks the EVM something by JSON-RPC, within the process. */
export type EvmRequest = <T>(method: string, params: readonly unknown[]) => Promise<T>;

const GAS_LIMIT = 1_000_000_000n;

/** An EVM without a sequencer of its own: a block is made when it is told to. */
export async function openEvm(options: {
  readonly chainId: number;
  readonly genesisMs: number;
  readonly energyPriceSun: bigint;
}): Promise<EvmRequest> {
  const { edr, context } = await loadEdr();
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    {
      allowBlocksWithSameTimestamp: true,
      allowUnlimitedContractSize: true,
      bailOnCallFailure: false,
      bailOnTransactionFailure: false,
      chainId: BigInt(options.chainId),
      coinbase: new Uint8Array(20),
      defaultTransactionGasLimit: GAS_LIMIT,
      genesisState: [],
      // The newest rules that do without what TRON does not have: blobs, and a beacon chain.
      hardfork: edr.l1HardforkToString(edr.L1Hardfork.Shanghai),
      initialBaseFeePerGas: options.energyPriceSun,
      minGasPrice: 0n,
      mining: { autoMine: false, memPool: { order: edr.MineOrdering.Fifo } },
      network: {
        genesisBlockGasLimit: GAS_LIMIT,
        genesisBlockTime: BigInt(Math.floor(options.genesisMs / 1000)),
      },
      networkId: BigInt(options.chainId),
      observability: {},
      ownedAccounts: [],
      precompileOverrides: [],
      transactionGasCap: false,
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );
  let id = 0;
  return async <T>(method: string, params: readonly unknown[]): Promise<T> => {
    const request = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
    const response = await provider.handleRequest(request);
    const data: unknown = response.data;
    const answer = (typeof data === "string" ? JSON.parse(data) : data) as {
      result?: T;
      error?: { message: string };
    };
    if (answer.error !== undefined) {
      throw new ChainError(
        "bad-answer",
        `The emulation's EVM refuses ${method}: ${answer.error.message}`,
      );
    }
    return answer.result as T;
  };
}
