import process from "node:process";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** Why a command was asked to end. */
export class Interruption extends CliError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super("interrupted", "interrupted");
    this.signal = signal;
  }
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort with an {@link Interruption}, so that the
 * command can end in order. A second one ends the process at once.
 * @param onFirst Told once, to say that the end is under way.
 */
export function watchSignals(onFirst: (signal: NodeJS.Signals) => void): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(EXIT.interrupted);
      stopping.abort(new Interruption(signal));
      onFirst(signal);
    });
  }
  return stopping.signal;
}
