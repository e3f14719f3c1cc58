import process from "node:process";
import { CommanderError } from "commander";
import type { CommandContext, CommonOptions } from "./commands/context.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { createOutput } from "./output/output.ts";
import { watchSignals } from "./process/watch-signals.ts";
import { createProgram } from "./program.ts";

/**
 * Runs one command to its end and ends the process with its exit code.
 * @param args What stands on the command line behind `shoal`.
 */
export async function runCli(args: readonly string[]): Promise<never> {
  endWithReader();
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(async (options, run) => {
    exitCode = await runCommand(options, run);
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong. Help that was asked for is no error.
    exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  process.exit(exitCode);
}

async function runCommand(
  options: CommonOptions,
  run: (context: CommandContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { stdout, stderr, env } = process;
  const writeBytes = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => stdout.write(chunk, () => resolve()));
  const output = createOutput({ ...options, stdout, stderr, writeBytes, env });
  const signal = watchSignals(() => {
    output.live([]);
    output.note("ending in order; a second time ends at once");
  });
  try {
    return await run({ output, signal, env });
  } catch (error) {
    // What fails because everything is being closed is no failure.
    const cause: unknown = signal.aborted ? signal.reason : error;
    const { describeError } = await import("./process/describe-error.ts");
    const description = describeError(cause);
    if (env.SHOAL_DEBUG && cause instanceof Error) output.warn(cause.stack ?? cause.message);
    output.error(description);
    return description.exitCode;
  }
}

/** Ends quietly when the program that reads the output has gone (`shoal info ... | head`). */
function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(EXIT.failed);
      throw error;
    });
  }
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
