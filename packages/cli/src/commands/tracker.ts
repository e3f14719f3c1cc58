import { BroadcastChannel } from "node:worker_threads";
import type { Endpoint, Runtime } from "@shoal/runtime";
import {
  ACCOUNTS_SCHEMA,
  type Accounts,
  connectRedis,
  createMemorySwarmState,
  createRedisRelay,
  createRedisSwarmState,
  createReplicatedSwarmState,
  createTrackerServer,
  openAccounts,
  type TrackerServerOptions,
} from "@shoal/tracker";
import { CliError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { formatCount } from "../output/format.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import {
  type AccessFileOptions,
  readAccessFiles,
  watchAccessFiles,
} from "../tracker/access-files.ts";
import { createReplicaChannel } from "../tracker/replica-channel.ts";
import { startTrackerThreads, type TrackerThreads } from "../tracker/tracker-threads.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface TrackerOptions extends CommonOptions, AccessFileOptions {
  readonly port: number;
  /** The same as `port` when absent. */
  readonly udpPort?: number;
  readonly host?: string;
  /** Seconds between a peer's announces. */
  readonly interval: number;
  /** Threads that answer UDP announces. */
  readonly workers: number;
  /** Serves those alone who have an account. */
  readonly private?: boolean;
  /** URLs of Redis: one server, or nodes of a cluster. */
  readonly redis?: readonly string[];
}

/** Serves a tracker over HTTP, WebSockets and UDP until a signal asks for the end. */
export async function runTracker(
  options: TrackerOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  assertCombination(options);
  const runtime = await openRuntime(context, { keepsState: options.private === true });
  let threads: TrackerThreads | null = null;
  try {
    const accounts =
      options.private === true ? await openTrackerAccounts(runtime, options) : undefined;
    const lists = await readAccessFiles(options);
    const connectionKey = runtime.random.bytes(8);
    const channel = `shoal-tracker ${process.pid}`;
    const server = await createTrackerServer({
      ...runtime,
      ...(await openState(options, runtime, channel)),
      httpPort: options.port,
      udpPort: options.udpPort ?? options.port,
      intervalS: options.interval,
      connectionKey,
      reusePort: options.workers > 1,
      access: accounts === undefined ? lists : { ...lists, accounts },
      otherCounters: () => threads?.counters() ?? null,
      ...(options.host === undefined ? {} : { host: options.host }),
    });
    try {
      if (options.workers > 1) {
        const data = {
          server: {
            udpPort: server.udpEndpoint!.port,
            intervalS: options.interval,
            connectionKey,
            ...(options.host === undefined ? {} : { host: options.host }),
          },
          lists: listsOf(options),
          peerLifetimeMs: lifetimeMs(options),
          channel,
        };
        threads = await startTrackerThreads(options.workers - 1, data, (error) =>
          output.warn(`warning: a thread of the tracker has ended: ${error.message}`),
        );
      }
      const endWatch = watchAccessFiles({
        options,
        clock: runtime.clock,
        accounts,
        onChange(rules) {
          server.setAccess(rules);
          threads?.readLists();
          output.note("the lists have changed and hold from now on");
        },
        onBroken: (error) => output.warn(`warning: the old lists still hold: ${error.message}`),
      });
      const http = announceUrl("http", server.httpEndpoint!, options.host);
      const urls = {
        http,
        udp: announceUrl("udp", server.udpEndpoint!, options.host),
        ws: http.replace("http:", "ws:"),
      };
      for (const url of Object.values(urls)) output.data(url);
      output.event("listening", urls);
      const where = options.host === undefined ? " on every address of this machine" : "";
      output.note(`tracker is up${where}: Ctrl-C ends it`);
      const exitCode = await untilSignal(signal);
      endWatch();
      const { torrents, peers4, peers6, peersWeb, announces, scrapes } = await server.stats();
      output.note(`${formatCount(announces, "announce")}, ${formatCount(torrents, "torrent")}`);
      const peers = peers4 + peers6 + peersWeb;
      output.result({ ...urls, torrents, peers, announces, scrapes });
      return exitCode;
    } finally {
      await threads?.close();
      await server.close();
      await accounts?.close();
    }
  } finally {
    await runtime.close();
  }
}

function assertCombination({ workers, redis, private: isPrivate }: TrackerOptions): void {
  if (workers === 1) return;
  const text = (what: string) => `${what} works with one worker: leave out --workers ${workers}`;
  if (redis !== undefined) throw new CliError("usage", text("--redis"));
  // Each thread would know a part of what a peer has reported.
  if (isPrivate === true) throw new CliError("usage", text("--private"));
}

/** Two announces of silence, as trackers do. */
function lifetimeMs({ interval }: { readonly interval: number }): number {
  return interval * 2 * 1000;
}

function listsOf({ allowList, denyList, denyAddresses }: AccessFileOptions): AccessFileOptions {
  return {
    ...(allowList !== undefined && { allowList }),
    ...(denyList !== undefined && { denyList }),
    ...(denyAddresses !== undefined && { denyAddresses }),
  };
}

async function openState(
  options: TrackerOptions,
  { clock, random }: Runtime,
  channel: string,
): Promise<Pick<TrackerServerOptions, "state" | "relay">> {
  const peerLifetimeMs = lifetimeMs(options);
  if (options.redis !== undefined) {
    const link = await connectRedis(options.redis);
    return {
      state: createRedisSwarmState({ link, clock, peerLifetimeMs }),
      relay: await createRedisRelay({ link, random }),
    };
  }
  const local = createMemorySwarmState({ clock, random, peerLifetimeMs });
  if (options.workers === 1) return { state: local };
  const replicas = createReplicaChannel(new BroadcastChannel(channel));
  return { state: createReplicatedSwarmState({ local, channel: replicas, clock }) };
}

/** The accounts of the private tracker that this user runs. */
export async function openTrackerAccounts(
  { store, clock, random }: Runtime,
  options: { readonly interval: number },
): Promise<Accounts> {
  const tables = await store.open(ACCOUNTS_SCHEMA);
  return await openAccounts({ tables, clock, random, peerLifetimeMs: lifetimeMs(options) });
}

/** What peers put into torrents. A tracker on every address is shown at the one that always works here. */
function announceUrl(
  scheme: string,
  { address, port }: Endpoint,
  host: string | undefined,
): string {
  const shown = host === undefined ? "127.0.0.1" : address;
  return `${scheme}://${shown.includes(":") ? `[${shown}]` : shown}:${port}/announce`;
}
