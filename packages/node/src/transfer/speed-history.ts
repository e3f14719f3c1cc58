import type { Answer } from "@shoal/api";
import type { Clock, Log, SqlStatement, Store, StoreSchema, Tables, Timer } from "@shoal/runtime";

const SCHEMA: StoreSchema = {
  name: "node_speed",
  migrations: [
    `CREATE TABLE node_speed (
       step_ms INTEGER NOT NULL,
       at_ms INTEGER NOT NULL,
       download REAL NOT NULL,
       upload REAL NOT NULL,
       PRIMARY KEY (step_ms, at_ms)
     ) WITHOUT ROWID;`,
  ],
};

/** An hour by the second, two days by the minute, a year by the hour. */
const STEPS = [
  { stepMs: 1000, keep: 3600 },
  { stepMs: 60_000, keep: 2880 },
  { stepMs: 3_600_000, keep: 8784 },
] as const;
const DEFAULT_SPAN_MS = 600_000;

interface Point {
  /** Where the step begins. */
  readonly atMs: number;
  readonly downloadRate: number;
  readonly uploadRate: number;
}

/** A step that has not ended yet. */
interface Sum {
  readonly atMs: number;
  count: number;
  download: number;
  upload: number;
}

interface Ring {
  readonly stepMs: number;
  readonly keep: number;
  points: Point[];
  sum: Sum | null;
}

/** Rates of the session over time: seconds in memory, minutes and hours on disk too. */
export class SpeedHistory {
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rings: readonly Ring[];
  readonly #ticker: Timer;

  private constructor(
    init: { tables: Tables; clock: Clock; log: Log; rings: readonly Ring[] },
    rates: () => { readonly downloadRate: number; readonly uploadRate: number },
  ) {
    this.#tables = init.tables;
    this.#clock = init.clock;
    this.#log = init.log;
    this.#rings = init.rings;
    this.#ticker = init.clock.setRepeating(1000, () => this.#take(rates()));
  }

  /** @param rates Asked once a second; bytes per second. @throws {StoreError} */
  static async open(
    { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
    rates: () => { readonly downloadRate: number; readonly uploadRate: number },
  ): Promise<SpeedHistory> {
    const tables = await store.open(SCHEMA);
    const rings: Ring[] = [];
    for (const { stepMs, keep } of STEPS) {
      const rows = await tables.select({
        sql: "SELECT at_ms, download, upload FROM node_speed WHERE step_ms = ? ORDER BY at_ms DESC LIMIT ?",
        parameters: [stepMs, keep],
      });
      const points = rows.toReversed().map((row) => ({
        atMs: Number(row["at_ms"]),
        downloadRate: Number(row["download"]),
        uploadRate: Number(row["upload"]),
      }));
      rings.push({ stepMs, keep, points, sum: null });
    }
    return new SpeedHistory({ tables, clock, log, rings }, rates);
  }

  /**
   * Rates from a date on, in steps as fine as there are for that long, and no more of them than asked for: several are
   * averaged. Steps in which the daemon did not run are left out.
   */
  query(query: {
    readonly fromMs?: number | undefined;
    readonly points: number;
  }): Answer<"getSpeedHistory"> {
    const nowMs = this.#clock.nowMs();
    const fromMs = Math.min(query.fromMs ?? nowMs - DEFAULT_SPAN_MS, nowMs);
    const ring = this.#rings.find(({ stepMs, keep }) => nowMs - fromMs <= stepMs * keep);
    const { stepMs: fine, points } = ring ?? this.#rings.at(-1)!;
    const known = points.filter(({ atMs }) => atMs >= fromMs);
    const spanMs = nowMs - (ring === undefined ? (known[0]?.atMs ?? nowMs) : fromMs);
    const stepMs = fine * Math.max(1, Math.ceil(spanMs / fine / query.points));
    const steps = Map.groupBy(known, ({ atMs }) => Math.floor(atMs / stepMs) * stepMs);
    return {
      stepMs,
      points: [...steps]
        .map(([atMs, within]) => ({ atMs, ...average(within) }))
        .slice(-query.points),
    };
  }

  /** Keeps what there is of the present minute and hour. */
  async close(): Promise<void> {
    this.#ticker.cancel();
    const statements = this.#rings.slice(1).flatMap((ring) => {
      return ring.sum === null ? [] : [toStatement(ring.stepMs, toPoint(ring.sum))];
    });
    await this.#tables.commit(statements).catch((error: unknown) => {
      this.#log.warn("the last rates could not be kept", { error });
    });
  }

  #take(rates: { readonly downloadRate: number; readonly uploadRate: number }): void {
    const nowMs = this.#clock.nowMs();
    const statements: SqlStatement[] = [];
    for (const ring of this.#rings) {
      const ended = add(ring, nowMs, rates);
      if (ended === null || ring.stepMs === STEPS[0].stepMs) continue;
      statements.push(toStatement(ring.stepMs, ended), {
        sql: "DELETE FROM node_speed WHERE step_ms = ? AND at_ms < ?",
        parameters: [ring.stepMs, ended.atMs - ring.stepMs * ring.keep],
      });
    }
    if (statements.length === 0) return;
    this.#tables.commit(statements).catch((error: unknown) => {
      this.#log.warn("rates could not be kept", { error });
    });
  }
}

/** @returns The step that has ended by this, if one has. */
function add(
  ring: Ring,
  nowMs: number,
  { downloadRate, uploadRate }: { downloadRate: number; uploadRate: number },
): Point | null {
  const atMs = Math.floor(nowMs / ring.stepMs) * ring.stepMs;
  const ended = ring.sum !== null && ring.sum.atMs !== atMs ? toPoint(ring.sum) : null;
  if (ended !== null) {
    ring.points.push(ended);
    if (ring.points.length > ring.keep) ring.points.shift();
  }
  if (ring.sum === null || ended !== null) ring.sum = { atMs, count: 0, download: 0, upload: 0 };
  ring.sum.count += 1;
  ring.sum.download += downloadRate;
  ring.sum.upload += uploadRate;
  return ended;
}

function toPoint({ atMs, count, download, upload }: Sum): Point {
  return { atMs, downloadRate: download / count, uploadRate: upload / count };
}

function average(points: readonly Point[]): { downloadRate: number; uploadRate: number } {
  const sum = (name: "downloadRate" | "uploadRate"): number =>
    Math.round(points.reduce((total, point) => total + point[name], 0) / points.length);
  return { downloadRate: sum("downloadRate"), uploadRate: sum("uploadRate") };
}

function toStatement(stepMs: number, { atMs, downloadRate, uploadRate }: Point): SqlStatement {
  return {
    sql: "INSERT OR REPLACE INTO node_speed (step_ms, at_ms, download, upload) VALUES (?, ?, ?, ?)",
    parameters: [stepMs, atMs, downloadRate, uploadRate],
  };
}
