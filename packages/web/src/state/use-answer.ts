import { useSignal, type Signal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";
import { describeError } from "./notices.ts";

/** What an operation answered last. `data` stays while it is asked again. */
export interface Asked<T> {
  readonly data: Signal<T | null>;
  readonly problem: Signal<string | null>;
  readonly refresh: () => void;
}

/**
 * Asks the daemon, again whenever `inputs` change, and every so often while the page is to be seen.
 * @param ask Keep it free of side effects.
 * @param everyMs Not again by itself when 0.
 */
export function useAnswer<T>(
  ask: () => Promise<T>,
  inputs: readonly unknown[],
  everyMs: number = 0,
): Asked<T> {
  const data = useSignal<T | null>(null);
  const problem = useSignal<string | null>(null);
  const round = useSignal(0);
  const refresh = useCallback(() => {
    round.value++;
  }, [round]);
  const turn = round.value;
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askOnce = async (): Promise<void> => {
      try {
        if (document.visibilityState === "visible" || data.peek() === null) {
          const answer = await ask();
          if (isOver) return;
          data.value = answer;
          problem.value = null;
        }
      } catch (error) {
        if (!isOver) problem.value = describeError(error);
      }
      if (!isOver && everyMs > 0) timer = setTimeout(() => void askOnce(), everyMs);
    };
    void askOnce();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [turn, everyMs, ...inputs]);
  return { data, problem, refresh };
}
