import type { Problem, ProblemReason } from "@shoal/api/client";

/** Codes that say enough by themselves; what has none of these is said in the daemon's own words. */
export const TOLD_CODES = [
  "bad-input",
  "bad-settings",
  "not-found",
  "too-large",
  "too-many-requests",
  "forbidden",
  "unauthorized",
  "failed",
  "bad-answer",
  "closed",
  "insufficient-funds",
  "bad-address",
  "bad-amount",
  "refused",
  "reverted",
  "unreachable",
  "timeout",
  "no-quorum",
  "wrong-network",
  "fee-too-high",
  "exists",
  "bad-name",
  "bad-mnemonic",
  "locked",
  "not-allowed",
  "tampered",
  "duplicate-torrent",
  "not-a-torrent",
  "not-a-magnet",
  "missing-info-hash",
  "invalid-info-hash",
  "syntax",
  "truncated",
  "trailing-bytes",
  "bad-status",
  "bad-torrent",
  "not-a-feed",
  "forbidden-address",
  "full",
  "denied",
  "missing",
  "not-a-file",
  "too-long",
  "escapes-root",
  "io",
  "disk",
  "bad-metadata",
  "inconsistent-hashes",
  "incomplete-data",
  "name-taken",
] as const;

type ProblemValues = NonNullable<Problem["values"]>;

/** Sentences for what can go wrong, from the figures and names that the daemon gave with it. */
export type ProblemWords = Readonly<
  Record<ProblemReason | (typeof TOLD_CODES)[number], (values: ProblemValues) => string>
>;
