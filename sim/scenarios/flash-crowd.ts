import assert from "node:assert/strict";
import { fluidBoundS, pieceBoundS } from "../bounds.ts";
import { completionTimesS, quantile, wastePart } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const PIECES = 32;
const PIECE_LENGTH_KIB = 128;
const UP_BYTES_PER_SECOND = 50_000;
const DOWN_BYTES_PER_SECOND = 4 * UP_BYTES_PER_SECOND;
/** A crowd's time is bound to so many times the least that is possible. */
const MOST_TIMES_BOUND = 2;
const MOST_WASTE = 0.05;
const MOST_OVERHEAD = 0.15;

export const flashCrowd: Scenario = {
  name: "flash-crowd",
  promise: "all who come at once to one seeder complete, within twice the least time possible",
  peers: { full: 2000, small: 25 },
  // A block goes in one piece.
  quantumMs: 330,
  crowd: {
    pieces: PIECES,
    pieceLengthKib: PIECE_LENGTH_KIB,
    line: {
      upBytesPerSecond: UP_BYTES_PER_SECOND,
      downBytesPerSecond: DOWN_BYTES_PER_SECOND,
      latencyMs: 20,
      poolBytes: 1024 * 1024,
    },
  },
  async play(crowd, peers) {
    const { world } = crowd;
    const session = { maxPeersPerTorrent: 30 };
    const seeder = await crowd.seeder({ session });
    const members = await crowd.join(peers, () => ({ session }));
    const shape = {
      lengthBytes: crowd.lengthBytes,
      pieces: PIECES,
      peers,
      seederUp: UP_BYTES_PER_SECOND,
      peerUp: UP_BYTES_PER_SECOND,
      peerDown: DOWN_BYTES_PER_SECOND,
    };
    const [fluidS, pieceS] = [fluidBoundS(shape), pieceBoundS(shape)];
    await crowd.complete(members, fluidS * 10);
    const times = completionTimesS(members);
    const lastS = quantile(times, 1);
    const waste = wastePart(members, crowd.lengthBytes);
    const overhead = world.counters.bytesDelivered / (peers * crowd.lengthBytes) - 1;
    const seederCopies = seeder.torrent.status().uploadedBytes / crowd.lengthBytes;
    assert.ok(lastS < MOST_TIMES_BOUND * pieceS, `took ${lastS} s where ${pieceS} s are the least`);
    assert.ok(waste < MOST_WASTE, `${waste} of the payload came in vain`);
    assert.ok(overhead < MOST_OVERHEAD, `${overhead} of the payload was said besides`);
    return {
      fluidBoundS: fluidS,
      pieceBoundS: pieceS,
      firstS: quantile(times, 0),
      medianS: quantile(times, 0.5),
      lastS,
      lastTimesPieceBound: lastS / pieceS,
      seederCopies,
      waste,
      overhead,
      completionTimesS: times,
    };
  },
};
