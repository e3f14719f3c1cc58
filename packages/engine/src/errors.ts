import { ShoalError } from "@shoal/runtime";

/** The session or a torrent cannot do what was asked. */
export class SessionError extends ShoalError<
  "closed" | "duplicate-torrent" | "no-infohash" | "wrong-metainfo"
> {}

/** A torrent stopped because of something that only its user can mend. */
export class TorrentError extends ShoalError<
  "disk" | "bad-metadata" | "inconsistent-hashes" | "incomplete-data"
> {}

/** Why a peer was disconnected by this side. */
export class PeerError extends ShoalError<
  | "handshake-timeout"
  | "handshake-failed"
  | "encryption-required"
  | "unknown-torrent"
  | "self-connection"
  | "duplicate-peer"
  | "too-many-peers"
  | "protocol"
  | "inactive"
  | "banned"
  | "not-useful"
  | "closed"
> {}

/** The peer sent what no honest peer sends: the connection is to be closed. */
export function protocolError(what: string): PeerError {
  return new PeerError("protocol", `the peer broke the protocol: ${what}`);
}
