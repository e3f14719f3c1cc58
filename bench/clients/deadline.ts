/** How long a client may take for one step, on a busy machine, before it counts as stuck. */
export const STEP_TIMEOUT_MS = 30_000;

/** @throws {Error} that names `what`, when `promise` takes longer than `timeoutMs`. */
export async function withDeadline<T>(
  promise: Promise<T>,
  what: string,
  timeoutMs: number = STEP_TIMEOUT_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what}: not within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again, for clients that can be asked but do not tell. */
export async function untilTrue(
  isMet: () => Promise<boolean>,
  what: string,
  timeoutMs: number = STEP_TIMEOUT_MS,
  periodMs = 50,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await isMet())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}
