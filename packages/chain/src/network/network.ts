import type { Signer } from "../accounts/signer.ts";
import type { Address, Hex, TransactionId } from "./address.ts";
import type { NetworkInfo } from "./network-info.ts";
import type {
  AssetMove,
  BlockRef,
  BroadcastOutcome,
  Head,
  Intent,
  Log,
  PreparedTransaction,
  PrepareOptions,
  SignedTransaction,
  Simulation,
  TransactionStatus,
} from "./transaction.ts";

/** Which state is read, and who has to agree about it. */
export interface Reading {
  /** The newest block when absent; `final` is the newest that will not be undone; or a block's number. */
  readonly at?: "latest" | "final" | number;
  /**
   * `quorum`: most of the network's endpoints have to answer alike, for whatever releases money. One endpoint's word
   * is taken when absent.
   */
  readonly assurance?: "one" | "quorum";
}

export interface CallRequest {
  readonly to: Address;
  readonly data: Hex;
  /** Who calls; the zero address when absent. */
  readonly from?: Address;
  readonly amount?: bigint;
}

/** Both ends included. Any length: a network that serves short ranges only is asked several times. */
export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock: number;
}

export interface LogQuery extends BlockRange {
  /** Entries of these contracts; of every contract when absent. */
  readonly addresses?: readonly Address[];
  /** By place: a topic, any of several, or null for whatever. */
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  readonly assurance?: "one" | "quorum";
}

export interface CoinQuery extends BlockRange {
  readonly owner: Address;
}

/** The network's own coin as it moved from account to account, without what contracts passed on. */
export interface CoinMove extends AssetMove {
  readonly transactionId: TransactionId;
  readonly block: BlockRef;
}

/**
 * One chain, whatever kind it is: the embedded one, an EVM chain behind JSON-RPC, or TRON. The rest of the house never
 * asks which. Amounts are whole numbers of the smallest unit; addresses are 20 bytes everywhere.
 *
 * A network keeps nothing: what has to survive is the `Sender`'s, which stores a signed transaction before it is
 * broadcast. Contracts are read and called through `readContract`, `callContract` and `readEvents`, tokens through
 * `tokenBalance` and its like; all of them rest on what is here.
 *
 * Every method that asks the network may throw a {@link ChainError}: `unreachable`, `wrong-network`, `bad-answer`,
 * `no-quorum` or `closed`.
 */
export interface Network {
  readonly info: NetworkInfo;

  /**
   * An address as people write it here.
   * @throws {ChainError} `bad-address`, also when its checksum does not fit.
   */
  parseAddress(text: string): Address;
  /** The address with its checksum: EIP-55, or base58check. */
  formatAddress(address: Address): string;
  /** The id as explorers of this network write it. */
  formatTransactionId(id: TransactionId): string;

  head(): Promise<Head>;
  /** The block of that number now; null when there is none yet. */
  block(number: number): Promise<BlockRef | null>;
  coinBalance(owner: Address, reading?: Reading): Promise<bigint>;
  isContract(address: Address): Promise<boolean>;
  /** A contract's code; `0x` where there is none. Absent where the network does not tell. */
  code?(address: Address): Promise<Hex>;
  /**
   * Executes a call without a transaction.
   * @returns what it returns; `0x` where there is no contract.
   * @throws {RevertError} when the contract refuses.
   */
  call(request: CallRequest, reading?: Reading): Promise<Hex>;
  /** Entries in the order of the chain. */
  logs(query: LogQuery): Promise<readonly Log[]>;
  /** Looks through every block of the range: for short ones, such as those since the last look. */
  coinMoves(query: CoinQuery): Promise<readonly CoinMove[]>;

  /** What a transaction would do now. */
  simulate(intent: Intent, from: Address): Promise<Simulation>;
  /**
   * The number that the account's next transaction takes; null where none are numbered.
   * @param reading Counts what is in blocks up to there. Absent: those that wait count too, by the highest count that any
   * endpoint knows.
   */
  nextSequence(owner: Address, reading?: Reading): Promise<number | null>;
  /**
   * Settles fee, number and expiry.
   * @throws {ChainError} `fee-too-high`; `insufficient-funds` when the coin does not suffice for amount and fee;
   * `unsupported` for `replaces` where `info.can.replace` is false.
   * @throws {RevertError} when it would fail.
   */
  prepare(intent: Intent, options: PrepareOptions): Promise<PreparedTransaction>;
  /** Signs, asking the network nothing. `signer.address` is the transaction's sender, or it is a `RangeError`. */
  sign(prepared: PreparedTransaction, signer: Signer): Promise<SignedTransaction>;
  /** Hands it to every endpoint. May be repeated without harm: the same transaction is included once at most. */
  broadcast(transaction: SignedTransaction): Promise<BroadcastOutcome>;
  /** @param reading `quorum` for what releases money on the strength of a receipt. */
  status(id: TransactionId, reading?: Pick<Reading, "assurance">): Promise<TransactionStatus>;

  /**
   * Asks a node by the network's own JSON-RPC, for programs that speak nothing else. Absent where it has none.
   * @throws {RpcError} what the node refuses.
   */
  request?(method: string, params: readonly unknown[]): Promise<unknown>;

  /**
   * Asks for play money.
   * @throws {ChainError} `unsupported` where `info.can.faucet` is false.
   */
  requestFaucet(to: Address): Promise<readonly TransactionId[]>;

  close(): Promise<void>;
}
