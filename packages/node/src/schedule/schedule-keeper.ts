import type { Settings } from "@shoal/api";
import type { Session, SpeedSchedule, Weekday } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";

/** Clocks are put forward and back at full hours; the session's own rules go by the minute. */
const LOOK_EVERY_MS = 60_000;

type Rules = Settings["speed"]["schedule"];

/** Keeps a session's schedule as the settings have it, in this machine's local time, summer time included. */
export class ScheduleKeeper {
  readonly #session: Pick<Session, "setSchedule">;
  readonly #utcOffsetMinutes: () => number;
  readonly #timer: { cancel(): void };
  #rules: Rules = [];
  #set: string | null = null;

  /** @param init.utcOffsetMinutes How far local time is ahead of UTC; the machine's when absent. */
  constructor(init: {
    session: Pick<Session, "setSchedule">;
    clock: Clock;
    utcOffsetMinutes?: (dateMs: number) => number;
  }) {
    const { session, clock, utcOffsetMinutes = localOffset } = init;
    this.#session = session;
    this.#utcOffsetMinutes = () => utcOffsetMinutes(clock.nowMs());
    this.#timer = clock.setRepeating(LOOK_EVERY_MS, () => this.#apply());
  }

  use(rules: Rules): void {
    this.#rules = rules;
    this.#apply();
  }

  close(): void {
    this.#timer.cancel();
  }

  #apply(): void {
    const schedule =
      this.#rules.length === 0 ? null : toSchedule(this.#rules, this.#utcOffsetMinutes());
    const text = JSON.stringify(schedule);
    if (text === (this.#set ?? "null")) return;
    this.#set = text;
    this.#session.setSchedule(schedule);
  }
}

function toSchedule(rules: Rules, utcOffsetMinutes: number): SpeedSchedule {
  return {
    utcOffsetMinutes,
    rules: rules.map(({ days, fromMinute, toMinute, download, upload }) => ({
      days: days as Weekday[],
      fromMinute,
      toMinute,
      ...(download !== undefined && { download }),
      ...(upload !== undefined && { upload }),
    })),
  };
}

function localOffset(dateMs: number): number {
  return -new Date(dateMs).getTimezoneOffset();
}
