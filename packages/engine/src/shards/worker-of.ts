/**
 * Which worker has a torrent: the one whose number, mixed with the infohash, is highest (rendezvous hashing). It
 * follows from the infohash alone, so nothing has to be remembered, and with one worker more or less only
 * the torrents of that one change hands.
 * @param infoHash Hex, 8 digits at least: of v1, or of v2.
 * @returns From 0 to `workers - 1`.
 */
export function workerOf(infoHash: string, workers: number): number {
  const key = Number.parseInt(infoHash.slice(0, 8), 16);
  let best = 0;
  let highest = -1;
  for (let worker = 0; worker < workers; worker++) {
    const weight = mix(key ^ mix(worker + 1));
    if (weight <= highest) continue;
    highest = weight;
    best = worker;
  }
  return best;
}

/** Spreads 32 bits: the finalizer of MurmurHash3, every bit of which depends on every other. */
function mix(bits: number): number {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
