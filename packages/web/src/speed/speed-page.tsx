import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { LimitField } from "../parts/limit-field.tsx";
import { Plot, type PlotLine } from "../parts/plot.tsx";
import { Problem } from "../parts/problem.tsx";
import { transfer } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { preferences } from "../state/preferences.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

const SPANS_MS = {
  minutes5: 300_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const;
type Span = keyof typeof SPANS_MS;
const POINTS = 300;

/** Rates over time, as the daemon kept them, with the limits as lines; and the limits themselves. */
export function SpeedPage() {
  const say = words.value;
  const span = useSignal<Span>("minutes5");
  const lengthMs = SPANS_MS[span.value];
  const asked = useAnswer(
    async () => api.call("getSpeedHistory", { fromMs: Date.now() - lengthMs, points: POINTS }),
    [span.value],
    Math.max(lengthMs / POINTS, 1000),
  );
  const now = transfer.value;
  const { bytes, rate } = format.value;
  const points = asked.data.value?.points ?? [];
  return (
    <div class="page">
      <div class="page-head">
        <h1>{say.speed}</h1>
        <div class="chips" role="group" aria-label={say.span}>
          {(Object.keys(SPANS_MS) as Span[]).map((id) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={span.value === id}
              onClick={() => {
                span.value = id;
              }}
            >
              {say.spans[id]}
            </button>
          ))}
        </div>
      </div>
      <section class="card" aria-label={say.speed}>
        <SpeedPlot points={points} />
        <Problem text={asked.problem.value} onRetry={asked.refresh} />
      </section>
      {now !== null && (
        <section class="cards" aria-label={say.now}>
          <Now
            what={say.downloadNow}
            value={rate(now.downloadRate)}
            total={bytes(now.downloadedBytes)}
          />
          <Now what={say.uploadNow} value={rate(now.uploadRate)} total={bytes(now.uploadedBytes)} />
          <div class="card">
            <div class="figure">
              <span class="what">{say.freeDisk}</span>
              <span class="value">
                {now.freeDiskBytes === null ? "–" : bytes(now.freeDiskBytes)}
              </span>
              <span class="why">
                {now.reachable === "yes" ? say.reachableYes : say.reachableUnknown(now.port)}
              </span>
            </div>
          </div>
        </section>
      )}
      {may("admin") && <Limits />}
    </div>
  );
}

function SpeedPlot({
  points,
}: {
  readonly points: readonly {
    readonly atMs: number;
    readonly downloadRate: number;
    readonly uploadRate: number;
  }[];
}) {
  const say = words.value;
  const cursor = useSignal<number | null>(null);
  const { rate, time } = format.value;
  const limits = transfer.value;
  const at = cursor.value === null ? undefined : points[cursor.value];
  const shown = at ?? points.at(-1);
  const lines: PlotLine[] = [
    {
      name: say.down,
      colour: "--down",
      values: points.map(({ downloadRate }) => downloadRate),
      isFilled: true,
    },
    {
      name: say.up,
      colour: "--up",
      values: points.map(({ uploadRate }) => uploadRate),
      isFilled: true,
    },
  ];
  for (const [name, colour, limit] of [
    [say.downloadLimit, "--down", limits?.downloadLimit],
    [say.uploadLimit, "--up", limits?.uploadLimit],
  ] as const) {
    if (typeof limit === "number")
      lines.push({ name, colour, values: points.map(() => limit), isDashed: true });
  }
  const most = (read: (point: (typeof points)[number]) => number): number =>
    points.reduce((greatest, point) => Math.max(greatest, read(point)), 0);
  return (
    <>
      <div class="legend">
        <span>
          <i class="swatch down" />
          {say.down} <b>{rate(shown?.downloadRate ?? 0)}</b>
        </span>
        <span>
          <i class="swatch up" />
          {say.up} <b>{rate(shown?.uploadRate ?? 0)}</b>
        </span>
        {at !== undefined && <span class="quiet">{time(at.atMs)}</span>}
      </div>
      <Plot
        times={points.map(({ atMs }) => atMs / 1000)}
        lines={lines}
        locale={preferences.value.language}
        isBinary
        formatValue={(value) => (value === 0 ? "0" : rate(value))}
        summary={say.speedSummary(
          rate(most(({ downloadRate }) => downloadRate)),
          rate(most(({ uploadRate }) => uploadRate)),
        )}
        onCursor={(index) => {
          cursor.value = index;
        }}
      />
    </>
  );
}

function Now({
  what,
  value,
  total,
}: {
  readonly what: string;
  readonly value: string;
  readonly total: string;
}) {
  return (
    <div class="card">
      <div class="figure">
        <span class="what">{what}</span>
        <span class="value">{value}</span>
        <span class="why">{words.value.thisRun(total)}</span>
      </div>
    </div>
  );
}

/** Once the limits are known: a form that came before them would lose what was typed meanwhile. */
function Limits() {
  const known = transfer.value;
  return known === null ? null : <LimitsForm {...known} />;
}

function LimitsForm({
  downloadLimit,
  uploadLimit,
}: {
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
}) {
  const say = words.value;
  const down = useSignal(downloadLimit);
  const up = useSignal(uploadLimit);
  useEffect(() => {
    down.value = downloadLimit;
    up.value = uploadLimit;
  }, [downloadLimit, uploadLimit]);
  const isChanged = down.value !== downloadLimit || up.value !== uploadLimit;
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        const speed = { downloadLimit: down.value, uploadLimit: up.value };
        void attempt(async () => api.call("changeSettings", { speed }), say.saved);
      }}
    >
      <h2>{say.limits}</h2>
      <div class="cards">
        <LimitField
          label={say.downloadLimit}
          value={down.value}
          onChange={(value) => {
            down.value = value;
          }}
        />
        <LimitField
          label={say.uploadLimit}
          value={up.value}
          onChange={(value) => {
            up.value = value;
          }}
        />
      </div>
      <div>
        <button type="submit" class="button primary" disabled={!isChanged}>
          {say.save}
        </button>
      </div>
    </form>
  );
}
