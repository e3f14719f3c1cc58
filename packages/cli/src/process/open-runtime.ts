import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createProxiedRuntime, reachProxy, type Runtime } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { CommandContext } from "../commands/context.ts";
import type { NetworkFlags } from "./network-flags.ts";
import { readProxyUrl } from "./read-proxy-url.ts";
import { findShoalFolders } from "./shoal-folders.ts";

/**
 * Opens the machine's world, or what a proxy leaves of it. What it logs appears on stderr: warnings as plain lines, with
 * `SHOAL_DEBUG` everything as JSON.
 * @param keepsState Whether the state database is opened; without it nothing is kept.
 * @param flags Of commands that go out into the network; without them `SHOAL_PROXY` counts for nothing.
 * @throws {NetError} `proxy-failed` when there is to be a proxy and it cannot be used.
 */
export async function openRuntime(
  { output, env, signal }: CommandContext,
  { keepsState, flags }: { readonly keepsState: boolean; readonly flags?: NetworkFlags },
): Promise<Runtime> {
  const url = flags === undefined ? null : await readProxyUrl(flags, env);
  const { state } = findShoalFolders(env, process.platform, homedir());
  const { interface: name, nameServer } = flags ?? {};
  const runtime = await createNodeRuntime({
    ...(name === undefined ? {} : { interface: name }),
    ...(nameServer === undefined ? {} : { nameServers: nameServer }),
    storePath: keepsState ? join(state, "shoal.db") : null,
    keepsAlive: true,
    logLevel: env.SHOAL_DEBUG ? "debug" : "warn",
    writeLog: (line) => output.warn(env.SHOAL_DEBUG ? line.trimEnd() : describeLogLine(line)),
  });
  if (url === null) return runtime;
  try {
    await reachProxy(runtime, { url, signal });
    return createProxiedRuntime(runtime, { url });
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

function describeLogLine(line: string): string {
  const { event, error } = JSON.parse(line) as { event: string; error?: { message?: string } };
  return error?.message === undefined ? `warning: ${event}` : `warning: ${event}: ${error.message}`;
}
