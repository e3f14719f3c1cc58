/**
 * What happens to a torrent that has shared enough. `super-seed`: it gives only what others lack from there
 * on (BEP 16). `none`: its session tells, and it goes on.
 */
export type ShareAction = "pause" | "remove" | "super-seed" | "none";

/**
 * When a torrent has shared enough. Absent: what its category says, and beyond that its session.
 * Null: no limit, whatever those say.
 */
export interface ShareLimits {
  /** Bytes uploaded for each byte downloaded, over all runs. */
  readonly ratio?: number | null;
  /** Time of seeding, over all runs. */
  readonly seedTimeMs?: number | null;
  /** Time without a byte of payload while seeding. */
  readonly idleTimeMs?: number | null;
  /** `pause` when absent everywhere. */
  readonly action?: ShareAction;
}

/** Which limit a torrent has reached. */
export type ShareLimitReason = "ratio" | "seed-time" | "idle-time";

/** What counts of a torrent. */
export interface Sharing {
  readonly ratio: number;
  readonly seedingMs: number;
  readonly quietMs: number;
}

/** Whether any of these limits could be reached. */
export function areReachable(limits: readonly (ShareLimits | undefined)[]): boolean {
  const isLimit = (limit: number | null | undefined) => (limit ?? null) !== null;
  return limits.some(
    (each) =>
      each !== undefined &&
      (isLimit(each.ratio) || isLimit(each.seedTimeMs) || isLimit(each.idleTimeMs)),
  );
}

/** The first of the limits that say something, for each of their parts. */
export function mergeShareLimits(
  ...limits: readonly (ShareLimits | undefined)[]
): Required<ShareLimits> {
  const find = <Key extends keyof ShareLimits>(key: Key): ShareLimits[Key] | undefined =>
    limits.find((each) => each?.[key] !== undefined)?.[key];
  return {
    ratio: find("ratio") ?? null,
    seedTimeMs: find("seedTimeMs") ?? null,
    idleTimeMs: find("idleTimeMs") ?? null,
    action: find("action") ?? "pause",
  };
}

/** @returns Which limit a seeding torrent has reached; null when it may go on. */
export function reachedShareLimit(
  limits: Required<ShareLimits>,
  sharing: Sharing,
): ShareLimitReason | null {
  if (limits.ratio !== null && sharing.ratio >= limits.ratio) return "ratio";
  if (limits.seedTimeMs !== null && sharing.seedingMs >= limits.seedTimeMs) return "seed-time";
  if (limits.idleTimeMs !== null && sharing.quietMs >= limits.idleTimeMs) return "idle-time";
  return null;
}

/** @throws {RangeError} when a limit is no number of 0 or more. */
export function assertShareLimits(limits: ShareLimits): void {
  for (const key of ["ratio", "seedTimeMs", "idleTimeMs"] as const) {
    const limit = limits[key] ?? 0;
    if (!(limit >= 0 && limit < Infinity)) {
      throw new RangeError(`Expected ${key} to be 0 or more, or null for no limit, got ${limit}.`);
    }
  }
}
