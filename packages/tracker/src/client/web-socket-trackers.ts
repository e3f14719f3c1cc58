import type { AnnounceRequest, AnnounceResponse } from "@shoal/protocol";
import { TrackerError } from "../errors.ts";
import { WebSocketLink, type WebSocketParts } from "./web-socket-link.ts";

/** The WebSocket trackers of a session, one connection each. */
export interface WebSocketTrackers {
  /**
   * Announces a torrent with offers, which bring peers later: the answer names none.
   * @throws {TrackerError} `unsupported-scheme` where WebRTC is not to be had.
   */
  announce(url: string, request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceResponse>;
  close(): void;
}

export function createWebSocketTrackers(parts: WebSocketParts): WebSocketTrackers {
  const links = new Map<string, WebSocketLink>();
  return {
    async announce(url, request, signal) {
      if (!(await parts.webPeers.isAvailable())) {
        const text =
          "WebSocket trackers name peers of WebRTC alone, whose library is not installed here.";
        throw new TrackerError("unsupported-scheme", url, text);
      }
      let link = links.get(url);
      if (link === undefined) {
        link = new WebSocketLink(url, parts);
        links.set(url, link);
      }
      return await link.announce(request, signal);
    },
    close() {
      for (const link of links.values()) link.close();
    },
  };
}
