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

/** Finds the words and the exit code for whatever a command has thrown. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof StoreError) {
    const message = `Shoal's state cannot be kept: ${error.message} SHOAL_HOME may name another folder for it.`;
    return { code: error.code, message, exitCode: EXIT.failed };
  }
  if (error instanceof ShoalError || error instanceof ProtocolError) return describe(error);
  const message = error instanceof Error ? error.message : String(error);
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
  return EXIT.failed;
}
