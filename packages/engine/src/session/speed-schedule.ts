import type { DirectionLimits } from "../rate/limit-tree.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;

/** 0 is Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Other limits for part of a day. */
export interface ScheduleRule extends DirectionLimits {
  /** The days on which it begins. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight: from this one on, up to but not that one. An end before the start is the next day's. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** When a session's limits are others than usual. */
export interface SpeedSchedule {
  /** How far ahead of UTC the clock is that the rules go by, in minutes. */
  readonly utcOffsetMinutes: number;
  /** The first that holds is taken. */
  readonly rules: readonly ScheduleRule[];
}

/** @returns What a schedule says for a date; null when the usual limits hold. */
export function limitsAt(schedule: SpeedSchedule, dateMs: number): DirectionLimits | null {
  const minutes = Math.floor(dateMs / MINUTE_MS) + schedule.utcOffsetMinutes;
  const day = Math.floor(minutes / DAY_MINUTES);
  const minute = minutes - day * DAY_MINUTES;
  return schedule.rules.find((rule) => holds(rule, day, minute)) ?? null;
}

function holds({ days, fromMinute, toMinute }: ScheduleRule, day: number, minute: number): boolean {
  const isOn = (some: number): boolean => days.includes(weekdayOf(some));
  if (fromMinute < toMinute) return isOn(day) && minute >= fromMinute && minute < toMinute;
  return (isOn(day) && minute >= fromMinute) || (isOn(day - 1) && minute < toMinute);
}

function weekdayOf(day: number): Weekday {
  return ((((day + EPOCH_WEEKDAY) % 7) + 7) % 7) as Weekday;
}

/** @throws {RangeError} for minutes that no day has. */
export function assertSchedule(schedule: SpeedSchedule): void {
  for (const { fromMinute, toMinute } of schedule.rules) {
    for (const minute of [fromMinute, toMinute]) {
      if (!Number.isInteger(minute) || minute < 0 || minute > DAY_MINUTES) {
        throw new RangeError(
          `Expected a minute of the day from 0 to ${DAY_MINUTES}, got ${minute}.`,
        );
      }
    }
  }
}
