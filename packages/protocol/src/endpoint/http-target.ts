import { parseIp } from "./ip-address.ts";
import { isPublicAddress } from "./is-public-address.ts";

/** What an HTTP client is about to connect to. */
export interface HttpTarget {
  readonly url: URL;
  /** One of the addresses that the URL's host has, or its name where only a proxy looks it up. */
  readonly address: string;
  /** Null for the first request. */
  readonly redirectedFrom: URL | null;
}

/**
 * Why a target may not be asked. `private`: its address is not public, and the URL is none that such an
 * address may be asked for. `redirected-inwards`: a public server leads to a private address.
 */
export type HttpTargetRefusal = "private" | "redirected-inwards";

/**
 * Judges the addresses of one resource that a stranger named, a tracker or a web seed, so that its URL
 * cannot make the program speak to a router or to a service on its own machine.
 * @param isAskable Whether a URL may be asked for at an address that is not public.
 * @returns A judge that remembers whether the resource was ever public. Null: it may be asked.
 */
export function createHttpTargetJudge(
  isAskable: (url: URL) => boolean,
): (target: HttpTarget) => HttpTargetRefusal | null {
  let wasPublic = false;
  return ({ url, address, redirectedFrom }) => {
    if (isPublicAddress(address) || isPublicName(address)) {
      wasPublic = true;
      return null;
    }
    if (redirectedFrom !== null && wasPublic) return "redirected-inwards";
    return isAskable(url) ? null : "private";
  };
}

/** Names that lead into a private network wherever they are looked up (RFC 6761, 6762, 8375, and ICANN's `internal`). */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa)\.?$/i;

/** Where a proxy looks names up nobody here sees the address: what a name shows is all there is to go by. */
function isPublicName(text: string): boolean {
  return (
    parseIp(text) === null &&
    /^[^.]+(\.[^.]*[a-z][^.]*)+\.?$/i.test(text) &&
    !PRIVATE_NAME.test(text)
  );
}
