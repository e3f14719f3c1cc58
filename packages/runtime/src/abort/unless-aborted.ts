/**
 * Waits for `promise`, but no longer than until `signal` fires. What comes of the promise then is dropped.
 * @throws what the promise does; the signal's reason when it fires first, or has fired.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, resolve: abort } = Promise.withResolvers<null>();
  const onAbort = (): void => abort(null);
  if (signal.aborted) abort(null);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    // The promise's failure counts as handled from here on, also when nobody waits for it any more.
    const kept = await Promise.race([aborted, promise.then((value) => ({ value }))]);
    if (kept !== null) return kept.value;
    signal.throwIfAborted();
    throw new RangeError("the signal's abort event came without the signal being aborted");
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
