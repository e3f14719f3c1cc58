import { PeerError } from "../errors.ts";
import type { Placed } from "./admission.ts";

/** How often a full swarm changes some of its peers, and how many (libtorrent's values). */
const TURNOVER_MS = 300_000;
const TURNOVER_PART = 0.04;
/** A swarm is full for this purpose when so many of its places are taken. */
const FULL_AT = 0.9;
/** A peer has so long to prove its worth. */
const GRACE_MS = 60_000;

/** A connected peer, as far as its worth is concerned. */
export interface Worthy extends Placed {
  readonly interested: boolean;
  readonly peerInterested: boolean;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
}

/** What {@link Turnover} needs of the swarm around it. */
export interface TurningSwarm<Peer> {
  readonly peers: Iterable<Peer>;
  /** All places of the swarm. */
  readonly places: number;
  /** Addresses that could be tried now. */
  waiting(): number;
  /** The session has no place left, whatever the torrent has. */
  isFull(): boolean;
}

/** Lets some peers of a full swarm go from time to time, so that others get a try. */
export class Turnover<Peer extends Worthy & { close(error: PeerError): void }> {
  readonly #swarm: TurningSwarm<Peer>;
  #lastMs: number;

  constructor(swarm: TurningSwarm<Peer>, nowMs: number) {
    this.#swarm = swarm;
    this.#lastMs = nowMs;
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (nowMs - this.#lastMs < TURNOVER_MS) return;
    this.#lastMs = nowMs;
    const { peers, places } = this.#swarm;
    const [waiting, isFull] = [this.#swarm.waiting(), this.#swarm.isFull()];
    for (const peer of chooseWhoGoes({ peers, places, waiting, isFull, nowMs })) {
      peer.close(new PeerError("replaced", "others get a try in a full swarm"));
    }
  }
}

/**
 * The peers that a full swarm lets go so that others get a try: those who do worst of those who had
 * time to do better. Nobody goes for whom there is no replacement, or with whom something is to be settled.
 * @param init.places All places of the swarm.
 * @param init.waiting Addresses that could be tried now.
 * @param init.isFull The session has no place left, whatever the torrent has.
 * @returns The worst first: 4 % of all, one at least.
 */
export function chooseWhoGoes<Peer extends Worthy>(init: {
  peers: Iterable<Peer>;
  places: number;
  waiting: number;
  isFull: boolean;
  nowMs: number;
}): Peer[] {
  const peers = [...init.peers];
  if (init.waiting === 0 || (!init.isFull && peers.length < init.places * FULL_AT)) return [];
  const most = Math.min(Math.max(1, Math.floor(peers.length * TURNOVER_PART)), init.waiting);
  const ageMs = (peer: Peer): number => init.nowMs - peer.connectedAtMs;
  const rate = (peer: Peer): number =>
    (peer.downloadedBytes + peer.uploadedBytes) / Math.max(1, ageMs(peer));
  const isUseless = (peer: Peer): boolean => !peer.interested && !peer.peerInterested;
  return peers
    .filter((peer) => peer.source !== "user" && ageMs(peer) >= GRACE_MS && !peer.isBusy)
    .sort(
      (a, b) =>
        Number(isUseless(b)) - Number(isUseless(a)) ||
        Number(b.snubbed) - Number(a.snubbed) ||
        rate(a) - rate(b) ||
        a.priority - b.priority,
    )
    .slice(0, most);
}
