import { isPublicAddress } from "@shoal/protocol";
import { type Listener, NetError, type Runtime, type StreamSocket } from "@shoal/runtime";
import { createUtpMultiplexer, type UtpMultiplexer } from "@shoal/utp";
import { raceDials } from "./dial-race.ts";
import type { PeerNet } from "./peer-net.ts";
import { openUdpHub, type UdpHub } from "./udp-hub.ts";

/**
 * Which transport peers are spoken to over. `prefer`: both; across the internet uTP is tried first, which gives way to
 * other traffic on the line, within this machine and the local network TCP, which is faster; the other one follows.
 */
export type UtpMode = "off" | "prefer" | "only";

/** So long uTP is tried alone: round trips are shorter, and a peer without it should not wait long. */
const UTP_HEAD_START_MS = 1000;
/** The same with a peer that is known to speak it: its first packet may be lost, and is sent again after a second. */
const KNOWN_UTP_HEAD_START_MS = 3000;
/** TCP in a local network answers, or not, at once. */
const LOCAL_HEAD_START_MS = 1000;
/** uTP behind it: time for a first packet that is lost and a second one. */
const LOCAL_UTP_MS = 3000;
/** Free ports are tried until both protocols have the same one. */
const PORT_ATTEMPTS = 16;

/** Where a session's peers come in, and the way out to others. */
export interface PeerTransport extends PeerNet {
  /** Of TCP, and of UDP where there is a hub; 0 where nobody can connect to this side. */
  readonly port: number;
  /** The session's UDP socket; null when its port was taken, or UDP is off. */
  readonly hub: UdpHub | null;
  readonly utp: UtpMultiplexer | null;
  close(): Promise<void>;
}

/**
 * Listens for peers on one port of TCP and UDP.
 * @param init.port 0 takes one that is free in both.
 * @throws {NetError} when TCP cannot have the port, or under `only` UDP.
 */
export async function openPeerTransport(init: {
  runtime: Runtime;
  host: string | undefined;
  port: number;
  mode: UtpMode;
  onConnection: (socket: StreamSocket) => void;
}): Promise<PeerTransport> {
  const { runtime, mode, onConnection } = init;
  const { net, clock, random } = runtime;
  const { listener, hub } = await bindBoth(init);
  let utp: UtpMultiplexer | null = null;
  if (hub !== null && mode !== "off") {
    const { local } = hub;
    const multiplexer = createUtpMultiplexer({
      send: (bytes, to) => hub.send(bytes, to),
      clock,
      random,
      local,
      onConnection,
    });
    hub.register({
      receive: (bytes, from) => multiplexer.receive(bytes, from),
      onTurnEnd: () => multiplexer.flush(),
    });
    utp = multiplexer;
  }

  return {
    port: listener?.local.port ?? hub?.local.port ?? 0,
    hub,
    utp,
    canPunch: utp !== null,
    async connect({ utp: hint = "unknown", ...options }) {
      const overTcp = (signal: AbortSignal) => net.connect({ ...options, signal });
      if (utp === null) {
        if (hint !== "only") return await net.connect(options);
        throw new NetError("failed", "There is no uTP here to connect over.");
      }
      const multiplexer = utp;
      const remote = { address: options.host, port: options.port };
      const { timeoutMs, signal } = options;
      const overUtp = (limitMs: number | undefined) => (signal: AbortSignal) =>
        multiplexer.connect(
          remote,
          limitMs === undefined ? { signal } : { timeoutMs: limitMs, signal },
        );
      if (mode === "only" || hint === "only") {
        return await overUtp(timeoutMs)(signal ?? new AbortController().signal);
      }
      const ways = isPublicAddress(options.host)
        ? {
            first: overUtp(timeoutMs),
            second: overTcp,
            headStartMs: hint === "spoken" ? KNOWN_UTP_HEAD_START_MS : UTP_HEAD_START_MS,
          }
        : { first: overTcp, second: overUtp(LOCAL_UTP_MS), headStartMs: LOCAL_HEAD_START_MS };
      return await raceDials(clock, ways, signal);
    },
    async close() {
      utp?.close();
      await Promise.all([listener?.close(), hub?.close()]);
    },
  };
}

async function bindBoth(init: {
  runtime: Runtime;
  host: string | undefined;
  port: number;
  mode: UtpMode;
  onConnection: (socket: StreamSocket) => void;
}): Promise<{ listener: Listener | null; hub: UdpHub | null }> {
  const { net, log } = init.runtime;
  const where = init.host === undefined ? {} : { host: init.host };
  if (init.mode === "only") {
    return { listener: null, hub: await openUdpHub(net, { ...where, port: init.port }) };
  }
  for (let attempt = 1; ; attempt++) {
    const listener = await net
      .listen({ ...where, port: init.port }, init.onConnection)
      .catch((error: unknown) => {
        if (!isOff(error)) throw error;
        log.debug("nobody can connect to this side", { error });
        return null;
      });
    const port = listener?.local.port ?? init.port;
    try {
      return { listener, hub: await openUdpHub(net, { ...where, port }) };
    } catch (error) {
      const isTaken = error instanceof NetError && error.code === "address-in-use";
      if (isOff(error)) {
        log.debug("no UDP: peers are spoken to over TCP alone", { error });
        return { listener, hub: null };
      }
      if (listener === null) throw error;
      if (!isTaken || init.port !== 0 || attempt === PORT_ATTEMPTS) {
        log.warn("the UDP port cannot be had: no uTP, and no UDP of the peers' port", {
          port,
          error,
        });
        return { listener, hub: null };
      }
      await listener.close();
    }
  }
}

/** A world in which everything goes one way, such as through a proxy, does not do what would go another. */
function isOff(error: unknown): boolean {
  return error instanceof NetError && error.code === "off";
}
