import type { Provider } from "@nomicfoundation/edr";
import { hexToBytes } from "viem";
import { loadEdr } from "../edr/load-edr.ts";
import { RpcError } from "../errors.ts";
import type { Genesis } from "./genesis.ts";
import { type EvmFailure, RPC_CODES, toRpcError } from "./rpc-error.ts";

/** What executes transactions: state, pool and blocks in memory. Requests are carried out one at a time. */
export interface Evm {
  /** @throws {RpcError} */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  /**
   * Several requests, with no other in between.
   * @returns what each answers.
   * @throws {RpcError} what the first that failed says; those before it were carried out.
   */
  batch(calls: readonly EvmCall[]): Promise<readonly unknown[]>;
}

export type EvmCall = readonly [method: string, params: readonly unknown[]];

const NOTHING = new Uint8Array(32);

/** An EVM at the first block of a chain. The same genesis, and the same calls, lead to the same hashes. */
export async function createEvm(genesis: Genesis): Promise<Evm> {
  const { edr, context } = await loadEdr();
  const chainId = BigInt(genesis.chainId);
  const gasLimit = BigInt(genesis.blockGasLimit);
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    {
      chainId,
      networkId: chainId,
      hardfork: edr.l1HardforkToString(edr.L1Hardfork.Cancun),
      genesisState: [
        ...edr.l1GenesisState(edr.L1Hardfork.Cancun),
        ...genesis.accounts.map(({ address, balanceWei, code }) => ({
          address: hexToBytes(address),
          balance: BigInt(balanceWei),
          ...(code !== undefined && { code: hexToBytes(code) }),
        })),
      ],
      network: {
        genesisBlockGasLimit: gasLimit,
        genesisBlockTime: BigInt(genesis.timestampS),
        genesisBlobGas: { gasUsed: 0n, excessGas: 0n },
      },
      initialBaseFeePerGas: BigInt(genesis.baseFeeWei),
      initialParentBeaconBlockRoot: NOTHING,
      // Blocks never exceed their target, and what they fall short of it counts for nothing: the fee stays.
      baseFeeConfig: [
        {
          activation: { blockNumber: 0n },
          maxChangeDenominator: 2n ** 62n,
          elasticityMultiplier: 1n,
        },
      ],
      minGasPrice: 0n,
      coinbase: new Uint8Array(20),
      defaultTransactionGasLimit: BigInt(genesis.transactionGasLimit),
      transactionGasCap: BigInt(genesis.transactionGasLimit),
      mining: {
        autoMine: false,
        blockGasLimit: gasLimit,
        memPool: { order: edr.MineOrdering.Fifo },
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
  return {
    request: (method, params) => ask(provider, JSON.stringify(toRequest([method, params]))),
    async batch(calls) {
      return (await ask(provider, JSON.stringify(calls.map(toRequest)))) as readonly unknown[];
    },
  };
}

function toRequest([method, params]: EvmCall): object {
  return { jsonrpc: "2.0", id: 1, method, params };
}

async function ask(provider: Provider, request: string): Promise<unknown> {
  const response = await provider.handleRequest(request);
  const data: unknown = response.data;
  // Long answers come as objects.
  const answer = (typeof data === "string" ? JSON.parse(data) : data) as {
    readonly result?: unknown;
    readonly error?: EvmFailure;
  };
  if (answer.error !== undefined) throw toRpcError(answer.error);
  if (answer.result === undefined) {
    throw new RpcError(RPC_CODES.internal, "the EVM gave an answer without a result");
  }
  return answer.result;
}
