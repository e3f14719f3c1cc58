import { computed } from "@preact/signals";
import { preferences } from "../state/preferences.ts";

export interface Format {
  /** `1.5 GiB`. @param bytes 0 or more. */
  readonly bytes: (bytes: number) => string;
  /** `1.5 MiB/s`; a dash for nothing, so that idle rows are quiet. */
  readonly rate: (bytesPerSecond: number) => string;
  readonly number: (value: number, digits?: number) => string;
  readonly percent: (fraction: number, digits?: number) => string;
  /** `2 min`, `3 h 20 min`. */
  readonly duration: (seconds: number) => string;
  readonly date: (atMs: number) => string;
  readonly dateTime: (atMs: number) => string;
  readonly time: (atMs: number) => string;
  /** `3 minutes ago`, `in 2 hours`. */
  readonly relative: (atMs: number, nowMs: number) => string;
  /** An amount in whole units, exact to the last digit that is shown. */
  readonly amount: (wei: bigint | string, decimals?: number, digits?: number) => string;
}

const STEP = 1024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** @param locale A BCP 47 tag. */
export function createFormat(locale: string): Format {
  const number = (value: number, digits = 0): string =>
    numberFormat(locale, digits, digits).format(value);
  const bytes = (value: number): string => {
    let unit = 0;
    let scaled = value;
    while (scaled >= 999.5 && unit < UNITS.length - 1) {
      scaled /= STEP;
      unit++;
    }
    const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
    return `${number(scaled, digits)} ${UNITS[unit]}`;
  };
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    bytes,
    number,
    rate: (value) => (value < 1 ? "–" : `${bytes(value)}/s`),
    percent: (fraction, digits = 1) => percentFormat(locale, digits).format(fraction),
    duration: (seconds) => formatDuration(locale, seconds),
    date: (atMs) => dates.format(atMs),
    dateTime: (atMs) => dateTimes.format(atMs),
    time: (atMs) => times.format(atMs),
    relative(atMs, nowMs) {
      const seconds = (atMs - nowMs) / 1000;
      for (const [unit, length] of RELATIVE) {
        if (Math.abs(seconds) >= length)
          return relatives.format(Math.trunc(seconds / length), unit);
      }
      return relatives.format(0, "second");
    },
    amount: (wei, decimals = 18, digits = 6) =>
      formatAmount(BigInt(wei), decimals, digits, (whole) =>
        numberFormat(locale, 0, 0).format(whole),
      ),
  };
}

const RELATIVE = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 5],
] as const;

const cached = new Map<string, Intl.NumberFormat>();
/** Making one takes longer than using it a hundred times, and rows use several. */
function numberFormat(locale: string, least: number, most: number): Intl.NumberFormat {
  const name = `${locale} ${least} ${most}`;
  let found = cached.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    });
    cached.set(name, found);
  }
  return found;
}

const percents = new Map<string, Intl.NumberFormat>();
function percentFormat(locale: string, digits: number): Intl.NumberFormat {
  const name = `${locale} ${digits}`;
  let found = percents.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, {
      style: "percent",
      maximumFractionDigits: digits,
      // 99.96% is not all of it.
      roundingMode: "floor",
    });
    percents.set(name, found);
  }
  return found;
}

function formatDuration(locale: string, seconds: number): string {
  const parts = [
    ["day", Math.floor(seconds / 86_400)],
    ["hour", Math.floor((seconds % 86_400) / 3600)],
    ["minute", Math.floor((seconds % 3600) / 60)],
    ["second", Math.floor(seconds % 60)],
  ] as const;
  const first = parts.findIndex(([, count]) => count > 0);
  const shown = first < 0 ? [parts[3]] : parts.slice(first, first + 2);
  return shown
    .filter(([, count], index) => index === 0 || count > 0)
    .map(([unit, count]) => unitFormat(locale, unit).format(count))
    .join(" ");
}

const units = new Map<string, Intl.NumberFormat>();
function unitFormat(locale: string, unit: string): Intl.NumberFormat {
  const name = `${locale} ${unit}`;
  let found = units.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
    units.set(name, found);
  }
  return found;
}

/** Cut, not rounded: what is shown is never more than there is. Something that is not nothing never reads as zero. */
function formatAmount(
  wei: bigint,
  decimals: number,
  digits: number,
  group: (whole: bigint) => string,
): string {
  const sign = wei < 0n ? "−" : "";
  const positive = wei < 0n ? -wei : wei;
  const one = 10n ** BigInt(decimals);
  const fraction = (positive % one).toString().padStart(decimals, "0");
  const shown = fraction.slice(0, digits).replace(/0+$/, "");
  const whole = positive / one;
  if (whole === 0n && shown === "" && positive > 0n) return `<${sign}0.${"0".repeat(digits - 1)}1`;
  return `${sign}${group(whole)}${shown === "" ? "" : `.${shown}`}`;
}

/** How things are written in the language of this page. */
export const format = computed(() => createFormat(preferences.value.language));
