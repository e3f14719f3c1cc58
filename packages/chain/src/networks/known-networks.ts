import { EVM_COIN } from "../accounts/derive-key.ts";
import type { Finality } from "../evm/chain-head.ts";
import { toAddress } from "../network/address.ts";
import type { BttPlace, Denomination, NetworkInfo } from "../network/network-info.ts";

/** A network that can be used by its name alone. */
export interface KnownNetwork {
  readonly info: NetworkInfo;
  /** Public nodes, of different operators where there are any: reads that release money ask all of them. */
  readonly endpoints: readonly string[];
  readonly finality: Finality;
}

/** Where `shoal chain start` listens unless it is told otherwise. */
export const EMBEDDED_RPC_URL = "http://127.0.0.1:8545";

export const ETHER: Denomination = { symbol: "ETH", name: "Ether", decimals: 18 };
const BNB: Denomination = { symbol: "BNB", name: "BNB", decimals: 18 };
const BTT_COIN: Denomination = { symbol: "BTT", name: "BitTorrent", decimals: 18 };

/** BitTorrent's token of 990 trillion, after the redenomination of December 2021: not Shoal's 10 billion. */
const liveBtt = (address: string): BttPlace => ({
  ...BTT_COIN,
  asset: { kind: "token", address: toAddress(address) },
  meaning: "live",
});

const evm = {
  kind: "evm",
  isPlayMoney: false,
  contracts: {},
  slip44: EVM_COIN,
  can: { replace: true, deployDeterministically: true, faucet: false },
} as const;

const explorerAt = (origin: string) => ({
  transaction: `${origin}/tx/{}`,
  address: `${origin}/address/{}`,
});

/**
 * EVM networks.
 * @see https://docs.bt.io/docs/networks/network for BTTC's, https://chainlist.org for the others
 */
export const KNOWN_EVM_NETWORKS: readonly KnownNetwork[] = [
  {
    info: {
      ...evm,
      name: "bttc",
      title: "BitTorrent Chain",
      chainId: 199,
      coin: BTT_COIN,
      btt: { ...BTT_COIN, asset: { kind: "coin" }, meaning: "live" },
      explorer: explorerAt("https://bttcscan.com"),
      // Sidechain of Polygon's make: a sprint of 64 blocks is signed by the next producer.
      confirmations: 64,
      blockTimeMs: 2_000,
    },
    endpoints: ["https://rpc.bt.io", "https://bttc.trongrid.io", "https://bittorrent.drpc.org"],
    finality: "depth",
  },
  {
    info: {
      ...evm,
      name: "bttc-donau",
      title: "BitTorrent Chain Donau (test network)",
      chainId: 1029,
      coin: BTT_COIN,
      btt: { ...BTT_COIN, asset: { kind: "coin" }, meaning: "play" },
      isPlayMoney: true,
      explorer: explorerAt("https://testnet.bttcscan.com"),
      confirmations: 64,
      blockTimeMs: 2_000,
    },
    endpoints: ["https://pre-rpc.bt.io"],
    finality: "depth",
  },
  {
    info: {
      ...evm,
      name: "ethereum",
      title: "Ethereum",
      chainId: 1,
      coin: ETHER,
      btt: liveBtt("0xC669928185DbCE49d2230CC9B0979BE6DC797957"),
      explorer: explorerAt("https://etherscan.io"),
      confirmations: 64,
      blockTimeMs: 12_000,
    },
    endpoints: [
      "https://ethereum-rpc.publicnode.com",
      "https://eth.drpc.org",
      "https://eth.llamarpc.com",
    ],
    finality: "tag",
  },
  {
    info: {
      ...evm,
      name: "sepolia",
      title: "Sepolia (test network of Ethereum)",
      chainId: 11_155_111,
      coin: ETHER,
      btt: null,
      isPlayMoney: true,
      explorer: explorerAt("https://sepolia.etherscan.io"),
      confirmations: 64,
      blockTimeMs: 12_000,
    },
    endpoints: ["https://ethereum-sepolia-rpc.publicnode.com", "https://sepolia.drpc.org"],
    finality: "tag",
  },
  {
    info: {
      ...evm,
      name: "bsc",
      title: "BNB Smart Chain",
      chainId: 56,
      coin: BNB,
      btt: liveBtt("0x352Cb5E19b12FC216548a2677bD0fce83BaE434B"),
      explorer: explorerAt("https://bscscan.com"),
      // Two thirds of 21 validators, and their turns again.
      confirmations: 30,
      blockTimeMs: 1_000,
    },
    endpoints: [
      "https://bsc-dataseed.bnbchain.org",
      "https://bsc-rpc.publicnode.com",
      "https://bsc.drpc.org",
    ],
    finality: "depth",
  },
  {
    info: {
      ...evm,
      name: "bsc-testnet",
      title: "BNB Smart Chain (test network)",
      chainId: 97,
      coin: { ...BNB, symbol: "tBNB" },
      btt: null,
      isPlayMoney: true,
      explorer: explorerAt("https://testnet.bscscan.com"),
      confirmations: 30,
      blockTimeMs: 1_000,
    },
    endpoints: [
      "https://data-seed-prebsc-1-s1.bnbchain.org:8545",
      "https://bsc-testnet-rpc.publicnode.com",
    ],
    finality: "depth",
  },
];
