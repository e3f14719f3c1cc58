import type { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output/output.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly events?: "ndjson";
  readonly quiet?: boolean;
}

/** What a command gets beside its arguments. */
export interface CommandContext {
  readonly output: Output;
  /** Aborted with an `Interruption` when the command should end. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a command within its context: streams, signals, and the words for what it throws. */
export type RunCommand = (
  options: CommonOptions,
  run: (context: CommandContext) => Promise<ExitCode>,
) => Promise<void>;
