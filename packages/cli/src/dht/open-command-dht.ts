import { homedir } from "node:os";
import process from "node:process";
import { type OpenDht, openDht } from "@shoal/dht";
import type { Runtime } from "@shoal/runtime";
import type { HostPort } from "../arguments/parse-endpoint.ts";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import type { NetworkFlags } from "../process/network-flags.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import { chooseBootstrap } from "./bootstrap.ts";

/** Options of every `shoal dht` command. */
export interface DhtFlags extends CommonOptions, NetworkFlags {
  readonly dhtBootstrap?: readonly HostPort[];
  readonly host?: string;
  /** The UDP port; a free one when absent. */
  readonly dhtPort?: number;
  readonly timeout: number;
}

/**
 * Runs a command within a DHT that has joined the network, and keeps the node's ID and table for the next
 * time. `timeout` covers all of it.
 * @throws {CliError} `not-found` when no node answers.
 */
export async function withDht<T>(
  flags: DhtFlags,
  context: CommandContext,
  run: (parts: { dht: OpenDht; runtime: Runtime; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const runtime = await openRuntime(context, { keepsState: true, flags });
  const ending = new AbortController();
  const timer = runtime.clock.setTimer(flags.timeout * 1000, () => {
    ending.abort(new CliError("not-found", `nothing came of it in ${flags.timeout} s`));
  });
  const signal = AbortSignal.any([context.signal, ending.signal]);
  try {
    const { net, clock, random, dns, store } = runtime;
    const dht = await openDht({
      net,
      clock,
      random,
      dns,
      store,
      ...chooseBootstrap(flags),
      port: flags.dhtPort ?? 0,
      ...(flags.host === undefined ? {} : { hosts: [flags.host] }),
    });
    try {
      await dht.whenJoined(signal);
      if (dht.nodes.every(({ table }) => table.size === 0)) throw noNodes(context);
      return await run({ dht, runtime, signal });
    } finally {
      await dht.closeSockets();
    }
  } finally {
    timer.cancel();
    await runtime.close();
  }
}

function noNodes({ env }: CommandContext): CliError {
  const { state } = findShoalFolders(env, process.platform, homedir());
  return new CliError(
    "not-found",
    `no node of the DHT answers: name one with --dht-bootstrap HOST:PORT (those met are remembered in ${state})`,
  );
}
