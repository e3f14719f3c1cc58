import type { Clock } from "@shoal/runtime";

/** Proxies and browsers cut connections that say nothing for a minute. */
const HEARTBEAT_MS = 15_000;
/** White space before JSON is nothing to it. */
const HEARTBEAT = Buffer.from("\n");

/**
 * A body that comes when `answer` does, kept alive until then.
 * @param gone Called when the client goes away before.
 */
export function waitingBody(
  answer: Promise<Uint8Array>,
  clock: Clock,
  gone: () => void,
): AsyncIterable<Uint8Array> {
  let isOver = false;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (isOver) return { done: true, value: undefined };
        const beat = Promise.withResolvers<null>();
        const timer = clock.setTimer(HEARTBEAT_MS, () => beat.resolve(null));
        const value = await Promise.race([answer, beat.promise]);
        timer.cancel();
        isOver = value !== null;
        return { done: false, value: value ?? HEARTBEAT };
      },
      async return() {
        if (!isOver) gone();
        isOver = true;
        return { done: true, value: undefined };
      },
    }),
  };
}
