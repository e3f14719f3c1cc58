import { PeerError } from "../errors.ts";

/**
 * Why a connection is of no use, and takes a place from others: nobody will ever ask for anything on it
 * (BEP 21). Null while it may be of use. A partial seed is of use to those that lack what it has.
 */
export function whyUseless(state: {
  /** The peer said what it has. */
  hasToldPieces: boolean;
  /** The peer wants nothing more, and this side neither. */
  theyAreDone: boolean;
  weAreDone: boolean;
  /** This side wants something that the peer has. */
  interested: boolean;
}): PeerError | null {
  if (!state.hasToldPieces || !state.theyAreDone) return null;
  if (state.weAreDone) return new PeerError("not-useful", "neither side wants anything more");
  if (state.interested) return null;
  return new PeerError("not-useful", "the peer wants nothing, and has nothing that is wanted here");
}
