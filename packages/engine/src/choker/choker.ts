import type { ChokerPeer, UploadPolicy } from "./upload-policy.ts";
import { countUploadSlots } from "./upload-slots.ts";

/** How often the choker is to be run (BEP 3). */
export const CHOKE_ROUND_MS = 10_000;
/** A timer that comes a little early must not put off a whole round. */
export const TIMER_SLACK_MS = 1000;

/** What the engine says of a peer: the rates are measured here. */
export type ChokeCandidate = Omit<ChokerPeer, "receivedBytesPerSecond" | "sentBytesPerSecond">;

export interface ChokeDecision {
  /** Choked until now. */
  readonly unchoke: readonly object[];
  /** Unchoked until now. */
  readonly choke: readonly object[];
  /** Whether somebody who becomes interested now could be unchoked without choking another. */
  readonly hasIdleSlot: boolean;
}

/** Turns a policy's choice into what has to be told to the peers of one torrent. */
export interface Choker {
  /** To be called every `CHOKE_ROUND_MS`, and between when a peer came, left or changed its interest. */
  run(state: {
    nowMs: number;
    isSeeding: boolean;
    peers: readonly ChokeCandidate[];
  }): ChokeDecision;
}

/** What came of a peer is measured over so many rounds: pieces come in bursts, and turns are no shorter. */
const RECEIVED_ROUNDS = 3;

interface Measure {
  /** At the ends of the last rounds, the oldest first. */
  received: { atMs: number; bytes: number }[];
  sentBytes: number;
  receivedBytesPerSecond: number;
  sentBytesPerSecond: number;
}

/**
 * @param init.policy The choice of peers.
 * @param init.uploadSlots How many peers are unchoked at most: `auto` follows the upload rate.
 */
export function createChoker(init: { policy: UploadPolicy; uploadSlots: number | "auto" }): Choker {
  const measures = new WeakMap<object, Measure>();
  const swarm = {};
  let measuredAtMs: number | undefined;

  /** Rates are taken over whole rounds only, so that a run in between does not judge by a moment. */
  function measure(peers: readonly ChokeCandidate[], nowMs: number): ChokerPeer[] {
    const elapsedMs = nowMs - (measuredAtMs ?? nowMs);
    const isRoundOver = measuredAtMs === undefined || elapsedMs >= CHOKE_ROUND_MS - TIMER_SLACK_MS;
    if (isRoundOver) measuredAtMs = nowMs;
    return peers.map((peer) => {
      const { receivedBytes, sentBytes } = peer;
      let last = measures.get(peer.key);
      if (last === undefined) {
        const received = [{ atMs: nowMs, bytes: receivedBytes }];
        last = { received, sentBytes, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 };
        measures.set(peer.key, last);
      } else if (isRoundOver && elapsedMs > 0) {
        const { atMs, bytes } = last.received[0]!;
        last.receivedBytesPerSecond = ((receivedBytes - bytes) * 1000) / (nowMs - atMs);
        last.received.push({ atMs: nowMs, bytes: receivedBytes });
        if (last.received.length > RECEIVED_ROUNDS) last.received.shift();
        last.sentBytesPerSecond = ((sentBytes - last.sentBytes) * 1000) / elapsedMs;
        last.sentBytes = sentBytes;
      }
      const { receivedBytesPerSecond, sentBytesPerSecond } = last;
      return { ...peer, receivedBytesPerSecond, sentBytesPerSecond };
    });
  }

  return {
    run({ nowMs, isSeeding, peers: candidates }) {
      const peers = measure(candidates, nowMs);
      const slots =
        init.uploadSlots === "auto"
          ? countUploadSlots(
              peers.filter((peer) => peer.isUnchoked).map((peer) => peer.sentBytesPerSecond),
            )
          : init.uploadSlots;
      const chosen = new Set<object>();
      for (const peer of init.policy.chooseUnchoked({ swarm, nowMs, isSeeding, slots, peers })) {
        if (chosen.size < slots && peer.isInterested) chosen.add(peer.key);
      }
      const toKeys = (some: readonly ChokerPeer[]) => some.map((peer) => peer.key);
      return {
        unchoke: toKeys(peers.filter((peer) => !peer.isUnchoked && chosen.has(peer.key))),
        choke: toKeys(peers.filter((peer) => peer.isUnchoked && !chosen.has(peer.key))),
        hasIdleSlot: chosen.size < slots,
      };
    },
  };
}
