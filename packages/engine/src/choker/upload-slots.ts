const MIN_SLOTS = 4;
const MAX_SLOTS = 200;
const STEP_BYTES_PER_SECOND = 2048;

/**
 * How many peers to upload to, from how fast those go that are uploaded to now. The n-th fastest must
 * reach n steps of 2 KiB/s; then one more is tried. So slots are added as long as the slowest is
 * still served well, whatever the line's capacity, and their number grows with the square root of
 * the upload rate: 22 at 1 MiB/s, 71 at 10 MiB/s.
 */
export function countUploadSlots(sentBytesPerSecond: readonly number[]): number {
  const fastestFirst = sentBytesPerSecond.toSorted((a, b) => b - a);
  let served = 0;
  while (
    served < fastestFirst.length &&
    fastestFirst[served]! >= (served + 1) * STEP_BYTES_PER_SECOND
  ) {
    served++;
  }
  return Math.min(Math.max(served + 1, MIN_SLOTS), MAX_SLOTS);
}
