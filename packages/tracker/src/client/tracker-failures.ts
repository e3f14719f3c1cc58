import type { TrackerFailure } from "@shoal/protocol";
import { DnsError } from "@shoal/runtime";

import { TrackerError } from "../errors.ts";

/** The tracker said no, in its own words. */
export function failureError(url: string, failure: Omit<TrackerFailure, "kind">): TrackerError {
  const reason = failure.reason === "" ? "no reason given" : failure.reason;
  return new TrackerError("failure", url, `The tracker refused: ${reason}`, {
    retryInMinutes: failure.retryInMinutes,
  });
}

/** The tracker's bytes make no sense. */
export function unreadableError(url: string, cause: Error): TrackerError {
  return new TrackerError(
    "bad-response",
    url,
    `The tracker's answer is not one that BitTorrent knows (${cause.message}). Check that the URL is a tracker's.`,
    { cause },
  );
}

/** The tracker's name gives no address. */
export function notFoundError(url: string, cause: unknown): TrackerError {
  const isUnknown = cause instanceof DnsError && cause.code === "not-found";
  const { hostname } = new URL(url);
  return isUnknown
    ? new TrackerError(
        "not-found",
        url,
        `No address is known for the tracker ${hostname}. Check its name, or remove it from the torrent.`,
        { cause },
      )
    : new TrackerError(
        "unreachable",
        url,
        `The tracker's name ${hostname} could not be looked up. Check this machine's connection.`,
        { cause },
      );
}

export function timeoutError(url: string): TrackerError {
  return new TrackerError(
    "timeout",
    url,
    "The tracker did not answer. It is down, or UDP is blocked on the way to it.",
  );
}

export function abortedError(url: string, cause: unknown): TrackerError {
  return new TrackerError("aborted", url, "The announce was cancelled.", { cause });
}
