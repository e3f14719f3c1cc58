import type { CommandContext } from "../commands/context.ts";
import type { DaemonOptions } from "../daemon/daemon-options.ts";
import { withDaemon } from "../daemon/with-daemon.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";

/**
 * Asks the daemon whether it can be used.
 * @returns 0 when it is ready, 1 while it starts or ends.
 * @throws {CliError} `daemon-unreachable` when none answers.
 */
export async function runHealth(
  options: DaemonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(context, options, async (daemon) => {
    const { status } = await daemon.open("GET", "/readyz");
    const isReady = status === 200;
    output.note(isReady ? "the daemon is ready" : "the daemon is starting or ending");
    output.result({ ready: isReady });
    return isReady ? EXIT.ok : EXIT.failed;
  });
}
