import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CommandContext } from "../commands/context.ts";
import { findShoalFolders } from "./shoal-folders.ts";

/**
 * Opens the machine's world. What it logs appears on stderr: warnings as plain lines, with
 * `SHOAL_DEBUG` everything as JSON.
 * @param keepsState Whether the state database is opened; without it nothing is kept.
 */
export async function openRuntime(
  { output, env }: CommandContext,
  { keepsState }: { readonly keepsState: boolean },
): Promise<Runtime> {
  const { state } = findShoalFolders(env, process.platform, homedir());
  return await createNodeRuntime({
    storePath: keepsState ? join(state, "shoal.db") : null,
    logLevel: env.SHOAL_DEBUG ? "debug" : "warn",
    writeLog: (line) => output.warn(env.SHOAL_DEBUG ? line.trimEnd() : describeLogLine(line)),
  });
}

function describeLogLine(line: string): string {
  const { event, error } = JSON.parse(line) as { event: string; error?: { message?: string } };
  return error?.message === undefined ? `warning: ${event}` : `warning: ${event}: ${error.message}`;
}
