import type { Torrent } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { CliError } from "../errors.ts";

const LOOK_MS = 500;
/** Trackers are asked again in this time, and may name peers that are honest. */
const PATIENCE_MS = 60_000;

/**
 * Waits until it is plain that a download cannot be verified: pieces were bad, and every peer that is known has
 * been banned for it.
 * @throws {CliError} `verification-failed` then; the signal's reason when it is aborted.
 */
export async function untilUnverifiable(
  torrent: Torrent,
  clock: Clock,
  signal: AbortSignal,
): Promise<never> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  let aloneSinceMs: number | null = null;
  const timer = clock.setRepeating(LOOK_MS, () => {
    const status = torrent.status();
    const { failedPieces, connectedPeers, connectingPeers, knownAddresses, trackers } = status;
    const webSeeds = torrent
      .webSeeds()
      .filter(({ state }) => state !== "failed" && state !== "banned");
    const sources = connectedPeers + connectingPeers + knownAddresses + webSeeds.length;
    if (failedPieces === 0 || sources > 0) {
      aloneSinceMs = null;
      return;
    }
    aloneSinceMs ??= clock.monotonicMs();
    const patienceMs = trackers.length > 0 ? PATIENCE_MS : 0;
    if (clock.monotonicMs() - aloneSinceMs < patienceMs) return;
    reject(
      new CliError(
        "verification-failed",
        "every known peer sent data that does not agree with the torrent: " +
          "the torrent is broken, or try other peers with --peer HOST:PORT",
      ),
    );
  });
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
