import { ShoalError } from "@shoal/runtime";

export type DhtErrorCode =
  /** The DHT was closed while something was under way, or before. */
  | "closed"
  /** No node took what was to be stored: none answered, or all refused. */
  | "not-stored"
  /** Somebody wrote a newer version of a mutable item in the meantime (BEP 44). */
  | "conflict";

/** A request to the DHT that came to nothing. */
export class DhtError extends ShoalError<DhtErrorCode> {}
