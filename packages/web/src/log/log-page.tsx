import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Empty } from "../parts/empty.tsx";
import { Problem } from "../parts/problem.tsx";
import { logTail } from "../state/live.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];
const TONES: Readonly<Record<Level, string>> = {
  debug: "quiet",
  info: "",
  warn: "warn",
  error: "bad",
};

/** What the daemon has logged, the newest on top, as it happens. */
export function LogPage() {
  const say = words.value;
  const level = useSignal<Level>("info");
  const asked = useAnswer(
    async () => api.call("getLog", { level: level.value, limit: 1000 }),
    [level.value],
  );
  const kept = asked.data.value?.entries ?? [];
  const last = kept.at(-1)?.number ?? -1;
  const least = LEVELS.indexOf(level.value);
  const news = logTail.value.filter(
    (entry) => entry.number > last && LEVELS.indexOf(entry.level) >= least,
  );
  const entries = [...kept, ...news].reverse();
  const { time, dateTime } = format.value;
  return (
    <div class="page wide">
      <div class="page-head">
        <h1>{say.log}</h1>
        <label class="with-unit">
          <span class="label">{say.logLevel}</span>
          <select
            value={level.value}
            onChange={(event) => {
              level.value = LEVELS.find((each) => each === event.currentTarget.value) ?? "info";
            }}
          >
            {LEVELS.map((each) => (
              <option key={each} value={each}>
                {say.levels[each]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      {entries.length === 0 ? (
        <Empty icon="log" title={say.logEmpty} />
      ) : (
        <ol class="table-box" tabIndex={0} aria-label={say.log}>
          {entries.map(({ number, atMs, level: severity, event, text }) => (
            <li key={number} class="log-line">
              <time class="quiet" title={dateTime(atMs)}>
                {time(atMs)}
              </time>
              <span class={TONES[severity]}>{say.levels[severity]}</span>
              <span>
                <b>{event}</b> <bdi>{text}</bdi>
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
