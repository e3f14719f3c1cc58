import { type AddressFamily, itemPublicKey, mutableTarget } from "@shoal/protocol";
import {
  type Clock,
  type Dns,
  type Endpoint,
  pause,
  type Random,
  unlessAborted,
} from "@shoal/runtime";
import { DhtError } from "./errors.ts";
import {
  DEFAULT_POLL_MS,
  type FollowedTorrent,
  followTorrent,
  REPUBLISH_MS,
} from "./items/follow-torrent.ts";
import {
  findImmutable,
  findMutable,
  isWellKept,
  type MutableItem,
  type MutableSearch,
  newestOf,
  storedMutable,
} from "./items/get-item.ts";
import { putImmutable, putMutable, signNext } from "./items/put-item.ts";
import { encodeTorrentItem } from "./items/torrent-item.ts";
import {
  type Announcement,
  findPeers,
  type PeerSearch,
  scrapeSwarm,
  type SwarmEstimate,
} from "./lookup/find-peers.ts";
import { createResultStream, type ResultStream } from "./lookup/result-stream.ts";
import { sampleInfoHashes } from "./lookup/sample-infohashes.ts";
import type { DatagramPort } from "./node/datagram-port.ts";
import type { DhtNode } from "./node/dht-node.ts";
import { type HostPort, NodeSet } from "./node/node-set.ts";
import type { DhtState } from "./state/dht-state.ts";

export interface DhtOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** For hosts to get in by that are names. */
  readonly dns?: Dns;
  /**
   * One for each address to be a node at: one IPv4 and one IPv6 usually, several of a family on a
   * machine with several addresses (BEP 45).
   */
  readonly ports: readonly DatagramPort[];
  /** Hosts to get in by, asked first and whenever the table is empty. */
  readonly bootstrap?: readonly HostPort[];
  /** The same, asked only when neither `bootstrap` nor saved nodes let us in: see `PUBLIC_BOOTSTRAP`. */
  readonly fallback?: readonly HostPort[];
  /** From an earlier run; see `Dht.exportState`. */
  readonly state?: DhtState;
  /** Asks and never answers, as for a phone, or a program that is soon gone (BEP 43). */
  readonly isReadOnly?: boolean;
}

export interface SearchOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface SaltOptions extends SearchOptions {
  /** Tells the items of one key apart; at most 64 bytes. */
  readonly salt?: Uint8Array | undefined;
}

export interface PutMutableOptions extends SaltOptions {
  /** The version; one above the newest that is found when absent. */
  readonly seq?: bigint | undefined;
  /** Refuses when the newest version is another than this (BEP 44). */
  readonly cas?: bigint | undefined;
}

/** How a mutable item was stored. */
export interface StoredMutable {
  readonly item: MutableItem;
  /** Nodes that took it. */
  readonly stored: number;
}

/**
 * A part of BitTorrent's distributed hash table. Everything that takes an `AbortSignal` throws its
 * reason when it fires, and throws a `DhtError` `closed` when the DHT is closed meanwhile.
 */
export interface Dht {
  /** One for each port, in their order. */
  readonly nodes: readonly DhtNode[];
  /** Hands a datagram to the node of its family; with several of one family, use `nodes[i].receive`. */
  receive(datagram: Uint8Array, from: Endpoint): void;
  /** Tells of a node: from a peer's `port` message, or a torrent's `nodes`. */
  addNode(endpoint: Endpoint): void;
  /** Resolves when every node has tried to get in, and those that did have filled their tables. */
  whenJoined(signal?: AbortSignal): Promise<void>;
  /**
   * A torrent's peers as they are found, each once. With `announce` the closest nodes are told of us
   * before the end.
   */
  findPeers(
    infoHash: Uint8Array,
    options?: SearchOptions & { readonly announce?: Announcement | undefined },
  ): AsyncIterableIterator<Endpoint>;
  /** Tells the closest nodes of us. */
  announce(
    infoHash: Uint8Array,
    announcement: Announcement,
    options?: SearchOptions,
  ): Promise<PeerSearch & { readonly peers: readonly Endpoint[] }>;
  /** How large a swarm is, about (BEP 33). */
  scrape(infoHash: Uint8Array, options?: SearchOptions): Promise<SwarmEstimate>;
  /** The bencoded value whose SHA-1 is `target`, or null (BEP 44). */
  getImmutable(target: Uint8Array, options?: SearchOptions): Promise<Uint8Array | null>;
  /**
   * Stores a bencoded value of at most 1000 bytes under its SHA-1; nodes keep it for two hours.
   * @returns how many nodes took it.
   * @throws {DhtError} `not-stored`.
   */
  putImmutable(value: Uint8Array, options?: SearchOptions): Promise<number>;
  /** The newest version of an item, its signature checked; null when there is none (BEP 44). */
  getMutable(publicKey: Uint8Array, options?: SaltOptions): Promise<MutableItem | null>;
  /**
   * Stores the next version of an item.
   * @param seed The private key, 32 bytes of Ed25519.
   * @throws {DhtError} `conflict` or `not-stored`.
   */
  putMutable(
    seed: Uint8Array,
    value: Uint8Array,
    options?: PutMutableOptions,
  ): Promise<StoredMutable>;
  /** Stores an item as it is, for which no private key is needed. @throws {DhtError} as `putMutable`. */
  putAgain(item: MutableItem, options?: SearchOptions): Promise<number>;
  /** Puts an item again every hour, until the signal fires. @throws the signal's reason. */
  keep(item: MutableItem, signal: AbortSignal): Promise<never>;
  /** Names a torrent under a key (BEP 46). Keep it with `keep`. @throws {DhtError} as `putMutable`. */
  publishTorrent(
    seed: Uint8Array,
    infoHash: Uint8Array,
    options?: PutMutableOptions,
  ): Promise<StoredMutable>;
  /** The torrents that are published under a key, one version after the other, without end (BEP 46). */
  follow(
    publicKey: Uint8Array,
    options?: SaltOptions & { readonly pollMs?: number },
  ): AsyncIterableIterator<FollowedTorrent>;
  /** Infohashes that others announced, as they are found, without end (BEP 51). */
  sampleInfoHashes(options?: SearchOptions): AsyncIterableIterator<Uint8Array>;
  /** What to start from the next time. */
  exportState(): DhtState;
  close(): void;
}

const NO_SALT = new Uint8Array(0);

/** Starts nodes at the given ports, which get into the network at once. */
export function createDht(options: DhtOptions): Dht {
  const { clock, random } = options;
  const set = new NodeSet(options);
  const closing = new AbortController();

  const signalFor = (signal: AbortSignal | undefined): AbortSignal => {
    closing.signal.throwIfAborted();
    return signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  };

  /** Results of a task, which ends when the reader stops. */
  const stream = <T>(
    signal: AbortSignal | undefined,
    run: (results: ResultStream<T>, signal: AbortSignal) => Promise<unknown>,
  ): ResultStream<T> => {
    const stopping = new AbortController();
    const results = createResultStream<T>(() => stopping.abort());
    const both = signalFor(signal);
    run(results, AbortSignal.any([both, stopping.signal])).then(results.end, results.fail);
    return results;
  };

  const search = async (
    publicKey: Uint8Array,
    { salt = NO_SALT, signal }: SaltOptions,
  ): Promise<MutableSearch[]> => {
    const both = signalFor(signal);
    return await Promise.all(
      set.onePerFamily().map((node) => findMutable(node, { publicKey, salt }, both)),
    );
  };

  const dht: Dht = {
    nodes: set.nodes,
    receive(datagram, from) {
      set.first(from.address.includes(":") ? 6 : 4)?.receive(datagram, from);
    },
    addNode(endpoint) {
      for (const node of set.ofFamily(familyOf(endpoint))) node.ping(endpoint);
    },
    whenJoined: (signal) => unlessAborted(set.whenJoined(), signalFor(signal)),
    findPeers: (infoHash, { signal, announce } = {}) =>
      stream(signal, (results, both) =>
        searchPeers(
          announce === undefined ? set.onePerFamily().map((node) => [node]) : set.families(),
          {
            infoHash,
            announcement: announce ?? null,
            onPeer: (peer) => results.push(peer),
            signal: both,
          },
        ),
      ),
    async announce(infoHash, announcement, { signal } = {}) {
      const peers: Endpoint[] = [];
      const onPeer = (peer: Endpoint): void => void peers.push(peer);
      const both = signalFor(signal);
      const families = set.families();
      const done = await searchPeers(families, { infoHash, announcement, onPeer, signal: both });
      return { ...done, peers };
    },
    scrape: async (infoHash, { signal } = {}) =>
      await scrapeSwarm(set.onePerFamily(), infoHash, signalFor(signal)),
    async getImmutable(target, { signal } = {}) {
      const both = signalFor(signal);
      const own = set.items.get(target, clock.monotonicMs());
      if (own?.mutable === null) return own.value;
      const found = await Promise.all(
        set.onePerFamily().map((node) => findImmutable(node, target, both)),
      );
      return found.find(({ value }) => value !== null)?.value ?? null;
    },
    putImmutable: async (value, { signal } = {}) =>
      await putImmutable(set.onePerFamily(), value, signalFor(signal)),
    async getMutable(publicKey, saltOptions = {}) {
      const { salt = NO_SALT } = saltOptions;
      const items = (await search(publicKey, saltOptions)).map(({ item }) => item);
      return newestOf([...items, ownVersion(publicKey, salt)]);
    },
    async putMutable(seed, value, putOptions = {}) {
      const { salt = NO_SALT, seq, cas } = putOptions;
      const publicKey = itemPublicKey(seed);
      const searches = await search(publicKey, putOptions);
      const found = searches.map(({ item }) => item);
      const current = newestOf([...found, ownVersion(publicKey, salt)]);
      if (cas !== undefined && current !== null && current.seq !== cas) {
        throw new DhtError(
          "conflict",
          `The item's sequence number is ${current.seq}, not ${cas}: read it, and decide anew`,
        );
      }
      const item = signNext(seed, { publicKey, salt, value, seq }, current);
      const stored = await putMutable(searches, item, cas ?? current?.seq ?? null);
      return { item, stored };
    },
    putAgain: async (item, { signal } = {}) =>
      await putMutable(await search(item.publicKey, { salt: item.salt, signal }), item, null),
    async keep(item, signal) {
      const both = signalFor(signal);
      for (;;) {
        await pause(clock, REPUBLISH_MS, both);
        await putAgainIfPossible(item, both);
      }
    },
    publishTorrent: (seed, infoHash, putOptions) =>
      dht.putMutable(seed, encodeTorrentItem(infoHash), putOptions),
    follow: (publicKey, { pollMs = DEFAULT_POLL_MS, salt = NO_SALT, signal } = {}) =>
      stream(signal, (results, both) =>
        followTorrent({
          clock,
          random,
          pollMs,
          signal: both,
          onTorrent: (torrent) => results.push(torrent),
          putAgain: (item) => putAgainIfPossible(item, both),
          async look() {
            const searches = await search(publicKey, { salt, signal: both });
            const found = searches.map(({ item }) => item);
            const item = newestOf([...found, ownVersion(publicKey, salt)]);
            const isKept = searches.every((part) => item !== null && isWellKept(part, item.seq));
            return { item, isWellKept: isKept };
          },
        }),
      ),
    sampleInfoHashes: ({ signal } = {}) =>
      stream(signal, (results, both) =>
        Promise.all(
          set.onePerFamily().map((node) =>
            sampleInfoHashes(node, {
              clock,
              random,
              signal: both,
              onInfoHash: (infoHash) => results.push(infoHash),
            }),
          ),
        ),
      ),
    exportState: () => set.exportState(),
    close() {
      if (closing.signal.aborted) return;
      closing.abort(new DhtError("closed", "The DHT is closed"));
      set.close();
    },
  };

  /** What others stored here comes first; it costs nothing. */
  function searchPeers(
    families: Parameters<typeof findPeers>[0],
    search: Parameters<typeof findPeers>[1],
  ): Promise<PeerSearch> {
    const known = set.storedPeers(search.infoHash, clock.monotonicMs());
    return findPeers(families, { ...search, known });
  }

  function ownVersion(publicKey: Uint8Array, salt: Uint8Array): MutableItem | null {
    const stored = set.items.get(mutableTarget(publicKey, salt), clock.monotonicMs());
    return stored === null ? null : storedMutable(stored, salt);
  }

  /** A newer version, or no network, is no reason to stop keeping: the next hour decides anew. */
  async function putAgainIfPossible(item: MutableItem, signal: AbortSignal): Promise<void> {
    try {
      await dht.putAgain(item, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DhtError)) throw error;
    }
  }

  return dht;
}

function familyOf({ address }: Endpoint): AddressFamily {
  return address.includes(":") ? 6 : 4;
}
