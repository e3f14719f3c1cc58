/** What the command's exit code says. Programs may rely on these. */
export const EXIT = {
  ok: 0,
  /** Anything that has no code of its own. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The daemon does not answer. */
  daemonUnreachable: 3,
  /** A file, folder, host or page that was named does not exist. */
  notFound: 4,
  insufficientFunds: 5,
  /** Data does not agree with its torrent. */
  verificationFailed: 6,
  /** Some machines of a fleet did what was asked, and some did not. */
  partialFleet: 7,
  /** Ended by Ctrl-C, in order. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
