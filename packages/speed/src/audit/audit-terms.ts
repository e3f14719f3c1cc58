import type { Address } from "@shoal/chain";
import type { SessionOptions } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import type { Endpoint, Runtime } from "@shoal/runtime";
import type { PayChecks } from "../channel/pay-crypto.ts";

/** What a seeder has to do to count as present. */
export interface AuditTerms {
  /** Pieces drawn at random, one after the other. */
  readonly challenges: number;
  /** Until it is connected, has said where it is paid, and has a slot for us. */
  readonly readyMs: number;
  /** Until the first block of a challenge is here. Who has to fetch it from elsewhere takes longer, if it is far. */
  readonly firstBlockMs: number;
  /** The rest of the piece comes at this rate at the least. */
  readonly leastBytesPerSecond: number;
}

export const DEFAULT_AUDIT_TERMS: AuditTerms = {
  challenges: 4,
  // Seeds change their slots every 10 to 30 seconds.
  readyMs: 120_000,
  firstBlockMs: 4000,
  leastBytesPerSecond: 8 * 1024,
};

export interface AuditInit {
  readonly runtime: Runtime;
  readonly metainfo: Metainfo;
  /** A folder of the audit's own, for the pieces that it draws. */
  readonly dir: string;
  readonly checks: PayChecks;
  /** As for any session of this machine; peers are found by nobody but the audit. */
  readonly sessionOptions?: Partial<SessionOptions>;
  readonly terms?: AuditTerms;
  readonly signal?: AbortSignal;
}

/** Why somebody does not count. */
export type AuditFailure =
  /** Nobody answers there. */
  | "unreachable"
  /** It does not say at which account it is paid. */
  | "no-account"
  /** It says itself that it has not all. */
  | "incomplete"
  /** It gave us no slot. */
  | "no-slot"
  /** What was asked for did not come in time. */
  | "late"
  /** What came does not agree with the torrent's hashes. */
  | "bad";

/** A piece that was drawn. */
export interface Challenge {
  readonly piece: number;
  /** Ms until the first block was here, and until all of it was verified; null when it was not. */
  readonly firstBlockMs: number | null;
  readonly doneMs: number | null;
}

/** What was seen of one seeder. */
export interface SeederAudit {
  readonly endpoint: Endpoint;
  /** Null when it did not say. */
  readonly payee: Address | null;
  /** Null when it passed. */
  readonly failure: AuditFailure | null;
  readonly challenges: readonly Challenge[];
}
