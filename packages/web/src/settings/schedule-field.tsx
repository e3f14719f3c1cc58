import type { Settings } from "@shoal/api/client";
import { Field } from "../parts/field.tsx";
import { LimitField } from "../parts/limit-field.tsx";
import { preferences } from "../state/preferences.ts";
import { words } from "../words/words.ts";
import { RowsField } from "./rows-field.tsx";
import { DAY_MINUTES, minuteOf, timeOf } from "./time-of-day.ts";

type Rule = Settings["speed"]["schedule"][number];

/** Nights of every day, without limits. */
const NEW_RULE: Rule = {
  days: [0, 1, 2, 3, 4, 5, 6],
  fromMinute: 0,
  toMinute: 8 * 60,
  download: null,
  upload: null,
};
/** A Sunday, from which the days of the week are named. */
const SUNDAY_MS = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

/** Other limits at certain times, rule by rule. */
export function ScheduleField({
  value,
  onChange,
}: {
  readonly value: readonly Rule[];
  readonly onChange: (value: readonly Rule[]) => void;
}) {
  const say = words.value;
  return (
    <RowsField
      value={value}
      empty={NEW_RULE}
      addText={say.addRule}
      nameOf={say.scheduleRule}
      onChange={onChange}
      fields={(rule, change) => (
        <>
          <Days days={rule.days} onChange={(days) => change({ days })} />
          <div class="cards four">
            <TimeField
              label={say.fromTime}
              minute={rule.fromMinute}
              onMinute={(fromMinute) => change({ fromMinute })}
            />
            <TimeField
              label={say.untilTime}
              minute={rule.toMinute}
              // Midnight as an end is the end of the day.
              onMinute={(minute) => change({ toMinute: minute === 0 ? DAY_MINUTES : minute })}
            />
            <LimitField
              label={say.downloadLimit}
              value={rule.download ?? null}
              onChange={(download) => change({ download })}
            />
            <LimitField
              label={say.uploadLimit}
              value={rule.upload ?? null}
              onChange={(upload) => change({ upload })}
            />
          </div>
        </>
      )}
    />
  );
}

function Days({
  days,
  onChange,
}: {
  readonly days: readonly number[];
  readonly onChange: (days: number[]) => void;
}) {
  const { language } = preferences.value;
  const names = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  return (
    <div class="chips" role="group" aria-label={words.value.daysOfWeek}>
      {[0, 1, 2, 3, 4, 5, 6].map((day) => (
        <button
          key={day}
          type="button"
          class="chip"
          aria-pressed={days.includes(day)}
          onClick={() =>
            onChange(
              days.includes(day)
                ? days.filter((each) => each !== day)
                : [...days, day].sort((a, b) => a - b),
            )
          }
        >
          {names.format(SUNDAY_MS + day * DAY_MS)}
        </button>
      ))}
    </div>
  );
}

function TimeField({
  label,
  minute,
  onMinute,
}: {
  readonly label: string;
  readonly minute: number;
  readonly onMinute: (minute: number) => void;
}) {
  return (
    <Field label={label}>
      {(tie) => (
        <input
          {...tie}
          type="time"
          class="input"
          required
          value={timeOf(minute)}
          onInput={(event) => {
            const read = minuteOf(event.currentTarget.value);
            if (read !== null) onMinute(read);
          }}
        />
      )}
    </Field>
  );
}
