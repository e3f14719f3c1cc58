/**
 * Finer reasons of problems whose `code` says little by itself, for programs that say them in their own words. Figures and
 * names that belong to one are in the problem's `values`, under the names that stand beside it here.
 */
export const PROBLEM_REASONS = [
  /** Of the page or the daemon. */
  "wrong-password",
  /** `seconds` until it may be tried again. */
  "too-many-attempts",
  "too-many-passwords",
  "not-signed-in",
  /** `scope`. */
  "lacks-scope",
  "current-password-missing",
  "wallet-locked",
  /** `wallet`: the one that trades until the daemon ends. */
  "another-wallet-trades",
  /** `network`: where bandwidth is paid. */
  "another-network-pays",
  /** `network`: where it cannot be paid. */
  "no-trading",
  "no-faucet",
  "no-sample",
  /** `network`: where nobody knows of their contract. */
  "no-bounties",
  "too-few-auditors",
  "no-channel",
  "channel-not-on-chain",
  /** `untilMs`: the payee may object until then. */
  "challenge-time",
  "plan-too-old",
  "feed-exists",
  /** `most`. */
  "too-many-feeds",
  "not-http",
  "not-base64",
] as const;

export type ProblemReason = (typeof PROBLEM_REASONS)[number];
