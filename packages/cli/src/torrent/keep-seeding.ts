import type { Torrent } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import type { Output } from "../output/output.ts";
import type { ExitCode } from "../exit-codes.ts";
import { untilSignal } from "../process/until-signal.ts";
import { showProgress } from "./show-progress.ts";

/**
 * Seeds a torrent until a signal asks for the end.
 * @throws what stopped the torrent, when something did.
 */
export async function keepSeeding(
  torrent: Torrent,
  { clock, output, signal }: { clock: Clock; output: Output; signal: AbortSignal },
): Promise<ExitCode> {
  const stopShowing = showProgress(torrent, clock, output);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const removeListener = torrent.on((event) => {
    if (event.type === "error") reject(event.error);
  });
  try {
    return await Promise.race([untilSignal(signal), failed]);
  } finally {
    removeListener();
    stopShowing();
  }
}
