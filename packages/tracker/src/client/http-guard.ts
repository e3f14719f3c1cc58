import { createHttpTargetJudge, type HttpTarget } from "@shoal/protocol";

import { TrackerError } from "../errors.ts";

const TRACKER_PATHS = ["/announce", "/scrape"];

/** The `allow` of an HTTP request. */
export type HttpGuard = (target: HttpTarget) => void;

/**
 * Keeps one tracker request away from services that a stranger's torrent should not reach:
 * addresses that are not public may be asked only at a path that starts with `/announce` or
 * `/scrape`, and never by a redirect that comes from a public address.
 */
export function createHttpGuard(trackerUrl: string): HttpGuard {
  const judge = createHttpTargetJudge(({ pathname }) =>
    TRACKER_PATHS.some((path) => pathname.startsWith(path)),
  );
  return (target) => {
    const refusal = judge(target);
    if (refusal === null) return;
    const { url, address } = target;
    throw new TrackerError(
      "forbidden-address",
      trackerUrl,
      refusal === "redirected-inwards"
        ? `The tracker redirects to ${url.host}, which is the private address ${address}; this is not ` +
            "followed, since a public tracker has no business there. Use another tracker."
        : `The tracker ${url.host} is at the private address ${address}. Such addresses are asked only ` +
            "at a path that starts with /announce. If this tracker is yours, serve it there.",
    );
  };
}
