import type { Clock } from "@shoal/runtime";
import { CHOKE_ROUND_MS, type Choker, createChoker } from "../choker/choker.ts";
import type { UploadPolicy } from "../choker/upload-policy.ts";
import type { Peer } from "../peer/peer.ts";
import type { Transfer } from "../torrent/transfer.ts";

/** What {@link Choking} needs of the swarm around it. */
export interface ChokedSwarm {
  readonly peers: ReadonlySet<Peer>;
  readonly transfer: Transfer | null;
  readonly clock: Clock;
  readonly isActive: boolean;
}

/** A peer may have begun so many pieces, of what it was sent, and finished none of them. */
const MOST_UNFINISHED = 8;

/** Runs a swarm's choker: every ten seconds, and when peers come, go or change their minds. */
export class Choking {
  readonly #swarm: ChokedSwarm;
  readonly #choker: Choker;
  #lastRoundMs = -Infinity;
  #isDue = false;
  #hasIdleSlot = true;

  constructor(
    swarm: ChokedSwarm,
    services: { policy: UploadPolicy; uploadSlots: number | "auto" },
  ) {
    this.#swarm = swarm;
    this.#choker = createChoker({ policy: services.policy, uploadSlots: services.uploadSlots });
  }

  tick(nowMs: number): void {
    if (nowMs - this.#lastRoundMs < CHOKE_ROUND_MS) return;
    this.#lastRoundMs = nowMs;
    this.#run();
  }

  /** In a crowd interest changes all the time: the choice is made anew only where a slot is idle, or falls idle. */
  interestChanged(peer: Peer): void {
    if (!peer.choking || (peer.peerInterested && this.#hasIdleSlot)) this.soon();
  }

  /** Runs at the end of this turn: several changes of one moment count once. */
  soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#swarm.isActive) this.#run();
    });
  }

  #run(): void {
    const { transfer, peers, clock } = this.#swarm;
    if (transfer === null) return;
    const nowMs = clock.monotonicMs();
    const decision = this.#choker.run({
      nowMs,
      isSeeding: transfer.picker.isComplete,
      peers: [...peers].map((peer) => ({
        key: peer,
        isInterested: peer.peerInterested,
        isUnchoked: !peer.choking,
        isSnubbing: peer.snubbed,
        connectedForMs: nowMs - peer.connectedAtMs,
        canGive: peer.interested || hidesPieces(peer, transfer),
        progress: peer.progress,
        receivedBytes: peer.downloadedBytes,
        sentBytes: peer.uploadedBytes,
      })),
    });
    this.#hasIdleSlot = decision.hasIdleSlot;
    for (const peer of decision.choke) (peer as Peer).choke();
    for (const peer of decision.unchoke) (peer as Peer).unchoke();
  }
}

/** Whether the peer was sent so much that it must have pieces that it does not tell of. */
function hidesPieces(peer: Peer, { geometry }: Transfer): boolean {
  const toldBytes = (peer.have?.count ?? 0) * geometry.pieceLengthBytes;
  return peer.uploadedBytes > toldBytes + MOST_UNFINISHED * geometry.pieceLengthBytes;
}
