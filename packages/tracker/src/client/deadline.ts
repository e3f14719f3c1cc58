import type { Clock } from "@shoal/runtime";

/** An abort signal that fires with the caller's, or when time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when it was the time that ran out. */
  readonly isOver: boolean;
  /** Frees the timer and lets go of the caller's signal. To be called in every case. */
  clear(): void;
}

export function createDeadline(clock: Clock, timeoutMs: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const onAbort = (): void => controller.abort(signal?.reason);
  const timer = clock.setTimer(timeoutMs, () => {
    isOver = true;
    controller.abort();
  });
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    clear() {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    },
  };
}
