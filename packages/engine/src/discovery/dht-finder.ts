import type { Announcement, Dht } from "@shoal/dht";
import type { Random } from "@shoal/runtime";
import type { PeerFinder, SoughtTorrent } from "./peer-finder.ts";
import { SearchSchedule } from "./search-schedule.ts";

/** How often a torrent is announced: nodes forget after half an hour. */
const ANNOUNCE_MS = 25 * 60_000;
/** A download that has few peers looks again so soon, and each time waits twice as long, */
const FIRST_PAUSE_MS = 15_000;
/** up to this. */
const WANTING_MS = 15 * 60_000;
/** With so many peers a download does not hurry. */
const ENOUGH_PEERS = 10;
/** With so many nodes known it is worth while to search before joining has come to its end. */
const ENOUGH_NODES = 8;

/**
 * Looks for torrents' peers in the DHT and announces them there, one after the other.
 *
 * A torrent that sleeps is announced and wakes for nobody that is found: who wants something of a seed
 * connects to it.
 */
export class DhtFinder implements PeerFinder {
  readonly #dht: Dht;
  readonly #schedule: SearchSchedule;
  readonly #announcement: () => Omit<Announcement, "isSeed">;
  #hasJoined = false;
  #searches = 0;

  constructor(init: {
    dht: Dht;
    random: Random;
    nowMs: number;
    /** Where peers reach this side now. */
    announcement: () => Omit<Announcement, "isSeed">;
  }) {
    const { dht, random, nowMs, announcement } = init;
    this.#dht = dht;
    this.#schedule = new SearchSchedule(random, nowMs);
    this.#announcement = announcement;
    dht.whenJoined().then(
      () => (this.#hasJoined = true),
      () => {},
    );
  }

  /** Nodes in all tables. */
  get nodes(): number {
    return this.#dht.nodes.reduce((sum, { table }) => sum + table.size, 0);
  }
  /** Searches so far, under way, and due but waiting for their turn. */
  get searches(): { readonly begun: number; readonly running: number; readonly waiting: number } {
    return {
      begun: this.#searches,
      running: this.#schedule.running,
      waiting: this.#schedule.waiting,
    };
  }

  add(torrent: SoughtTorrent): () => void {
    const ending = new AbortController();
    let pauseMs = FIRST_PAUSE_MS;
    const wants = (): boolean =>
      !torrent.isComplete && (torrent.active?.swarm.peers.size ?? 0) < ENOUGH_PEERS;
    const remove = this.#schedule.add({
      get isUrgent() {
        return wants();
      },
      run: async () => {
        // A magnet link may turn out to be a private torrent.
        if (torrent.isPrivate) return null;
        await this.#search(torrent, ending.signal);
        if (ending.signal.aborted) return null;
        if (!wants()) return ANNOUNCE_MS;
        const waitMs = pauseMs;
        pauseMs = Math.min(pauseMs * 2, WANTING_MS);
        return waitMs;
      },
    });
    return () => {
      remove();
      ending.abort();
    };
  }

  /** Announces all torrents again, in their turn: peers reach this side elsewhere than was said. */
  announceAgain(): void {
    this.#schedule.hasten();
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    const { nodes } = this;
    this.#schedule.tick(nowMs, nodes >= ENOUGH_NODES || (this.#hasJoined && nodes > 0));
  }

  async #search(torrent: SoughtTorrent, signal: AbortSignal): Promise<void> {
    const announce = { ...this.#announcement(), isSeed: torrent.isComplete };
    this.#searches++;
    await Promise.all(
      torrent.swarmHashes.map(async (infoHash) => {
        try {
          for await (const peer of this.#dht.findPeers(infoHash, { signal, announce })) {
            if (torrent.isPrivate) return;
            torrent.active?.addPeers([peer], "dht", infoHash);
          }
        } catch {
          // The torrent has stopped, or the DHT is closed: nothing else ends a search early.
        }
      }),
    );
  }
}
