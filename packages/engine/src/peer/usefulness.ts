import { PeerError } from "../errors.ts";

/**
 * Why a connection is of no use, and takes a place from others: nobody will ever ask for anything on it
 * (BEP 21). Null while it may be of use. A partial seed is of use to those that lack what it has.
 */
export function whyUseless(
  peer: {
    /** It wants nothing more. */
    readonly uploadOnly: boolean;
    /** This side wants something that the peer has. */
    readonly interested: boolean;
    /** An extension has something to settle with it. */
    readonly isBusy: boolean;
  },
  weAreDone: boolean,
): PeerError | null {
  if (!peer.uploadOnly || (peer.interested && !weAreDone) || peer.isBusy) return null;
  if (weAreDone) return new PeerError("not-useful", "neither side wants anything more");
  return new PeerError("not-useful", "the peer wants nothing, and has nothing that is wanted here");
}
