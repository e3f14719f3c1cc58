import type { Endpoint } from "@shoal/runtime";

/** What a peer of any make is told to do. */
export interface PeerJob {
  /** Path of a torrent file, or a magnet link. */
  readonly source: string;
  /** The folder that the torrent's root lies in. */
  readonly dir: string;
  /** `off` when absent. */
  readonly encryption?: "off" | "allow" | "require";
  /** Whether it speaks uTP, or nothing else; `off` when absent. */
  readonly utp?: "off" | "only";
  /** The address to listen at; 127.0.0.1 when absent. */
  readonly host?: string;
  /** A free port when absent. */
  readonly port?: number;
  /** Bytes per second. */
  readonly uploadLimit?: number;
  /** The same; libtorrent alone takes it. */
  readonly downloadLimit?: number;
  /** How many peers it may have, and serve at once. */
  readonly connections?: number;
  /** Nodes to get into the DHT by; without them it is no part of one. */
  readonly dht?: readonly Endpoint[];
  /** Whether it looks for peers in the local network; false when absent. */
  readonly lsd?: boolean;
  /** Whether it sells its upload or pays for its download; ours alone takes it. */
  readonly trade?: "sell" | "buy";
  /** `tuned`: the settings that are fastest on loopback. The client's own when absent. */
  readonly profile?: "tuned";
}

/** A running peer of any make. */
export interface Peer {
  readonly pid: number;
  readonly endpoint: Endpoint;
  /** Makes it connect to others. The answer is the time of that, of the system's monotonic clock. */
  connect(peers: readonly Endpoint[]): Promise<number>;
  /** Resolves once it has verified everything. */
  whenComplete(timeoutMs?: number): Promise<Completion>;
  stop(): Promise<unknown>;
}

/** When a download began to arrive and when it was complete, by the monotonic clock of all processes. */
export interface Completion {
  /** The first that was seen verified, and when; null when it was never seen incomplete. */
  readonly first: { readonly ms: number; readonly verifiedBytes: number } | null;
  readonly completeMs: number;
}

/** The system's monotonic clock, as Python's `time.monotonic` reads it too. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
