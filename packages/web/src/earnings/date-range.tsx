import type { Signal } from "@preact/signals";
import { words } from "../words/words.ts";

/** A time from which and to which something is asked. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null when the dates were chosen by hand. */
  readonly days: number | null;
}

const DAY_MS = 86_400_000;
const SPANS = [1, 7, 30, 365] as const;

/** The last days, this one among them: it ends with today, so that it holds what is still to come of it. */
export function rangeOfDays(days: number, nowMs: number): Range {
  return { fromMs: Math.max(nowMs - days * DAY_MS, 0), toMs: nowMs + DAY_MS, days };
}

const toField = (atMs: number): string => {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Picks a range: the last days, or any two dates. */
export function DateRange({ range }: { readonly range: Signal<Range> }) {
  const say = words.value;
  const { days, fromMs, toMs } = range.value;
  const pick = (which: "fromMs" | "toMs", text: string): void => {
    const midnight = new Date(`${text}T00:00:00`).getTime();
    if (Number.isNaN(midnight)) return;
    const atMs = which === "fromMs" ? midnight : midnight + DAY_MS - 1;
    range.value = { ...range.value, [which]: atMs, days: null };
  };
  return (
    <div class="row">
      <div class="chips" role="group" aria-label={say.span}>
        {SPANS.map((span) => (
          <button
            key={span}
            type="button"
            class="chip"
            aria-pressed={days === span}
            onClick={() => {
              range.value = rangeOfDays(span, Date.now());
            }}
          >
            {say.lastDays(span)}
          </button>
        ))}
      </div>
      <input
        type="date"
        class="input date"
        aria-label={say.from}
        value={toField(fromMs)}
        onChange={(event) => pick("fromMs", event.currentTarget.value)}
      />
      <input
        type="date"
        class="input date"
        aria-label={say.until}
        value={toField(Math.min(toMs, Date.now()))}
        onChange={(event) => pick("toMs", event.currentTarget.value)}
      />
    </div>
  );
}
