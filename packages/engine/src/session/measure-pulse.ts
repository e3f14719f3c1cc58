import type { TorrentCore } from "../torrent/torrent-core.ts";

/** Progress of peers is told to a thousandth. */
const PROGRESS_STEPS = 1000;

/**
 * The figures of a torrent that change without anybody saying so, while it is awake; rates to the byte per second.
 * Where all of them are as before, so is `status()`, but for the time that has passed.
 */
export function measurePulse({ active, totals }: TorrentCore): number[] {
  if (active === null) return [];
  const { transfer, selection, swarm, checked, relocation } = active;
  const nowMs = swarm.clock.monotonicMs();
  let [seeds, interested, choking, progress] = [0, 0, 0, 0];
  for (const peer of swarm.peers) {
    if (peer.isSeed) seeds++;
    if (peer.interested) interested++;
    if (peer.peerChoking) choking++;
    progress += Math.round(peer.progress * PROGRESS_STEPS);
  }
  return [
    totals.runDownloadedBytes,
    totals.runUploadedBytes,
    Math.round(transfer?.downloadMeter.bytesPerSecond(nowMs) ?? 0),
    Math.round(transfer?.uploadMeter.bytesPerSecond(nowMs) ?? 0),
    selection?.wantedBytes ?? -1,
    selection?.leftBytes ?? -1,
    transfer?.have.count ?? -1,
    transfer?.wastedBytes ?? 0,
    transfer?.failedPieces ?? 0,
    checked,
    relocation.progress ?? -1,
    swarm.peers.size,
    seeds,
    interested,
    choking,
    progress,
    swarm.connecting,
    swarm.candidates.size,
  ];
}
