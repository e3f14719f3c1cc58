export const DAY_MINUTES = 24 * 60;

/** @param minute Of the day; its end, 1440, is midnight. @returns as fields for times have it: `08:30`. */
export function timeOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

/** @returns the minute of the day; null for what is no time. */
export function minuteOf(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}
