import type { Clock, Endpoint, Http, Listener, Log, Net, Random, UdpSocket } from "@shoal/runtime";

import { type AccessRules, createAccess } from "../access/access.ts";
import { createConnectionIds } from "./connection-ids.ts";
import { createHttpHandler } from "./http-handler.ts";
import { createMemorySwarmState } from "./memory-swarm-state.ts";
import type { SwarmLimits } from "./memory-swarm-state.ts";
import { addCounters, createRequestCounters } from "./request-counters.ts";
import type { RequestCounters } from "./request-counters.ts";
import type { SwarmState, SwarmStats } from "./swarm-state.ts";
import { createUdpHandler } from "./udp-handler.ts";
import { createLocalRelay, type WebPeerRelay } from "./web-peer-relay.ts";
import { createWebSocketHandler } from "./web-socket-handler.ts";

export interface TrackerServerOptions {
  readonly net: Net;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** The address to listen at; every address when absent. */
  readonly host?: string;
  /** 0 picks a free port; without it neither HTTP nor WebSockets are served. */
  readonly httpPort?: number;
  /** 0 picks a free port; without it UDP is not served. */
  readonly udpPort?: number;
  /** Shares the UDP port with the other threads of this tracker. */
  readonly reusePort?: boolean;
  /** 8 secret bytes of the UDP connection IDs, which those threads have in common; random when absent. */
  readonly connectionKey?: Uint8Array;
  /** Seconds between a peer's announces; 1800 when absent. A peer is dropped after two of them. */
  readonly intervalS?: number;
  /** Seconds before which a peer should not announce again; 60, or the interval where shorter. */
  readonly minIntervalS?: number;
  /** Bounds of the state in memory. */
  readonly limits?: Partial<SwarmLimits>;
  /** Where the swarms are kept; in memory when absent. The server closes it. */
  readonly state?: SwarmState;
  /** Reaches browsers' peers at other nodes of the same state; none when absent. The server closes it. */
  readonly relay?: WebPeerRelay;
  /** What the other threads of this tracker have counted, to be added to its figures. */
  readonly otherCounters?: () => RequestCounters | null;
  /** Who may announce what; everybody everything when absent. The server does not close the accounts. */
  readonly access?: AccessRules;
}

export interface TrackerServer {
  readonly httpEndpoint: Endpoint | null;
  readonly udpEndpoint: Endpoint | null;
  stats(): Promise<SwarmStats & RequestCounters>;
  /** Changes who may announce what, from the next announce on. */
  setAccess(rules: AccessRules): void;
  close(): Promise<void>;
}

const DEFAULT_INTERVAL_S = 1800;
const DEFAULT_MIN_INTERVAL_S = 60;

/**
 * Serves trackers over HTTP, WebSockets and UDP, all on the same swarms (BEP 3, 7, 15, 23, 24, 41, 48).
 * @throws {NetError} or {HttpError} when a port cannot be opened.
 */
export async function createTrackerServer(options: TrackerServerOptions): Promise<TrackerServer> {
  const { net, http, clock, random, log, httpPort, udpPort, limits } = options;
  const intervalS = options.intervalS ?? DEFAULT_INTERVAL_S;
  const minIntervalS = options.minIntervalS ?? Math.min(DEFAULT_MIN_INTERVAL_S, intervalS);
  const counters = createRequestCounters();
  const state =
    options.state ??
    createMemorySwarmState({
      clock,
      random,
      peerLifetimeMs: intervalS * 2 * 1000,
      ...(limits !== undefined && { limits }),
    });
  const access = createAccess(options.access);
  const relay = options.relay ?? createLocalRelay(random.bytes(8));
  const stats = async (): Promise<SwarmStats & RequestCounters> => ({
    ...(await state.stats()),
    ...addCounters(counters, options.otherCounters?.() ?? null),
  });
  const where = options.host === undefined ? {} : { host: options.host };
  let listener: Listener | null = null;
  let socket: UdpSocket | null = null;

  async function close(): Promise<void> {
    await Promise.all([listener?.close(), socket?.close()]);
    await Promise.all([state.close(), relay.close()]);
  }

  try {
    if (httpPort !== undefined) {
      const handle = createHttpHandler({ state, access, intervalS, minIntervalS, counters, stats });
      const accept = createWebSocketHandler({ clock, state, access, relay, intervalS, counters });
      listener = await http.serve({ ...where, port: httpPort }, handle, accept);
    }
    if (udpPort !== undefined) {
      const handle = createUdpHandler({
        state,
        access,
        connectionIds: createConnectionIds(clock, options.connectionKey ?? random.bytes(8)),
        intervalS,
        counters,
        send: (bytes, to) => socket?.send(bytes, to) ?? true,
      });
      socket = await net.bindUdp(
        { ...where, port: udpPort, reusePort: options.reusePort ?? false },
        handle,
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  log?.info("tracker serves", { http: listener?.local, udp: socket?.local, intervalS });
  return {
    httpEndpoint: listener?.local ?? null,
    udpEndpoint: socket?.local ?? null,
    stats,
    setAccess: (rules) => access.setRules(rules),
    close,
  };
}
