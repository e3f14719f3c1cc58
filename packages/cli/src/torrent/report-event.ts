import type { PeerView, Torrent, TorrentEvent, WebSeedStatus } from "@shoal/engine";
import { formatBytes, formatCount, formatDuration, toPlainText } from "../output/format.ts";
import type { TorrentOutput } from "./torrent-output.ts";

const MAX_LISTED_PEERS = 20;

/** Tells programs and people what happens to a torrent. */
export function reportEvent(torrent: Torrent, event: TorrentEvent, output: TorrentOutput): void {
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

function reportWebSeed(webSeed: WebSeedStatus, output: TorrentOutput): void {
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

/** The fields of a `progress` event. */
export function progressFields(torrent: Torrent): object {
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
