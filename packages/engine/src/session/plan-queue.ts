/** How many torrents may work at once. Null or absent: any number. */
export interface QueueLimits {
  readonly activeDownloads?: number | null;
  readonly activeSeeds?: number | null;
  /** Of both together, slow ones included. */
  readonly activeLimit?: number | null;
  /** Torrents that move next to nothing take no place among `activeDownloads` and `activeSeeds`; true when absent. */
  readonly ignoreSlow?: boolean;
}

/** A torrent as the queue sees it. */
export interface Queued {
  /** Its user wants it to run. */
  readonly isWanted: boolean;
  /** Stands in the queue; the others run whenever they are wanted, and take no place. */
  readonly isManaged: boolean;
  readonly isSeed: boolean;
  /** Runs and moves next to nothing. */
  readonly isSlow: boolean;
}

/**
 * Which torrents run, in order of the queue: downloads before seeds. A slow one that runs goes on as
 * long as `activeLimit` has room, and leaves its place to the next.
 */
export function planQueue(queue: readonly Queued[], limits: QueueLimits): boolean[] {
  const { ignoreSlow = true } = limits;
  const room = {
    downloads: limits.activeDownloads ?? Infinity,
    seeds: limits.activeSeeds ?? Infinity,
    all: limits.activeLimit ?? Infinity,
  };
  const runs = queue.map(({ isWanted, isManaged }) => isWanted && !isManaged);
  for (const kind of ["downloads", "seeds"] as const) {
    queue.forEach((each, index) => {
      if (!each.isWanted || !each.isManaged || each.isSeed !== (kind === "seeds")) return;
      const takesPlace = !(ignoreSlow && each.isSlow);
      if (room.all <= 0 || (takesPlace && room[kind] <= 0)) return;
      runs[index] = true;
      room.all--;
      if (takesPlace) room[kind]--;
    });
  }
  return runs;
}

/** How many torrents count against each limit, or would if there were places for all. */
export type WantedPlaces = Record<"activeDownloads" | "activeSeeds" | "activeLimit", number>;

export function countWanted(
  queue: Iterable<Queued>,
  { ignoreSlow = true }: QueueLimits,
): WantedPlaces {
  const wanted: WantedPlaces = { activeDownloads: 0, activeSeeds: 0, activeLimit: 0 };
  for (const { isWanted, isManaged, isSeed, isSlow } of queue) {
    if (!isWanted || !isManaged) continue;
    wanted.activeLimit++;
    if (!(ignoreSlow && isSlow)) wanted[isSeed ? "activeSeeds" : "activeDownloads"]++;
  }
  return wanted;
}

/** Whether a queue of any length runs as a whole. */
export function isUnlimited(limits: QueueLimits): boolean {
  const { activeDownloads, activeSeeds, activeLimit } = limits;
  return [activeDownloads, activeSeeds, activeLimit].every((limit) => (limit ?? null) === null);
}
