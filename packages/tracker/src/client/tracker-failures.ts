import type { TrackerFailure } from "@shoal/protocol";

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
