import { ShoalError } from "@shoal/runtime";
import { EXIT, type ExitCode } from "./exit-codes.ts";

const EXIT_OF_CODE = {
  usage: EXIT.usage,
  "daemon-unreachable": EXIT.daemonUnreachable,
  "not-found": EXIT.notFound,
  "verification-failed": EXIT.verificationFailed,
  interrupted: EXIT.interrupted,
  "bad-torrent": EXIT.failed,
  "file-failed": EXIT.failed,
  "fetch-failed": EXIT.failed,
  "daemon-refused": EXIT.failed,
  "insufficient-funds": EXIT.insufficientFunds,
} as const satisfies Record<string, ExitCode>;

/** A command that cannot do what was asked. The message is one sentence or two: what is wrong, what to do. */
export class CliError extends ShoalError<keyof typeof EXIT_OF_CODE> {
  get exitCode(): ExitCode {
    return EXIT_OF_CODE[this.code];
  }
}
