/** What a run measures. Which of them a run gives is up to it. */
export const FIGURES = {
  rate: { label: "MiB/s", better: "more", digits: 0 },
  transferring: { label: "MiB/s transferring", better: "more", digits: 0 },
  cpu: { label: "CPU s/GiB", better: "less", digits: 2 },
  ownCpu: { label: "own CPU s/GiB", better: "less", digits: 2 },
  seederMemory: { label: "seeder MiB", better: "less", digits: 0 },
  leecherMemory: { label: "leecher MiB", better: "less", digits: 0 },
  announces: { label: "announces/s", better: "more", digits: 0 },
  announcesOfCpu: { label: "announces/CPU s", better: "more", digits: 0 },
  firstAnnounce: { label: "s to the first announce", better: "less", digits: 2 },
  allAnnounced: { label: "s to all announced", better: "less", digits: 1 },
  idleMemory: { label: "idle KiB/torrent", better: "less", digits: 1 },
  idleCpu: { label: "idle CPU %", better: "less", digits: 2 },
  transfers: { label: "transfers/s", better: "more", digits: 0 },
  transfersOfCpu: { label: "transfers/CPU s", better: "more", digits: 0 },
  replayed: { label: "executed again/s", better: "more", digits: 0 },
  freshStart: { label: "ms to a new chain", better: "less", digits: 0 },
  journal: { label: "journal bytes/transfer", better: "less", digits: 0 },
  verified: { label: "verified/s", better: "more", digits: 0 },
  verifiedOfCpu: { label: "verified/CPU s", better: "more", digits: 0 },
  signed: { label: "signed/s", better: "more", digits: 0 },
  firstRows: { label: "ms to the first rows", better: "less", digits: 0 },
  longestTask: { label: "ms longest task", better: "less", digits: 1 },
  longestWork: { label: "ms CPU of the longest task", better: "less", digits: 1 },
  apiMiddle: { label: "ms an answer takes (p50)", better: "less", digits: 1 },
  apiWorst: { label: "ms an answer takes (p99)", better: "less", digits: 1 },
  memory: { label: "MiB", better: "less", digits: 0 },
} as const satisfies Record<string, { label: string; better: "more" | "less"; digits: number }>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Partial<Record<FigureName, number>>;

/** One way of doing what a contest is about. */
export interface Contender {
  readonly name: string;
  run(): Promise<Figures>;
}

/** Ours against another's, on the same bytes. */
export interface Contest {
  readonly title: string;
  readonly ours: Contender;
  /** Null for a row that stands alone. */
  readonly other: Contender | null;
  /** More rounds would say no more. */
  readonly maxRounds?: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Result = {
  readonly title: string;
  readonly ours: string;
  readonly other: string | null;
  readonly rounds: number;
  /** Why it has no figures. */
  readonly failure?: string;
  readonly figures: Partial<
    Record<FigureName, { ours: Spread; other: Spread | null; ratio: Spread | null }>
  >;
};

/**
 * Runs both in turn, A B A B, after a round that does not count: it warms the machine's memory.
 * A ratio is taken within each round, so that a machine that is slow for a while slows both.
 */
export async function runContest(contest: Contest, wantedRounds: number): Promise<Result> {
  const { title, ours, other, maxRounds = wantedRounds } = contest;
  const rounds = Math.min(wantedRounds, maxRounds);
  const measured: { ours: Figures; other: Figures | null }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair = { ours: await ours.run(), other: (await other?.run()) ?? null };
    if (round > 0) measured.push(pair);
  }
  const figures: Result["figures"] = {};
  for (const name of Object.keys(FIGURES) as FigureName[]) {
    const ourValues = measured.map((pair) => pair.ours[name]).filter(isNumber);
    const otherValues = measured.map((pair) => pair.other?.[name]).filter(isNumber);
    if (ourValues.length === 0) continue;
    const ratios = measured
      .map((pair) => (pair.ours[name] ?? Number.NaN) / (pair.other?.[name] ?? Number.NaN))
      .filter((ratio) => Number.isFinite(ratio));
    figures[name] = {
      ours: spreadOf(ourValues),
      other: otherValues.length === 0 ? null : spreadOf(otherValues),
      ratio: ratios.length === 0 ? null : spreadOf(ratios),
    };
  }
  return { title, ours: ours.name, other: other?.name ?? null, rounds, figures };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
