import type { Command } from "commander";
import type { CommonOptions } from "../commands/context.ts";

/** Options of every command that talks to the daemon. */
export interface DaemonOptions extends CommonOptions {
  /** Another machine's daemon: `http://host:port`. */
  readonly url?: string;
  /** File with an API key for `url`. */
  readonly keyFile?: string;
}

export function addDaemonOptions(command: Command): Command {
  return command
    .option("--url <url>", "another daemon than this user's, such as http://nas.local:9550")
    .option("--key-file <file>", "an API key for it (- for stdin); SHOAL_KEY_FILE may name it too");
}
