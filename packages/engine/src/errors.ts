import { ShoalError } from "@shoal/runtime";

/** The session or a torrent cannot do what was asked. */
export class SessionError extends ShoalError<
  | "closed"
  | "duplicate-torrent"
  | "unknown-torrent"
  | "worker-died"
  | "no-infohash"
  | "wrong-metainfo"
  | "lost-metadata"
> {}

/** A torrent stopped because of something that only its user can mend. */
export class TorrentError extends ShoalError<
  "disk" | "bad-metadata" | "inconsistent-hashes" | "incomplete-data" | "name-taken"
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
  | "replaced"
  | "private"
  | "closed"
> {}

/** The peer sent what no honest peer sends: the connection is to be closed. */
export function protocolError(what: string): PeerError {
  return new PeerError("protocol", `the peer broke the protocol: ${what}`);
}

/** Why a web seed, or one of its files, is of no use. The message is a sentence about "it". */
export class WebSeedError extends ShoalError<
  "missing" | "differs" | "no-ranges" | "busy" | "bad-response" | "forbidden-address" | "bad-url"
> {
  /** The pause that the server asks for; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: WebSeedError["code"],
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number | null },
  ) {
    super(code, message, options);
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}
