import type { Clock } from "@shoal/runtime";
import { formatBar, formatDuration, formatPercent } from "./format.ts";
import type { Output } from "./output.ts";

const REDRAW_MS = 200;
const EVENT_MS = 500;
const PLAIN_LINE_MS = 10_000;
const BAR_WIDTH = 24;

/** Work of a known number of pieces, shown until it is stopped. */
export interface Counter {
  /** One more piece is done. */
  add(): void;
  stop(): void;
}

/** Shows a bar on a terminal, a line now and then without one, and events `{label, done, total}`. */
export function showCounter(label: string, total: number, clock: Clock, output: Output): Counter {
  const startMs = clock.monotonicMs();
  let done = 0;

  function remaining(): string {
    if (done === 0) return "";
    const elapsedS = (clock.monotonicMs() - startMs) / 1000;
    return `  ${formatDuration(Math.ceil((elapsedS * (total - done)) / done))} left`;
  }

  const timers = [
    clock.setRepeating(REDRAW_MS, () => {
      if (!output.isLive) return;
      const bar = formatBar(done / total, BAR_WIDTH);
      output.live([`${label}  ${bar} ${formatPercent(done / total)}${remaining()}`]);
    }),
    clock.setRepeating(EVENT_MS, () => output.event("progress", { label, done, total })),
    clock.setRepeating(PLAIN_LINE_MS, () => {
      if (!output.isLive) output.note(`${label}: ${formatPercent(done / total)}${remaining()}`);
    }),
  ];
  return {
    add: () => void done++,
    stop() {
      for (const timer of timers) timer.cancel();
      output.live([]);
    },
  };
}
