import type { Clock } from "@shoal/runtime";

/**
 * Lets time pass.
 * @throws the signal's reason, as soon as it fires.
 */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimer(delayMs, resolve);
  const onAbort = (): void => {
    timer.cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
