import type { Clock, StreamSocket } from "@shoal/runtime";

/** One way to connect. */
export type Dial = (signal: AbortSignal) => Promise<StreamSocket>;

/**
 * Tries one way and, when it fails or has not succeeded after its head start, a second one beside it. The first
 * connection wins, the other is given up.
 * @throws what the first way threw, when both fail.
 */
export async function raceDials(
  clock: Clock,
  ways: { first: Dial; second: Dial; headStartMs: number },
  signal: AbortSignal | undefined,
): Promise<StreamSocket> {
  const giveUp = new AbortController();
  const both = signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, signal]);
  const startSecond = Promise.withResolvers<void>();
  const timer = clock.setTimer(ways.headStartMs, startSecond.resolve);
  let winner: StreamSocket | null = null;
  const run = async (dial: Dial): Promise<StreamSocket> => {
    const socket = await dial(both);
    // Two may be through at once.
    if (winner !== null) socket.destroy();
    winner ??= socket;
    return winner;
  };
  const first = run(ways.first);
  first.catch(startSecond.resolve);
  const second = (async () => {
    await startSecond.promise;
    return await run(ways.second);
  })();
  try {
    return await Promise.any([first, second]);
  } catch {
    return await first;
  } finally {
    timer.cancel();
    giveUp.abort();
    startSecond.resolve();
    second.catch(() => {});
  }
}
