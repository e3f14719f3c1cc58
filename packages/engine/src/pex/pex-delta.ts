import { MAX_PEX_PEERS, type PexMessage, type PexPeer } from "@shoal/protocol";
import { keyOf } from "../swarm/candidates.ts";

/** What one peer was told of the swarm, so that it is told only what changes (BEP 11). */
export class PexDelta {
  readonly #told = new Map<string, PexPeer>();

  /**
   * What is new to the peer, 50 added and 50 dropped at most; the rest is left for the next time.
   * Counts as told.
   * @param current Every peer that it may know of.
   * @returns Null when nothing is new.
   */
  next(current: readonly PexPeer[]): PexMessage | null {
    const added: PexPeer[] = [];
    const dropped: PexPeer[] = [];
    const here = new Set<string>();
    for (const peer of current) {
      const key = keyOf(peer);
      here.add(key);
      if (this.#told.has(key) || added.length >= MAX_PEX_PEERS) continue;
      this.#told.set(key, peer);
      added.push(peer);
    }
    for (const [key, peer] of this.#told) {
      if (dropped.length >= MAX_PEX_PEERS) break;
      if (here.has(key)) continue;
      this.#told.delete(key);
      dropped.push(peer);
    }
    return added.length + dropped.length === 0 ? null : { added, dropped };
  }
}
