import { ShoalError } from "@shoal/runtime";

export type ChainErrorCode =
  /** Text that is no address, or one whose checksum does not fit. */
  | "bad-address"
  /** Text that is no amount: not a number, or with more decimals than the token has. */
  | "bad-amount"
  /** No network of that name. */
  | "unknown-network"
  /** No endpoint answers. */
  | "unreachable"
  /** An endpoint is of another network than it should be, or answers what cannot be. */
  | "wrong-network"
  | "bad-answer"
  /** Endpoints disagree about something that money hangs on. */
  | "no-quorum"
  /** The contract refused the call: `reason` says why, as far as it does. */
  | "reverted"
  | "insufficient-funds"
  /** The network refused the transaction for good; the message says why. */
  | "refused"
  /** The fee that is needed lies above the fee that is allowed. */
  | "fee-too-high"
  /** This network cannot do that. */
  | "unsupported"
  | "not-found"
  /** The embedded chain's journal is damaged, or was written by another program. */
  | "bad-journal"
  | "closed";

/** What a network, or an account on it, could not do. */
export class ChainError extends ShoalError<ChainErrorCode> {}

/** A call that the contract refused. */
export class RevertError extends ChainError {
  /** The error's name, or the text of `require`; null where the contract gave none. */
  readonly reason: string | null;
  /** What the contract returned, as hex: selector and arguments of its error. */
  readonly data: `0x${string}`;

  constructor(reason: string | null, data: `0x${string}`, options?: ErrorOptions) {
    const why = reason === null ? "without a reason" : `with "${reason}"`;
    super("reverted", `The contract refuses this ${why}.`, options);
    this.reason = reason;
    this.data = data;
  }
}

export type AccountErrorCode =
  /** Words that are no mnemonic: one is unknown, their number is wrong, or the checksum does not fit. */
  | "bad-mnemonic"
  | "bad-key"
  /** A file that holds no key, or one whose making is beyond what is allowed. */
  | "bad-key-file"
  | "bad-name"
  | "wrong-password"
  /** What stands beside the encrypted secret does not come of it: somebody has changed the file. */
  | "tampered"
  | "exists"
  | "not-found"
  /** The key is not there until the password is given again. */
  | "locked"
  /** It would spend more than the session key may. */
  | "limit-exceeded"
  | "expired"
  | "not-allowed";

/** What a wallet's keys could not do. No message holds a part of a key, a mnemonic or a password. */
export class AccountError extends ShoalError<AccountErrorCode> {}

/**
 * A request that failed, as EIP-1193 and JSON-RPC carry it. `code` is a number of EIP-1474, or 3 for a call that
 * reverted, with what the contract returned as `data`.
 */
export class RpcError extends Error {
  readonly code: number;
  readonly data?: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    if (data !== undefined) this.data = data;
  }
}
