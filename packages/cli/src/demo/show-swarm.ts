import type { Torrent } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { formatBar, formatBytes, formatPercent, formatRate } from "../output/format.ts";
import type { Output } from "../output/output.ts";

const REDRAW_MS = 100;
const PLAIN_STEP = 0.1;
const BAR_WIDTH = 32;

/** Shows a download and what each peer gives to it, until the returned function is called. */
export function showSwarm(torrent: Torrent, clock: Clock, output: Output): () => void {
  let nextPlain: number | null = null;
  const timer = clock.setRepeating(REDRAW_MS, () => {
    const { state, verifiedBytes, wantedBytes, downloadRate } = torrent.status();
    if (wantedBytes === 0) return;
    const done = verifiedBytes / wantedBytes;
    if (output.isLive) {
      output.live(swarmLines(torrent));
    } else if (state === "downloading" && done >= (nextPlain ??= nextStep(done))) {
      nextPlain = nextStep(done);
      const shares = torrent.peers.map((peer) => formatBytes(peer.downloadedBytes)).join(" + ");
      output.note(
        `  ${formatPercent(done).padStart(6)}  ${formatRate(downloadRate)}  ${shares}`.trimEnd(),
      );
    }
  });
  return () => {
    timer.cancel();
    output.live([]);
  };
}

/** Where the next line is due: nothing is said of what was there before. */
function nextStep(done: number): number {
  return (Math.floor(done / PLAIN_STEP) + 1) * PLAIN_STEP;
}

/** The whole, and below it the share of each peer. */
export function swarmLines(torrent: Torrent): string[] {
  const { state, checked, verifiedBytes, wantedBytes, downloadRate } = torrent.status();
  if (state === "checking") {
    const bar = formatBar(checked, BAR_WIDTH);
    return [
      `  ${"reading what is there".padEnd(22)} ${bar} ${formatPercent(checked).padStart(10)}`,
    ];
  }
  const line = (label: string, bytes: number, bytesPerSecond: number): string =>
    `  ${label.padEnd(22)} ${formatBar(bytes / wantedBytes, BAR_WIDTH)} ` +
    `${formatBytes(bytes).padStart(10)}  ${formatRate(bytesPerSecond).padStart(12)}`;
  return [
    line("verified on disk", verifiedBytes, downloadRate),
    ...torrent.peers.map((peer) =>
      line(
        `from ${peer.remote.address}:${peer.remote.port}`,
        peer.downloadedBytes,
        peer.downloadRate,
      ),
    ),
  ];
}
