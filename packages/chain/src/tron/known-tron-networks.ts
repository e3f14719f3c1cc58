import type { NetworkInfo } from "../network/network-info.ts";
import { parseTronAddress } from "./address.ts";

/** A network of TRON that can be used by its name alone. */
export interface KnownTronNetwork {
  readonly info: NetworkInfo;
  readonly endpoints: readonly string[];
}

/** BIP-44's coin type. */
export const TRON_COIN = 195;

export const TRX = { symbol: "TRX", name: "TRON", decimals: 6 } as const;

/** What all of them have in common. */
export const TRON = {
  kind: "tron",
  coin: TRX,
  contracts: {},
  // 27 producers take turns every 3 seconds: a block is final once two thirds of them have built on it.
  confirmations: 19,
  blockTimeMs: 3_000,
  slip44: TRON_COIN,
  can: { replace: false, deployDeterministically: false, faucet: false },
} as const;

const explorerAt = (origin: string) => ({
  transaction: `${origin}/#/transaction/{}`,
  address: `${origin}/#/address/{}`,
});

/** Chain ids are the last 4 bytes of the first block's id (TIP-474). */
export const KNOWN_TRON_NETWORKS: readonly KnownTronNetwork[] = [
  {
    info: {
      ...TRON,
      name: "tron",
      title: "TRON",
      chainId: 728_126_428,
      isPlayMoney: false,
      // The 990 trillion of BitTorrent, not Shoal's 10 billion.
      btt: {
        symbol: "BTT",
        name: "BitTorrent",
        decimals: 18,
        asset: {
          kind: "token",
          address: parseTronAddress("TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4"),
        },
        meaning: "live",
      },
      explorer: explorerAt("https://tronscan.org"),
    },
    endpoints: ["https://api.trongrid.io"],
  },
  {
    info: {
      ...TRON,
      name: "tron-nile",
      title: "TRON Nile (test network)",
      chainId: 3_448_148_188,
      isPlayMoney: true,
      btt: null,
      explorer: explorerAt("https://nile.tronscan.org"),
    },
    endpoints: ["https://nile.trongrid.io"],
  },
  {
    info: {
      ...TRON,
      name: "tron-shasta",
      title: "TRON Shasta (test network)",
      chainId: 2_494_104_990,
      isPlayMoney: true,
      btt: null,
      explorer: explorerAt("https://shasta.tronscan.org"),
    },
    endpoints: ["https://api.shasta.trongrid.io"],
  },
];
