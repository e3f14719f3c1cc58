import { encodeBencode } from "../bencode/encode-bencode.ts";
import type { Bencodable } from "../bencode/encode-bencode.ts";
import { decodeCompactEndpoints } from "../endpoint/compact-endpoints.ts";
import { parseIp } from "../endpoint/ip-address.ts";
import type { ScrapeEntry, TrackerFailure } from "./messages.ts";

/** An HTTP tracker's answer to an announce, peers as compact endpoints. */
export interface HttpAnnounceAnswer {
  readonly intervalS: number;
  readonly minIntervalS?: number;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed?: number;
  /** Compact IPv4 endpoints (BEP 23). */
  readonly peers4: Uint8Array;
  /** Compact IPv6 endpoints (BEP 7). */
  readonly peers6: Uint8Array;
  /** The client's address, for BEP 24. */
  readonly externalIp?: string;
}

/**
 * Writes the answer to an announce (BEP 3, 7, 23, 24).
 * @param compact False for the list of dictionaries of BEP 3, here without peer IDs.
 */
export function encodeAnnounceResponse(answer: HttpAnnounceAnswer, compact: boolean): Uint8Array {
  const externalIp = answer.externalIp === undefined ? null : parseIp(answer.externalIp);
  return encodeBencode({
    interval: answer.intervalS,
    "min interval": answer.minIntervalS,
    complete: answer.seeders,
    incomplete: answer.leechers,
    downloaded: answer.completed,
    "external ip": externalIp ?? undefined,
    ...(compact
      ? {
          peers: answer.peers4,
          peers6: answer.peers6.length > 0 ? answer.peers6 : undefined,
        }
      : { peers: listPeers(answer) }),
  });
}

function listPeers({ peers4, peers6 }: HttpAnnounceAnswer): Bencodable[] {
  return [
    ...decodeCompactEndpoints(peers4, 4, peers4.length),
    ...decodeCompactEndpoints(peers6, 6, peers6.length),
  ].map(({ address, port }) => ({ ip: address, port }));
}

/** Writes the answer to a scrape (BEP 48). */
export function encodeScrapeResponse(
  entries: readonly ScrapeEntry[],
  minIntervalS?: number,
): Uint8Array {
  const files = new Map<string, Bencodable>(
    entries.map(({ infoHash, seeders, leechers, completed }) => [
      String.fromCharCode(...infoHash),
      { complete: seeders, incomplete: leechers, downloaded: completed },
    ]),
  );
  return encodeBencode({
    files,
    flags: minIntervalS === undefined ? undefined : { min_request_interval: minIntervalS },
  });
}

/** Writes a refusal (BEP 3, BEP 31). */
export function encodeTrackerFailure(failure: Omit<TrackerFailure, "kind">): Uint8Array {
  return encodeBencode({ "failure reason": failure.reason, "retry in": failure.retryInMinutes });
}
