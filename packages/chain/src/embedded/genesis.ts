import { bandwidthChannelsArtifact, bttArtifact, BTT_TOTAL_SUPPLY_WEI } from "@shoal/contracts";
import type { Random } from "@shoal/runtime";
import { encodeDeployData, getContractAddress, keccak256, toHex, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type Address, toAddress } from "../network/address.ts";

/** What a chain begins with: everything that its first block's hash hangs on. */
export interface Genesis {
  readonly format: 1;
  /** The library that executed the chain, such as `edr 0.22.0`. */
  readonly engine: string;
  readonly chainId: number;
  readonly timestampS: number;
  readonly hardfork: "cancun";
  readonly blockGasLimit: number;
  readonly transactionGasLimit: number;
  readonly baseFeeWei: number;
  /** The private key of the account that gives play money away. Whoever has the journal may give it away too. */
  readonly faucetKey: Hex;
  readonly accounts: readonly GenesisAccount[];
}

export interface GenesisAccount {
  readonly address: Address;
  /** Decimal. */
  readonly balanceWei: string;
  readonly code?: Hex;
}

/** Blocks hold what a second of transfers takes, while one transaction is bounded as on Ethereum. */
const BLOCK_GAS_LIMIT = 240_000_000;

/**
 * The cap of EIP-7825: what a chain of today would not take is not taken here. It also bounds what one call may cost,
 * since the EVM's library notes each step: measured, 50 MB and 0.1 s for a million gas of an empty loop.
 */
export const TRANSACTION_GAS_LIMIT = 16_777_216;

/** It stays what it is, however full blocks are: full blocks would raise it eightfold in 20 blocks. */
const BASE_FEE_WEI = 1_000_000_000;

const COIN_WEI = 10n ** 18n;
const FAUCET_WEI = 1_000_000_000n * COIN_WEI;

/**
 * Deploys Shoal's contracts in the first blocks. Its key is no secret, so that they have the same addresses on every embedded
 * chain; nothing else ever belongs to it.
 */
const DEPLOYER_KEY = keccak256(toHex("shoal embedded chain: deployer"));

/** The well-known deployer of CREATE2, which other chains have at this address too. */
const CREATE2_DEPLOYER: GenesisAccount = {
  address: toAddress("0x4e59b44847b379578588920ca78fbf26c0b4956c"),
  balanceWei: "0",
  code: "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3",
};

const deployer = privateKeyToAccount(DEPLOYER_KEY);

/** Where BTT is on every embedded chain. */
export const EMBEDDED_BTT_ADDRESS: Address = toAddress(
  getContractAddress({ from: deployer.address, nonce: 0n }),
);

/** Where `BandwidthChannels` is on every embedded chain. */
export const EMBEDDED_CHANNELS_ADDRESS: Address = toAddress(
  getContractAddress({ from: deployer.address, nonce: 1n }),
);

/** Chain ids up to here are given away publicly; those above, to what MetaMask takes, are nobody's. */
const MIN_CHAIN_ID = 2 ** 40;
/** MetaMask refuses ids above 4503599627370476. */
const CHAIN_IDS = 2 ** 32;

/** Draws a chain of its own: id and keys are chance. */
export function drawGenesis(random: Random, timestampS: number, engine: string): Genesis {
  const faucetKey = toHex(random.bytes(32));
  const faucet = toAddress(privateKeyToAccount(faucetKey).address);
  return {
    format: 1,
    engine,
    chainId: MIN_CHAIN_ID + random.integer(CHAIN_IDS),
    timestampS,
    hardfork: "cancun",
    blockGasLimit: BLOCK_GAS_LIMIT,
    transactionGasLimit: TRANSACTION_GAS_LIMIT,
    baseFeeWei: BASE_FEE_WEI,
    faucetKey,
    accounts: [
      { address: faucet, balanceWei: String(FAUCET_WEI) },
      { address: toAddress(deployer.address), balanceWei: String(COIN_WEI) },
      CREATE2_DEPLOYER,
    ],
  };
}

/** A contract that every embedded chain has. */
export interface SystemContract {
  readonly address: Address;
  /** The transaction that deploys it. */
  sign(genesis: Genesis): Promise<Hex>;
}

/** In the order of their deployment. The token mints all BTT of the chain for its faucet. */
export const SYSTEM_CONTRACTS: readonly SystemContract[] = [
  {
    address: EMBEDDED_BTT_ADDRESS,
    sign: (genesis) =>
      signDeployment(
        genesis,
        0,
        encodeDeployData({
          abi: bttArtifact.abi,
          bytecode: bttArtifact.bytecode,
          args: [[privateKeyToAccount(genesis.faucetKey).address], [BTT_TOTAL_SUPPLY_WEI]],
        }),
      ),
  },
  {
    address: EMBEDDED_CHANNELS_ADDRESS,
    sign: (genesis) =>
      signDeployment(
        genesis,
        1,
        encodeDeployData({
          abi: bandwidthChannelsArtifact.abi,
          bytecode: bandwidthChannelsArtifact.bytecode,
          args: [EMBEDDED_BTT_ADDRESS],
        }),
      ),
  },
];

async function signDeployment(
  { chainId, baseFeeWei }: Genesis,
  nonce: number,
  data: Hex,
): Promise<Hex> {
  return await deployer.signTransaction({
    type: "eip1559",
    chainId,
    nonce,
    gas: 6_000_000n,
    maxFeePerGas: BigInt(baseFeeWei),
    maxPriorityFeePerGas: 0n,
    data,
  });
}
