import type { Clock } from "@shoal/runtime";
import { PEER_BYTES, type AnnouncedPeer, type SwarmState } from "./swarm-state.ts";

/** Carries batches of announces to the other threads of this tracker. */
export interface ReplicaChannel {
  post(batch: Uint8Array): void;
  /** Takes the others' batches. Called once. */
  onBatch(take: (batch: Uint8Array) => void): void;
  close(): void;
}

/** The other threads hear of an announce at the latest after this. */
const FLUSH_MS = 50;
const FLUSH_BYTES = 32 * 1024;
const HASH_BYTES = 20;
const EVENTS = [undefined, "started", "completed", "stopped"] as const;
const SEEDER_BIT = 4;

/**
 * The swarms of a tracker whose work is shared among threads: each holds all of them, answers from
 * its own copy, and tells the others of every announce. Entering a peer costs a tenth of receiving and
 * answering a datagram, so several threads carry more than one; memory is paid for each.
 */
export function createReplicatedSwarmState(options: {
  /** This thread's copy, which answers at once. The replica closes it. */
  readonly local: SwarmState;
  readonly channel: ReplicaChannel;
  readonly clock: Clock;
}): SwarmState {
  const { local, channel, clock } = options;
  let batch = new Uint8Array(FLUSH_BYTES);
  let length = 0;
  const timer = clock.setRepeating(FLUSH_MS, flush);
  channel.onBatch((bytes) => readBatch(bytes, (peer) => void local.announce(peer)));

  function flush(): void {
    if (length === 0) return;
    channel.post(batch.subarray(0, length));
    batch = new Uint8Array(FLUSH_BYTES);
    length = 0;
  }

  function note({ infoHash, endpoint, event, leftBytes }: AnnouncedPeer): void {
    if (length + HASH_BYTES + 2 + endpoint.length > FLUSH_BYTES) flush();
    batch.set(infoHash, length);
    length += HASH_BYTES;
    batch[length++] = endpoint.length;
    batch[length++] = EVENTS.indexOf(event) | (leftBytes === 0 ? SEEDER_BIT : 0);
    batch.set(endpoint, length);
    length += endpoint.length;
  }

  return {
    announce(peer) {
      note(peer);
      return local.announce(peer);
    },
    scrape: (infoHash) => local.scrape(infoHash),
    stats: () => local.stats(),
    close() {
      timer.cancel();
      flush();
      channel.close();
      return local.close();
    },
  };
}

/** Calls `take` with each announce of a batch. */
function readBatch(bytes: Uint8Array, take: (peer: AnnouncedPeer) => void): void {
  const infoHash = new Uint8Array(HASH_BYTES);
  const endpoints = new Map(Object.values(PEER_BYTES).map((size) => [size, new Uint8Array(size)]));
  let at = 0;
  const copy = (to: Uint8Array): void => {
    for (let i = 0; i < to.length; i++) to[i] = bytes[at++]!;
  };
  while (at < bytes.length) {
    copy(infoHash);
    const endpoint = endpoints.get(bytes[at++] as 6);
    const flags = bytes[at++]!;
    if (endpoint === undefined) return;
    copy(endpoint);
    take({
      infoHash,
      endpoint,
      event: EVENTS[flags & 3],
      leftBytes: (flags & SEEDER_BIT) === 0 ? 1 : 0,
      numWant: 0,
      wantsBothFamilies: false,
    });
  }
}
