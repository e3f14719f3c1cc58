import { MAX_SCRAPE_INFO_HASHES } from "@shoal/protocol";
import type { AnnounceRequest, AnnounceResponse, ScrapeResponse } from "@shoal/protocol";
import type { Clock, Dns, Http, Log, Net, Random } from "@shoal/runtime";

import { TrackerError } from "../errors.ts";
import { announceHttp, scrapeHttp } from "./http-tracker.ts";
import { abortedError } from "./tracker-failures.ts";
import { createUdpExchange } from "./udp-exchange.ts";
import { announceUdp, scrapeUdp } from "./udp-tracker.ts";
import type { UdpTrackerParts } from "./udp-tracker.ts";
import { openUdpTransport } from "./udp-transport.ts";
import type { UdpTransport } from "./udp-transport.ts";
import type { WebPeers } from "./web-peers.ts";
import { createWebSocketTrackers } from "./web-socket-trackers.ts";

export interface TrackerClientOptions {
  readonly net: Net;
  readonly http: Http;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** Whose socket UDP announces use; one of the client's own when absent. */
  readonly udp?: UdpTransport;
  /** Whom WebSocket trackers carry offers for; none are spoken to when absent. */
  readonly webPeers?: WebPeers;
  /** What HTTP trackers are told that this program is. */
  readonly userAgent?: string;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Others go to the same host soon: an HTTP connection is kept for them. */
  readonly othersFollow?: boolean;
}

/** Speaks to trackers. One client serves all torrents of a session. */
export interface TrackerClient {
  /**
   * Tells a tracker about this peer and gets others. A UDP tracker has 50 s to answer, an HTTP one 45 s, a
   * WebSocket one 60 s; what that one brings comes by way of `webPeers`.
   * @param url `http:`, `https:` or `udp:`; `ws:` or `wss:` where there are `webPeers`.
   * @throws {TrackerError} whatever goes wrong; its message tells the user what to do.
   */
  announce(
    url: string,
    request: AnnounceRequest,
    options?: RequestOptions,
  ): Promise<AnnounceResponse>;
  /**
   * Asks a tracker for figures of up to 74 torrents.
   * @throws {TrackerError} also `unsupported-scrape`.
   * @throws {RangeError} for no or too many infohashes.
   */
  scrape(
    url: string,
    infoHashes: readonly Uint8Array[],
    options?: RequestOptions,
  ): Promise<ScrapeResponse>;
  /** Cancels what is under way and closes the client's own socket. */
  close(): Promise<void>;
}

export function createTrackerClient(options: TrackerClientOptions): TrackerClient {
  const { net, http, dns, clock, random, log } = options;
  const httpParts = { http, clock, userAgent: options.userAgent ?? "Shoal" };
  const webSockets =
    options.webPeers === undefined
      ? null
      : createWebSocketTrackers({ http, clock, random, webPeers: options.webPeers });
  /** What is under way, each to be cancelled by its own. */
  const running: AbortController[] = [];
  let isClosed = false;
  let udpParts: Promise<UdpTrackerParts & { close(): Promise<void> }> | null = null;

  /** The socket is opened by the first UDP announce: who has only HTTP trackers needs none. */
  function openUdp(): Promise<UdpTrackerParts & { close(): Promise<void> }> {
    udpParts ??= open().catch((error: unknown) => {
      udpParts = null;
      throw error;
    });
    return udpParts;
  }

  async function open(): Promise<UdpTrackerParts & { close(): Promise<void> }> {
    const owned = options.udp === undefined ? await openUdpTransport(net) : null;
    const transport = owned ?? options.udp!;
    const exchange = createUdpExchange({ transport, clock, random });
    return {
      transport,
      exchange,
      dns,
      clock,
      async close() {
        exchange.close();
        await owned?.close();
      },
    };
  }

  async function run<Answer>(
    url: string,
    signal: AbortSignal | undefined,
    ask: {
      http(signal: AbortSignal): Promise<Answer>;
      udp(parts: UdpTrackerParts, signal: AbortSignal): Promise<Answer>;
      webSocket(signal: AbortSignal): Promise<Answer>;
    },
  ): Promise<Answer> {
    // No `AbortSignal.any`: what it returns hangs on the signals that live as long as the session until all memory is
    // gone through, with the whole request: measured, 13 KiB for each announce.
    const ending = new AbortController();
    const onAbort = (): void => ending.abort(signal?.reason);
    if (isClosed || signal?.aborted === true) throw abortedError(url, signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    running.push(ending);
    try {
      return await askBy(schemeOf(url), ending.signal);
    } finally {
      running.splice(running.indexOf(ending), 1);
      signal?.removeEventListener("abort", onAbort);
    }

    async function askBy(scheme: string, ended: AbortSignal): Promise<Answer> {
      if (scheme === "ws:" || scheme === "wss:") return await ask.webSocket(ended);
      if (scheme !== "udp:") return await ask.http(ended);
      let parts: UdpTrackerParts;
      try {
        parts = await openUdp();
      } catch (cause) {
        log?.warn("udp socket for trackers could not be opened", { cause });
        const text = "No UDP socket could be opened for the tracker.";
        throw new TrackerError("unreachable", url, text, { cause });
      }
      return await ask.udp(parts, ended);
    }
  }

  return {
    announce: (url, request, { signal, othersFollow = false } = {}) =>
      run(url, signal, {
        http: (signal) => announceHttp(httpParts, url, request, { signal, othersFollow }),
        udp: (parts, signal) => announceUdp(parts, url, request, signal),
        webSocket(signal) {
          if (webSockets === null) throw new TrackerError("unsupported-scheme", url, NO_WEB_PEERS);
          return webSockets.announce(url, request, signal);
        },
      }),
    async scrape(url, infoHashes, { signal } = {}) {
      if (infoHashes.length === 0 || infoHashes.length > MAX_SCRAPE_INFO_HASHES) {
        throw new RangeError(
          `a scrape takes 1 to ${MAX_SCRAPE_INFO_HASHES} infohashes, not ${infoHashes.length}`,
        );
      }
      return run(url, signal, {
        http: (signal) => scrapeHttp(httpParts, url, infoHashes, { signal }),
        udp: (parts, signal) => scrapeUdp(parts, url, infoHashes, signal),
        webSocket() {
          const text = "WebSocket trackers are not scraped: each announce brings their figures.";
          throw new TrackerError("unsupported-scrape", url, text);
        },
      });
    },
    async close() {
      isClosed = true;
      for (const ending of running) ending.abort();
      webSockets?.close();
      await (await udpParts)?.close();
    },
  };
}

const SCHEMES = ["http:", "https:", "udp:", "ws:", "wss:"];
const NO_WEB_PEERS =
  "WebSocket trackers name peers of WebRTC alone, which is switched off. Use another tracker of the torrent.";

function schemeOf(url: string): string {
  let scheme: string;
  try {
    scheme = new URL(url).protocol;
  } catch (cause) {
    throw new TrackerError("bad-url", url, `This is not a tracker's URL: ${JSON.stringify(url)}.`, {
      cause,
    });
  }
  if (SCHEMES.includes(scheme)) return scheme;
  throw new TrackerError(
    "unsupported-scheme",
    url,
    `Trackers are spoken to by http, https, udp, ws and wss, not by ${scheme.slice(0, -1)}. Use another tracker of the torrent.`,
  );
}
