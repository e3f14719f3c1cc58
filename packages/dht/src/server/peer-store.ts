import { type AddressFamily, fromHex, ScrapeFilter, toHex } from "@shoal/protocol";
import type { Endpoint, Random } from "@shoal/runtime";

/** Torrents whose peers are kept, and peers of each: libtorrent's figures. */
const MAX_TORRENTS = 2000;
const MAX_PEERS_PER_TORRENT = 500;
/** Peers at one address of a torrent: there are some behind one router, and no more than that. */
const MAX_PEERS_PER_ADDRESS = 8;
/** Peers announce every half hour; one that left out two is gone. */
const PEER_LIFETIME_MS = 65 * 60_000;
/** How long a sample of infohashes stays the same (BEP 51), and how many there are of one. */
const SAMPLE_INTERVAL_MS = 10 * 60_000;
const SAMPLE_SIZE = 20;

interface StoredPeer extends Endpoint {
  readonly isSeed: boolean;
  readonly expiresMs: number;
}

/** Peers by endpoint, those that announced last at the end. */
type Swarm = Map<string, StoredPeer>;

/** Who announced which torrents to us. Both families share it. */
export class PeerStore {
  readonly #random: Random;
  readonly #swarms = new Map<string, Swarm>();
  #sample: { hashes: Uint8Array[]; untilMs: number } = { hashes: [], untilMs: -Infinity };

  constructor(random: Random) {
    this.#random = random;
  }

  get torrentCount(): number {
    return this.#swarms.size;
  }

  get peerCount(): number {
    let count = 0;
    for (const swarm of this.#swarms.values()) count += swarm.size;
    return count;
  }

  /**
   * Keeps a peer, for an hour. Where all places are taken the torrent with the fewest peers makes room, and
   * within a torrent the peer that announced longest ago.
   */
  announce(infoHash: Uint8Array, peer: Endpoint, isSeed: boolean, nowMs: number): void {
    const hash = toHex(infoHash);
    let swarm = this.#swarms.get(hash);
    if (swarm === undefined) {
      if (this.#swarms.size >= MAX_TORRENTS) this.#dropSmallest();
      swarm = new Map();
      this.#swarms.set(hash, swarm);
    }
    const { address, port } = peer;
    const key = `${address} ${port}`;
    swarm.delete(key);
    const atAddress = [...swarm.values()].filter((other) => other.address === address);
    if (atAddress.length >= MAX_PEERS_PER_ADDRESS) {
      swarm.delete(`${address} ${atAddress[0]!.port}`);
    } else if (swarm.size >= MAX_PEERS_PER_TORRENT) {
      for (const oldest of swarm.keys()) {
        swarm.delete(oldest);
        break;
      }
    }
    swarm.set(key, { address, port, isSeed, expiresMs: nowMs + PEER_LIFETIME_MS });
  }

  /** `limit` peers of a torrent, taken by chance. */
  peers(infoHash: Uint8Array, family: AddressFamily, limit: number, nowMs: number): Endpoint[] {
    const peers = this.#alive(infoHash, family, nowMs);
    for (let i = 0; i < Math.min(limit, peers.length); i++) {
      const other = i + this.#random.integer(peers.length - i);
      [peers[i], peers[other]] = [peers[other]!, peers[i]!];
    }
    return peers.slice(0, limit);
  }

  /** Filters of the torrent's seeds and of its other peers (BEP 33); null when there are none. */
  scrape(infoHash: Uint8Array, nowMs: number): { seeds: ScrapeFilter; peers: ScrapeFilter } | null {
    const all = this.#alive(infoHash, null, nowMs);
    if (all.length === 0) return null;
    const filters = { seeds: new ScrapeFilter(), peers: new ScrapeFilter() };
    for (const { address, isSeed } of all) filters[isSeed ? "seeds" : "peers"].insert(address);
    return filters;
  }

  /** Some infohashes, the same ones for ten minutes, and how many there are in all (BEP 51). */
  sample(nowMs: number): { hashes: readonly Uint8Array[]; count: number; intervalS: number } {
    if (nowMs >= this.#sample.untilMs) {
      const hashes = [...this.#swarms.keys()];
      for (let i = 0; i < Math.min(SAMPLE_SIZE, hashes.length); i++) {
        const other = i + this.#random.integer(hashes.length - i);
        [hashes[i], hashes[other]] = [hashes[other]!, hashes[i]!];
      }
      const chosen = hashes.slice(0, SAMPLE_SIZE).map(fromHex);
      // With nothing to tell there is no reason to wait with the next sample.
      const untilMs = chosen.length === 0 ? nowMs : nowMs + SAMPLE_INTERVAL_MS;
      this.#sample = { hashes: chosen, untilMs };
    }
    const intervalS = Math.ceil((this.#sample.untilMs - nowMs) / 1000);
    return { hashes: this.#sample.hashes, count: this.#swarms.size, intervalS };
  }

  /** Forgets peers that announced no more. */
  expire(nowMs: number): void {
    for (const [hash, swarm] of this.#swarms) {
      for (const [key, peer] of swarm) if (peer.expiresMs <= nowMs) swarm.delete(key);
      if (swarm.size === 0) this.#swarms.delete(hash);
    }
  }

  #alive(infoHash: Uint8Array, family: AddressFamily | null, nowMs: number): StoredPeer[] {
    return [...(this.#swarms.get(toHex(infoHash))?.values() ?? [])].filter(
      ({ address, expiresMs }) =>
        expiresMs > nowMs && (family === null || address.includes(":") === (family === 6)),
    );
  }

  #dropSmallest(): void {
    let smallest: string | null = null;
    let size = Infinity;
    for (const [hash, swarm] of this.#swarms) {
      if (swarm.size >= size) continue;
      [smallest, size] = [hash, swarm.size];
    }
    if (smallest !== null) this.#swarms.delete(smallest);
  }
}
