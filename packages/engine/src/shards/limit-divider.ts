import type { DirectionLimits } from "../rate/limit-tree.ts";
import { divide } from "./divide.ts";
import type { ShardShare, ShardUsage } from "./shard-protocol.ts";

/** A worker, as far as its part of the limits is concerned. */
export interface Sharer {
  /** Whether it can be asked now. */
  readonly isUp: boolean;
  measure(): Promise<ShardUsage>;
  apply(share: ShardShare): Promise<ShardUsage>;
}

/** The limits of a whole session, as they are now. */
export interface WholeLimits extends Required<DirectionLimits> {
  readonly connections: number;
}

const DIRECTIONS = ["download", "upload"] as const;

/** What a worker has that has died, or has just begun anew. */
const NOTHING: ShardShare = { download: 0, upload: 0, connections: 0 };

interface Part {
  share: ShardShare;
  usage: ShardUsage | null;
  /** Bytes per second, as they pass the limits. */
  rates: { download: number; upload: number };
}

/**
 * Divides a session's limits among its workers by demand. What all of them may use together never exceeds a
 * limit, not even between two messages: first those that get less are told, and once they have answered the others
 * get what is free then. Connections that are open already are not taken back, so they count until they end.
 */
export class LimitDivider {
  readonly #sharers: readonly Sharer[];
  readonly #limits: () => WholeLimits;
  readonly #parts: Part[];
  #dividing: Promise<void> = Promise.resolve();
  /** Runs that are not over. */
  #runs = 0;

  constructor(sharers: readonly Sharer[], limits: () => WholeLimits) {
    this.#sharers = sharers;
    this.#limits = limits;
    const nothing = { download: 0, upload: 0 };
    const shares = equally(limits(), sharers.length);
    this.#parts = shares.map((share) => ({ share, usage: null, rates: nothing }));
  }

  /** What a worker may use. */
  shareOf(index: number): ShardShare {
    return this.#parts[index]!.share;
  }

  /** All connections, as the workers last said. */
  get connections(): number {
    return this.#parts.reduce((sum, { usage }) => sum + (usage?.connections ?? 0), 0);
  }

  /** A worker died. What it had is free; it is to begin with nothing. */
  died(index: number): void {
    const part = this.#parts[index]!;
    part.share = NOTHING;
    part.usage = null;
  }

  /** Divides anew, after what is under way; when a limit has changed. */
  run(): Promise<void> {
    this.#runs++;
    this.#dividing = this.#dividing
      .then(() => this.#divide())
      .finally(() => {
        this.#runs--;
      });
    return this.#dividing;
  }

  /** Called about once a second. Does nothing while a worker that is busy has not answered. */
  tick(): void {
    if (this.#runs === 0) void this.run();
  }

  async #divide(): Promise<void> {
    const up = this.#sharers.flatMap(({ isUp }, index) => (isUp ? [index] : []));
    await Promise.all(up.map((index) => this.#measure(index)));
    const limits = this.#limits();
    const targets = this.#plan(up, limits);
    await Promise.all(
      up.map((index, at) => this.#apply(index, lower(this.shareOf(index), targets[at]!))),
    );
    let free = limits.connections - this.#heldConnections();
    await Promise.all(
      up.map((index, at) => {
        const { connections } = this.shareOf(index);
        const more = Math.max(0, Math.min(targets[at]!.connections - connections, free));
        free -= more;
        return this.#apply(index, { ...targets[at]!, connections: connections + more });
      }),
    );
  }

  async #measure(index: number): Promise<void> {
    try {
      this.#learn(index, await this.#sharers[index]!.measure());
    } catch {
      // It has just died, and has nothing now.
    }
  }

  #learn(index: number, usage: ShardUsage): void {
    const part = this.#parts[index]!;
    const passedMs = usage.atMs - (part.usage?.atMs ?? usage.atMs);
    if (passedMs > 0) {
      const rate = (way: "download" | "upload") =>
        (Math.max(0, usage[way] - part.usage![way]) * 1000) / passedMs;
      part.rates = { download: rate("download"), upload: rate("upload") };
    }
    part.usage = usage;
  }

  /** What those that are up are to have. */
  #plan(up: readonly number[], limits: WholeLimits): ShardShare[] {
    const rates = DIRECTIONS.map((way) => {
      const limit = limits[way];
      if (limit === null) return up.map(() => null);
      const demands = up.map((index) => {
        const { share, rates: used, usage } = this.#parts[index]!;
        const weight = 1 + (usage?.connections ?? 0);
        return { used: used[way], share: share[way] ?? Infinity, weight };
      });
      return divide(Math.floor(limit), demands);
    });
    const places = divide(
      limits.connections,
      up.map((index) => {
        const { share, usage } = this.#parts[index]!;
        return { used: usage?.connections ?? 0, share: share.connections, weight: 1 };
      }),
    );
    return up.map((_, at) => ({
      download: rates[0]![at]!,
      upload: rates[1]![at]!,
      connections: places[at]!,
    }));
  }

  #heldConnections(): number {
    const held = this.#parts.map(({ share, usage }) =>
      Math.max(share.connections, usage?.connections ?? 0),
    );
    return held.reduce((sum, count) => sum + count, 0);
  }

  async #apply(index: number, share: ShardShare): Promise<void> {
    const part = this.#parts[index]!;
    const { download, upload, connections } = part.share;
    if (
      !this.#sharers[index]!.isUp ||
      (download === share.download && upload === share.upload && connections === share.connections)
    ) {
      return;
    }
    // It may use as much as either from now on, and as much as the new one once it has answered.
    part.share = higher(part.share, share);
    try {
      this.#learn(index, await this.#sharers[index]!.apply(share));
      part.share = share;
    } catch {
      // It has just died, and has nothing now.
    }
  }
}

/** How limits compare: none is more than any. */
const orMore = (limit: number | null): number => limit ?? Infinity;
const orNull = (limit: number): number | null => (limit === Infinity ? null : limit);

function lower(a: ShardShare, b: ShardShare): ShardShare {
  return {
    download: orNull(Math.min(orMore(a.download), orMore(b.download))),
    upload: orNull(Math.min(orMore(a.upload), orMore(b.upload))),
    connections: Math.min(a.connections, b.connections),
  };
}

function higher(a: ShardShare, b: ShardShare): ShardShare {
  return {
    download: orNull(Math.max(orMore(a.download), orMore(b.download))),
    upload: orNull(Math.max(orMore(a.upload), orMore(b.upload))),
    connections: Math.max(a.connections, b.connections),
  };
}

function equally({ download, upload, connections }: WholeLimits, count: number): ShardShare[] {
  const demands = Array.from({ length: count }, () => ({ used: 0, share: 1, weight: 1 }));
  const part = (limit: number | null) =>
    limit === null ? demands.map(() => null) : divide(Math.floor(limit), demands);
  const [downloads, uploads, places] = [part(download), part(upload), divide(connections, demands)];
  return demands.map((_, index) => ({
    download: downloads[index]!,
    upload: uploads[index]!,
    connections: places[index]!,
  }));
}
