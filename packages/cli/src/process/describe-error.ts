import { TorrentError } from "@shoal/engine";
import { MagnetError, ProtocolError } from "@shoal/protocol";
import { DiskError, DnsError, ShoalError, StoreError } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/** An error as the user of the command line sees it. */
export interface ErrorDescription {
  readonly code: string;
  /** What is wrong and what to do next, without a stack trace. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Errors that lie in the torrent's content: neither disk nor network is at fault. */
const UNVERIFIABLE: ReadonlySet<string> = new Set([
  "bad-metadata",
  "inconsistent-hashes",
  "incomplete-data",
]);

/**
 * Exit codes of what goes wrong with wallets and networks, by the error's name and code: loading the classes would cost
 * every failing command a tenth of a second.
 */
const MONEY_EXITS: Readonly<Record<string, Readonly<Record<string, ExitCode>>>> = {
  ChainError: {
    "bad-address": EXIT.usage,
    "bad-amount": EXIT.usage,
    "unknown-network": EXIT.usage,
    unreachable: EXIT.daemonUnreachable,
    "not-found": EXIT.notFound,
    "insufficient-funds": EXIT.insufficientFunds,
  },
  AccountError: {
    "bad-mnemonic": EXIT.usage,
    "bad-key": EXIT.usage,
    "bad-name": EXIT.usage,
    "not-allowed": EXIT.usage,
    "not-found": EXIT.notFound,
  },
};

/** Finds the words and the exit code for whatever a command has thrown. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof StoreError) {
    const message = `Shoal's state cannot be kept: ${error.message} SHOAL_HOME may name another folder for it.`;
    return { code: error.code, message, exitCode: EXIT.failed };
  }
  if (error instanceof ShoalError || error instanceof ProtocolError) return describe(error);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === "RpcError") {
    const text = `the network's node refuses this: ${message}`;
    return { code: "refused", message: text, exitCode: EXIT.failed };
  }
  return {
    code: "unexpected",
    message: `${message || "an error without a message"} (unexpected: SHOAL_DEBUG=1 shows where)`,
    exitCode: EXIT.failed,
  };
}

function describe(error: ShoalError | ProtocolError): ErrorDescription {
  return { code: error.code, message: error.message, exitCode: exitCodeOf(error) };
}

function exitCodeOf(error: ShoalError | ProtocolError): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof TorrentError && UNVERIFIABLE.has(error.code)) return EXIT.verificationFailed;
  if (error instanceof MagnetError) return EXIT.usage;
  if (error instanceof DiskError && error.code === "missing") return EXIT.notFound;
  if (error instanceof DnsError && error.code === "not-found") return EXIT.notFound;
  return MONEY_EXITS[error.name]?.[error.code] ?? EXIT.failed;
}
