import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** So long people need to see that something else is there than what they were about to click. */
const SETTLE_MS = 500;

/**
 * Whether something has been before the user's eyes for long enough to be answered: a click that was meant for what was
 * there before signs nothing. It begins again when the window comes to the front.
 * @param id Of what is shown; another one begins anew.
 */
export function useSettled(id: string): Signal<boolean> {
  const settledId = useSignal<string | null>(null);
  const isSettled = useSignal(false);
  isSettled.value = settledId.value === id;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = (): void => {
      clearTimeout(timer);
      settledId.value = null;
      if (document.visibilityState !== "visible") return;
      timer = setTimeout(() => {
        settledId.value = id;
      }, SETTLE_MS);
    };
    begin();
    document.addEventListener("visibilitychange", begin);
    addEventListener("focus", begin);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", begin);
      removeEventListener("focus", begin);
    };
  }, [id]);
  return isSettled;
}
