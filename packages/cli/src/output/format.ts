const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `1.5 MiB`: three digits at the most before the point, one behind it where there is more to say. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 would be shown as 1024.0.
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** `0.4s`, `42s`, `3m 07s`, `2h 05m`, `4d 03h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)}s`;
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const pair = (large: number, small: number, units: readonly [string, string]): string =>
    `${large}${units[0]} ${String(small).padStart(2, "0")}${units[1]}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return pair(minutes, whole % 60, ["m", "s"]);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, minutes % 60, ["h", "m"]);
  return pair(Math.floor(hours / 24), hours % 24, ["d", "h"]);
}

/** `99.9%`; 100% only when nothing is missing. */
export function formatPercent(fraction: number): string {
  return `${(Math.floor(fraction * 1000) / 10).toFixed(1)}%`;
}

/** A bar of `width` characters. */
export function formatBar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
  return `${"█".repeat(full)}${part}`.padEnd(width, "░");
}

/** `1 peer`, `2 peers`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Pieces as ranges: `0-3, 7, 9-10`. */
export function formatRanges(sorted: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    ranges.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return ranges.join(", ");
}

/** Text of strangers on one line: without characters that could move the cursor or hide. */
export function toPlainText(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "�");
}
