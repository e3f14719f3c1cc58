import { ScrapeFilter } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { DhtNode } from "../node/dht-node.ts";
import { lookUp } from "./lookup.ts";
import { storeAt } from "./store-at.ts";

/** What to tell of ourselves. */
export interface Announcement {
  /** Where peers reach us over TCP and uTP. */
  readonly port: number;
  /** The port that our datagrams come from counts instead: right behind a NAT when uTP shares it. */
  readonly impliedPort?: boolean;
  /** We have everything (BEP 33). */
  readonly isSeed?: boolean;
}

/** What a look-up for peers did. */
export interface PeerSearch {
  /** Nodes that took the announcement. */
  stored: number;
  queries: number;
  answers: number;
  /** Steps to the closest node, the most of all families. */
  hops: number;
}

/**
 * Looks for a torrent's peers, by all the given nodes at once, and announces us when the closest nodes
 * are found. Nodes of one family go one after the other, as they ask the same others (BEP 45).
 * @param onPeer Called once for each peer.
 * @throws the signal's reason when it fires.
 */
export async function findPeers(
  families: readonly (readonly DhtNode[])[],
  options: {
    readonly infoHash: Uint8Array;
    readonly announcement: Announcement | null;
    readonly onPeer: (peer: Endpoint) => void;
    /** Peers that are known already; they are told first. */
    readonly known?: readonly Endpoint[];
    readonly signal: AbortSignal;
  },
): Promise<PeerSearch> {
  const { infoHash, announcement, onPeer, known = [], signal } = options;
  const search: PeerSearch = { stored: 0, queries: 0, answers: 0, hops: 0 };
  const seen = new Set<string>();
  const tell = (peer: Endpoint): void => {
    const key = `${peer.address} ${peer.port}`;
    if (seen.has(key)) return;
    seen.add(key);
    onPeer(peer);
  };
  for (const peer of known) tell(peer);
  const searchWith = async (node: DhtNode): Promise<void> => {
    const result = await lookUp(node, {
      target: infoHash,
      request: { method: "get_peers", infoHash, want: node.want, scrape: false },
      signal,
      onAnswer({ answer }) {
        for (const peer of answer.peers ?? []) tell(peer);
      },
    });
    search.queries += result.queries;
    search.answers += result.answers;
    search.hops = Math.max(search.hops, result.hops);
    if (announcement === null) return;
    const { port, impliedPort = false, isSeed = false } = announcement;
    const { stored } = await storeAt(node, result.closest, (token) => ({
      method: "announce_peer",
      infoHash,
      port,
      impliedPort,
      isSeed,
      token,
    }));
    search.stored += stored;
  };
  await Promise.all(
    families.map(async (nodes) => {
      for (const node of nodes) await searchWith(node);
    }),
  );
  return search;
}

/** How large a swarm is, about (BEP 33). */
export interface SwarmEstimate {
  readonly seeds: number;
  /** Peers that are no seeds. */
  readonly peers: number;
}

/** Asks the closest nodes how many peers a torrent has, and joins what they say. */
export async function scrapeSwarm(
  nodes: readonly DhtNode[],
  infoHash: Uint8Array,
  signal: AbortSignal,
): Promise<SwarmEstimate> {
  const seeds = new ScrapeFilter();
  const peers = new ScrapeFilter();
  await Promise.all(
    nodes.map((node) =>
      lookUp(node, {
        target: infoHash,
        request: { method: "get_peers", infoHash, want: node.want, scrape: true },
        signal,
        onAnswer({ answer }) {
          if (answer.seedFilter !== null) seeds.merge(answer.seedFilter);
          if (answer.peerFilter !== null) peers.merge(answer.peerFilter);
        },
      }),
    ),
  );
  return { seeds: Math.round(seeds.estimate()), peers: Math.round(peers.estimate()) };
}
