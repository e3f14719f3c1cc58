import type { Endpoint } from "@shoal/runtime";
import { createTrackerServer } from "@shoal/tracker";
import type { ExitCode } from "../exit-codes.ts";
import { formatCount } from "../output/format.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface TrackerOptions extends CommonOptions {
  readonly port: number;
  /** The same as `port` when absent. */
  readonly udpPort?: number;
  readonly host?: string;
}

/** Serves a tracker over HTTP and UDP until a signal asks for the end. */
export async function runTracker(
  options: TrackerOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const { net, http, clock, random, log } = runtime;
    const server = await createTrackerServer({
      net,
      http,
      clock,
      random,
      log,
      httpPort: options.port,
      udpPort: options.udpPort ?? options.port,
      ...(options.host === undefined ? {} : { host: options.host }),
    });
    try {
      const urls = {
        http: announceUrl("http", server.httpEndpoint!, options.host),
        udp: announceUrl("udp", server.udpEndpoint!, options.host),
      };
      output.data(urls.http);
      output.data(urls.udp);
      output.event("listening", urls);
      const where = options.host === undefined ? " on every address of this machine" : "";
      output.note(`tracker is up${where}: Ctrl-C ends it`);
      const exitCode = await untilSignal(signal);
      const { torrents, peers4, peers6, announces, scrapes } = await server.stats();
      output.note(`${formatCount(announces, "announce")}, ${formatCount(torrents, "torrent")}`);
      output.result({ ...urls, torrents, peers: peers4 + peers6, announces, scrapes });
      return exitCode;
    } finally {
      await server.close();
    }
  } finally {
    await runtime.close();
  }
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
