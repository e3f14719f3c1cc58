import type { Address, BlockHash, Hex, TransactionId } from "./address.ts";
import type { Asset } from "./network-info.ts";
import type { Spending } from "../accounts/signer.ts";

/** What somebody wants to have done on a chain, before fees, numbers and signatures. */
export type Intent = TransferIntent | CallIntent | DeployIntent;

/** The network's own coin goes to somebody. */
export interface TransferIntent {
  readonly kind: "transfer";
  readonly to: Address;
  /** In the coin's smallest unit. */
  readonly amount: bigint;
}

/** A contract is called. `callContract` makes one from an ABI. */
export interface CallIntent {
  readonly kind: "call";
  readonly to: Address;
  /** Selector and arguments. */
  readonly data: Hex;
  /** Coin that goes along; none when absent. */
  readonly amount?: bigint;
  /** What else the caller may lose by it, tokens above all: for spending limits. */
  readonly spends?: readonly Spending[];
  /** One line for people; made of the call's data when absent. */
  readonly summary?: string;
}

/** A contract is put on the chain. */
export interface DeployIntent {
  readonly kind: "deploy";
  /** Creation code with the constructor's arguments behind it. */
  readonly code: Hex;
  readonly amount?: bigint;
  /** For explorers, on networks that keep such a thing. */
  readonly contractName?: string;
}

/** How soon a transaction should be in a block, and so what it pays. */
export type Urgency = "slow" | "normal" | "fast";

export interface PrepareOptions {
  readonly from: Address;
  /** The account's next number, where transactions are numbered; the network's own count when absent. */
  readonly sequence?: number | null;
  readonly urgency?: Urgency;
  /**
   * The most that it may cost in fees, in the coin's smallest unit.
   * `prepare` throws `fee-too-high` rather than go beyond it.
   */
  readonly maxFee?: bigint;
  /** A transaction that waits: the new one takes its number, and pays enough more for nodes to let it take its place. */
  readonly replaces?: PreparedTransaction;
  /**
   * Does without an estimate of what it costs to execute: for a call that cannot be simulated yet because the
   * transactions before it are not in a block.
   */
  readonly gasLimit?: bigint;
}

/** A transaction that lacks only its signature. Plain data, which survives a store. */
export interface PreparedTransaction {
  readonly intent: Intent;
  readonly from: Address;
  readonly chainId: number;
  /** Null where transactions are not numbered. */
  readonly sequence: number | null;
  /** The most that it can cost in fees, and what it probably will, in the coin's smallest unit. */
  readonly maxFee: bigint;
  readonly expectedFee: bigint;
  /** When it can no longer be included, in milliseconds since 1970; null when it never expires. */
  readonly expiresAtMs: number | null;
  /** Serialised in the network's own way. */
  readonly unsigned: Hex;
  /** What is signed: 32 bytes. */
  readonly digest: Hex;
  /** The contract's address when it is a deployment, as far as it can be known. */
  readonly contractAddress: Address | null;
}

/** A transaction that any node takes. Whoever has the bytes can send it. */
export interface SignedTransaction {
  readonly id: TransactionId;
  readonly prepared: PreparedTransaction;
  /** What is broadcast. */
  readonly raw: Hex;
}

/** What became of an attempt to broadcast. */
export type BroadcastOutcome =
  /** A node has it, now or since before. */
  | { readonly state: "accepted" }
  /** Its number was used by another, or it has expired: it can never be included. Look at `status`: perhaps it was. */
  | { readonly state: "stale"; readonly reason: string }
  /** Nodes do not take it as things are (no funds for the fee, pays too little); later they may. */
  | {
      readonly state: "rejected";
      readonly reason: string;
      readonly code: "insufficient-funds" | "underpriced" | "refused";
    };

export interface BlockRef {
  readonly number: number;
  readonly hash: BlockHash;
  /** When it was made, in milliseconds since 1970. */
  readonly timeMs: number;
}

/** Where the chain stands. */
export interface Head {
  readonly latest: BlockRef;
  /** The newest block that will not be undone: by the chain's own word where it gives one, else by confirmations. */
  readonly final: BlockRef;
}

/** An entry that a contract wrote: the same shape on every network. */
export interface Log {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly block: { readonly number: number; readonly hash: BlockHash };
  readonly transactionId: TransactionId;
  /** The entry's place within its block: with the block's hash it names the entry. */
  readonly index: number;
}

/** A transaction in a block. */
export interface Receipt {
  readonly id: TransactionId;
  readonly block: BlockRef;
  /** It did what it should; false when it was undone, its fee paid all the same. */
  readonly isSuccess: boolean;
  /** What it cost, in the coin's smallest unit. */
  readonly fee: bigint;
  readonly from: Address;
  readonly to: Address | null;
  /** The contract that it made. */
  readonly contractAddress: Address | null;
  readonly logs: readonly Log[];
}

/** What is known of a transaction. `included` may turn back into the others until it is final: blocks get undone. */
export type TransactionStatus =
  | { readonly state: "unknown" }
  | { readonly state: "pending" }
  | {
      readonly state: "included";
      readonly receipt: Receipt;
      /** 1 when its block is the newest. */
      readonly confirmations: number;
      readonly isFinal: boolean;
    };

/** What a transaction would do now. */
export type Simulation =
  | {
      readonly ok: true;
      /** What the call returns. */
      readonly result: Hex;
      /** Gas, or energy on TRON. */
      readonly gas: bigint;
      /** What it would move of the tokens and the coin; null where the network cannot tell. */
      readonly moves: readonly AssetMove[] | null;
    }
  | {
      readonly ok: false;
      readonly code: "reverted" | "insufficient-funds";
      readonly reason: string;
      readonly data: Hex;
    };

export interface AssetMove {
  readonly asset: Asset;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}
