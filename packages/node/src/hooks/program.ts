/** A program to run: without a shell, so that nothing of a torrent's name means anything. */
export interface ProgramRun {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeLimitMs: number;
}

/** How a run ended. */
export interface ProgramEnd {
  /** Null when it was killed. */
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
  /** The last of what it said, on either way out. */
  readonly output: string;
}

/** Starts programs of the machine. */
export interface ProgramRunner {
  /** @throws {Error} when it cannot be started: it is not there, or may not be run. */
  run(run: ProgramRun): Promise<ProgramEnd>;
}
