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
