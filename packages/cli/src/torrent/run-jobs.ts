import type { Torrent } from "@shoal/engine";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { describeError, type ErrorDescription } from "../process/describe-error.ts";

/** One of the torrents that a command was given. */
export interface TorrentJob {
  /** As it stands on the command line. */
  readonly source: string;
  torrent: Torrent | null;
  /** Why it came to nothing. */
  error: ErrorDescription | null;
}

/**
 * Does the same for several torrents at once. What stops one is said, and stops no other.
 * @returns The worst exit code: the highest.
 */
export async function runJobs<Job extends TorrentJob>(
  jobs: readonly Job[],
  run: (job: Job) => Promise<ExitCode>,
  { output, signal }: Pick<CommandContext, "output" | "signal">,
): Promise<ExitCode> {
  const codes = await Promise.all(
    jobs.map(async (job) => {
      try {
        return await run(job);
      } catch (error) {
        // What fails because everything is being closed is no failure.
        if (signal.aborted) return EXIT.interrupted;
        job.error = describeError(error);
        output.warn(`${output.paint("red", `${job.source}:`)} ${job.error.message}`);
        const infoHash = job.torrent?.infoHash ?? null;
        output.event("failed", { source: job.source, infoHash, ...job.error });
        await job.torrent?.close();
        return job.error.exitCode;
      }
    }),
  );
  return worstOf(codes);
}

/** The highest. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((worst, code) => (code > worst ? code : worst), EXIT.ok);
}
