import type { Bitfield } from "@shoal/protocol";
import type { PiecePicker } from "../picker/piece-picker.ts";

/**
 * Distributed copies of a torrent, as its user knows them: the copies of the rarest piece, and behind the point
 * the part of the pieces that there are more copies of. What is here counts as a copy.
 */
export function countCopies(
  torrent: { readonly have: Bitfield; readonly picker: PiecePicker },
  peers: readonly { readonly isSeed: boolean }[],
): number {
  const { have, picker } = torrent;
  if (have.length === 0) return 0;
  // Thousands of quiet torrents are asked about together: without leechers nothing has to be counted.
  const seeds = peers.length;
  if (peers.every((peer) => peer.isSeed)) return seeds + have.count / have.length;
  let fewest = Infinity;
  let more = 0;
  for (let piece = 0; piece < have.length; piece++) {
    const copies = picker.availability(piece) + (have.has(piece) ? 1 : 0);
    if (copies < fewest) {
      // All pieces before this one have more.
      more = piece;
      fewest = copies;
    } else if (copies > fewest) {
      more++;
    }
  }
  return fewest + more / have.length;
}
