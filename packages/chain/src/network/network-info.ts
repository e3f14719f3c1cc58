import type { Address } from "./address.ts";

/** A token, or a network's own coin. */
export type Asset =
  | { readonly kind: "coin" }
  | { readonly kind: "token"; readonly address: Address };

/** How people write amounts of something. */
export interface Denomination {
  /** Such as "BTT" or "ETH". A contract's own word: show it, never trust it. */
  readonly symbol: string;
  readonly name: string;
  /** Decimals of an amount: 18 for BTT and ether, 6 for TRX. */
  readonly decimals: number;
}

/** Which of the things called BTT a network's configuration means. */
export type BttMeaning =
  /** Play money of an embedded chain or a test network: worth nothing. */
  | "play"
  /** The 10 billion of Shoal's own contract, or a bridged image of it. */
  | "shoal"
  /** BitTorrent's live token: 990 trillion after its redenomination of 1:1000. Not Shoal's. */
  | "live";

export interface BttPlace extends Denomination {
  readonly asset: Asset;
  readonly meaning: BttMeaning;
}

/** What is known of a network without asking it anything. */
export interface NetworkInfo {
  /** By which the command line names it: "embedded", "bttc", "tron-nile". */
  readonly name: string;
  /** For people: "BitTorrent Chain". */
  readonly title: string;
  /** For display and for this package. Nobody else branches on it: what a network cannot do, it says (`can`). */
  readonly kind: "embedded" | "evm" | "tron";
  /** What EIP-155 and EIP-712 sign over. */
  readonly chainId: number;
  /** Money on it is worth nothing: every face says so. */
  readonly isPlayMoney: boolean;
  readonly coin: Denomination;
  /** Where BTT is on this network; null where it is not, or nobody has said. */
  readonly btt: BttPlace | null;
  /** Shoal's contracts on this network by name, such as `BandwidthChannels`. */
  readonly contracts: Readonly<Record<string, Address>>;
  readonly explorer: Explorer | null;
  /** Blocks on top of the one that holds a transaction (that one counted) until it is taken as final. */
  readonly confirmations: number;
  /** About what time passes between blocks. */
  readonly blockTimeMs: number;
  /** BIP-44's coin type: 60 on EVM chains, 195 on TRON. */
  readonly slip44: number;
  readonly can: NetworkAbilities;
}

export interface NetworkAbilities {
  /** Transactions of an account are numbered, and one that waits can be replaced or cancelled. */
  readonly replace: boolean;
  /** A contract's address can be known before it is deployed (CREATE2 through the well-known deployer). */
  readonly deployDeterministically: boolean;
  /** Gives play money away. */
  readonly faucet: boolean;
}

/** Web addresses with `{}` where the id goes. */
export interface Explorer {
  readonly transaction: string;
  readonly address: string;
}
