import type { PeerView, Torrent, TorrentEvent, TorrentStatus, WebSeedStatus } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import {
  formatBar,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  toPlainText,
} from "../output/format.ts";
import type { Output } from "../output/output.ts";

const REDRAW_MS = 200;
const EVENT_MS = 500;
const PLAIN_LINE_MS = 10_000;
/** A download that has just begun is not slow yet. */
const SLOW_AFTER_MS = 3000;
const MAX_LISTED_PEERS = 20;
/** Leaves room for the number of peers on a line of 80 columns. */
const BAR_WIDTH = 12;

/**
 * Shows what a torrent does until the returned function is called: a line drawn over on a terminal,
 * a line now and then without one, and events for programs.
 */
export function showProgress(torrent: Torrent, clock: Clock, output: Output): () => void {
  let slowSinceMs: number | null = null;
  let saidSlow = "";
  const removeListener = torrent.on((event) => reportEvent(torrent, event, output));

  /** Why it is slow, once that has lasted long enough to be worth a word. */
  function lastingSlowness({ slow }: TorrentStatus): TorrentStatus["slow"] {
    if (slow === null || slow.reason === "rate-limited") {
      slowSinceMs = null;
      return null;
    }
    slowSinceMs ??= clock.monotonicMs();
    return clock.monotonicMs() - slowSinceMs < SLOW_AFTER_MS ? null : slow;
  }

  function tellSlowness(): void {
    const slow = lastingSlowness(torrent.status());
    if (slow === null || slow.reason === saidSlow) return;
    saidSlow = slow.reason;
    output.note(`${output.paint("yellow", "slow:")} ${toPlainText(slow.text)}`);
    output.event("slow", slow);
  }

  const timers = [
    clock.setRepeating(REDRAW_MS, () => {
      if (!output.isLive) return;
      const status = torrent.status();
      output.live([progressLine({ ...status, slow: lastingSlowness(status) }, sourcesOf(torrent))]);
    }),
    clock.setRepeating(EVENT_MS, () => {
      output.event("progress", progressFields(torrent));
      tellSlowness();
    }),
    clock.setRepeating(PLAIN_LINE_MS, () => {
      if (!output.isLive) output.note(plainLine(torrent.status(), sourcesOf(torrent)));
    }),
  ];
  return () => {
    for (const timer of timers) timer.cancel();
    removeListener();
    output.live([]);
  };
}

function reportEvent(torrent: Torrent, event: TorrentEvent, output: Output): void {
  switch (event.type) {
    case "state":
      output.event("state", { state: event.state });
      break;
    case "metadata": {
      const { name, files, lengthBytes } = torrent.metainfo!;
      output.event("metadata", { name, fileCount: files.length, lengthBytes });
      output.note(
        `metadata arrived: ${toPlainText(name)}, ${formatCount(files.length, "file")}, ${formatBytes(lengthBytes)}`,
      );
      break;
    }
    case "checked": {
      const { verifiedPieces, pieceCount } = event;
      output.event("checked", { verifiedPieces, pieceCount });
      if (verifiedPieces > 0) {
        output.note(`on disk already: ${verifiedPieces} of ${formatCount(pieceCount, "piece")}`);
      }
      break;
    }
    case "piece-failed":
      output.event("piece-failed", { piece: event.piece, peers: event.peers });
      output.note(
        `piece ${event.piece} from ${event.peers.join(", ")} was bad and is fetched again`,
      );
      break;
    case "piece-lost":
      output.event("piece-lost", { piece: event.piece });
      output.note(`piece ${event.piece} is bad on disk and is fetched again`);
      break;
    case "complete":
      output.event("complete");
      break;
    case "peer-connected":
      output.event("peer-connected", describePeer(event.peer));
      break;
    case "peer-disconnected": {
      const { address, port } = event.peer.remote;
      output.event("peer-disconnected", { address, port, reason: event.error?.message ?? null });
      break;
    }
    case "peer-banned":
      output.event("peer-banned", { address: event.address, reason: event.reason });
      output.note(`peer ${event.address} is banned: it ${event.reason}`);
      break;
    case "reused": {
      const { fileIndex, from, how } = event.file;
      const path = torrent.metainfo!.files[fileIndex]!.path.join("/");
      output.event("reused", { path, from, how });
      output.note(`${toPlainText(path)} is here already: ${how} from ${toPlainText(from)}`);
      break;
    }
    case "web-seed":
      reportWebSeed(event.webSeed, output);
      break;
    case "moved":
      output.event("moved", { dir: event.dir });
      output.note(`the files lie in ${toPlainText(event.dir)} now`);
      break;
    case "piece":
    case "error":
      // Pieces are too many, and an error ends the command, which says so.
      break;
  }
}

function reportWebSeed(webSeed: WebSeedStatus, output: Output): void {
  const { url, state, error, retryInS } = webSeed;
  output.event("web-seed", describeWebSeed(webSeed));
  if (error === null || state === "idle" || state === "active") return;
  const outcomes = {
    waiting: `is asked again in ${formatDuration(Math.ceil(retryInS ?? 0))}`,
    failed: "is given up",
    banned: "is banned",
  };
  output.note(`web seed ${toPlainText(url)} ${outcomes[state]}: ${toPlainText(error)}`);
}

function describeWebSeed(webSeed: WebSeedStatus): object {
  const { url, state, downloadedBytes, downloadRate, connections, missingFiles } = webSeed;
  return {
    url,
    state,
    connections,
    downloadedBytes,
    downloadRate: Math.round(downloadRate),
    missingFiles,
    error: webSeed.error,
  };
}

function progressFields(torrent: Torrent): object {
  const status = torrent.status();
  const fastestFirst = torrent.peers.toSorted(
    (a, b) => b.downloadRate + b.uploadRate - a.downloadRate - a.uploadRate,
  );
  return {
    state: status.state,
    checked: status.checked,
    wantedBytes: status.wantedBytes,
    verifiedBytes: status.verifiedBytes,
    pieceCount: status.pieceCount,
    verifiedPieces: status.verifiedPieces,
    downloadedBytes: status.downloadedBytes,
    uploadedBytes: status.uploadedBytes,
    downloadRate: Math.round(status.downloadRate),
    uploadRate: Math.round(status.uploadRate),
    etaS: status.etaS === null ? null : Math.ceil(status.etaS),
    connectedPeers: status.connectedPeers,
    connectedSeeds: status.connectedSeeds,
    slow: status.slow,
    peers: fastestFirst.slice(0, MAX_LISTED_PEERS).map(describePeer),
    webSeeds: torrent.webSeeds().map(describeWebSeed),
  };
}

function describePeer(peer: PeerView): object {
  return {
    address: peer.remote.address,
    port: peer.remote.port,
    client: peer.client,
    incoming: peer.incoming,
    encrypted: peer.encrypted,
    progress: peer.progress,
    downloadedBytes: peer.downloadedBytes,
    uploadedBytes: peer.uploadedBytes,
    downloadRate: Math.round(peer.downloadRate),
    uploadRate: Math.round(peer.uploadRate),
  };
}

/** Who sends: peers, and web seeds where the torrent has any that are at work. */
function sourcesOf(torrent: Torrent): string {
  const peers = formatCount(torrent.status().connectedPeers, "peer");
  const active = torrent.webSeeds().filter(({ state }) => state === "active").length;
  return active === 0 ? peers : `${peers}, ${formatCount(active, "web seed")}`;
}

/** The line that is drawn over on a terminal. */
function progressLine(status: TorrentStatus, peers: string): string {
  const { state, checked, verifiedBytes, wantedBytes, uploadRate, uploadedBytes } = status;
  switch (state) {
    case "metadata":
      return `fetching metadata  ${peers}${slowText(status)}`;
    case "checking":
      return `checking     ${formatBar(checked, BAR_WIDTH)} ${formatPercent(checked)}`;
    case "seeding":
      return `seeding      up ${formatRate(uploadRate)}  ${formatBytes(uploadedBytes)} sent  ${peers}`;
    default: {
      const done = wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes;
      const eta = status.etaS === null ? "" : `  ${formatDuration(Math.ceil(status.etaS))} left`;
      return (
        `${state.padEnd(11)}  ${formatBar(done, BAR_WIDTH)} ${formatPercent(done)} of ${formatBytes(wantedBytes)}` +
        `  ${formatRate(status.downloadRate)}${eta}  ${peers}${slowText(status)}`
      );
    }
  }
}

/** The line that is written now and then where nothing can be drawn over. */
function plainLine(status: TorrentStatus, peers: string): string {
  const { state, checked, verifiedBytes, wantedBytes } = status;
  if (state === "checking") return `checking: ${formatPercent(checked)}`;
  if (state === "metadata") return `fetching metadata: ${peers}`;
  const up = `up ${formatRate(status.uploadRate)}, ${formatBytes(status.uploadedBytes)} sent, ${peers}`;
  if (state === "seeding") return `seeding: ${up}`;
  const done = wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes;
  return (
    `${state}: ${formatPercent(done)} of ${formatBytes(wantedBytes)}, ` +
    `down ${formatRate(status.downloadRate)}, ${up}`
  );
}

function slowText({ slow }: TorrentStatus): string {
  return slow === null ? "" : `  (${toPlainText(slow.text)})`;
}
