import type { Clock } from "../ports/clock.ts";
import { unlessAborted } from "./unless-aborted.ts";

/**
 * Lets time pass.
 * @throws the signal's reason, as soon as it fires.
 */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(delayMs, resolve);
  try {
    await unlessAborted(promise, signal);
  } finally {
    timer.cancel();
  }
}
