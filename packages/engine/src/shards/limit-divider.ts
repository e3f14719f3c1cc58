import { divide, divideWanted } from "./divide.ts";
import { complete, equally, higher, isSame, lower, type WholeLimits } from "./share.ts";
import type { ShardShare, ShardUsage } from "./shard-protocol.ts";

/** A worker, as far as its part of the limits is concerned. */
export interface Sharer {
  /** Whether it can be asked now. */
  readonly isUp: boolean;
  measure(): Promise<ShardUsage>;
  apply(share: ShardShare): Promise<ShardUsage>;
}

interface Part {
  share: ShardShare;
  /** What it has of a limit that its share does not name, since that is new: all that it wants, or nothing yet. */
  absent: null | 0;
  usage: ShardUsage | null;
  /** Bytes per second, as they pass the limits of rate. */
  rates: Readonly<Record<string, number>>;
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
    const shares = equally(limits(), sharers.length);
    this.#parts = shares.map((share) => ({ share, absent: null, usage: null, rates: {} }));
  }

  /** What a worker may use. */
  shareOf(index: number): ShardShare {
    return this.#shareOf(index, this.#limits());
  }

  /** All connections, as the workers last said. */
  get connections(): number {
    return this.#parts.reduce((sum, { usage }) => sum + (usage?.connections ?? 0), 0);
  }

  /** A worker died. What it had is free; it is to begin with nothing. */
  died(index: number): void {
    const part = this.#parts[index]!;
    part.share = { connections: 0, rates: {}, places: {} };
    part.absent = 0;
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
    for (const index of up) {
      Object.assign(this.#parts[index]!, { share: this.#shareOf(index, limits), absent: null });
    }
    const targets = this.#plan(up, limits);
    await Promise.all(
      up.map((index, at) => this.#apply(index, lower(this.#parts[index]!.share, targets[at]!))),
    );
    let free = limits.connections - this.#heldConnections();
    await Promise.all(
      up.map((index, at) => {
        const { connections } = this.#parts[index]!.share;
        const more = Math.max(0, Math.min(targets[at]!.connections - connections, free));
        free -= more;
        return this.#apply(index, { ...targets[at]!, connections: connections + more });
      }),
    );
  }

  #shareOf(index: number, limits: WholeLimits): ShardShare {
    const { share, absent } = this.#parts[index]!;
    return complete(share, limits, absent);
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
    const before = part.usage;
    part.usage = usage;
    const passedMs = usage.atMs - (before?.atMs ?? usage.atMs);
    if (passedMs <= 0) return;
    const rates: Record<string, number> = {};
    for (const [name, bytes] of Object.entries(usage.passed)) {
      rates[name] = (Math.max(0, bytes - (before?.passed[name] ?? bytes)) * 1000) / passedMs;
    }
    part.rates = rates;
  }

  /** What those that are up are to have. */
  #plan(up: readonly number[], limits: WholeLimits): ShardShare[] {
    const parts = up.map((index) => this.#parts[index]!);
    const connections = divide(
      limits.connections,
      parts.map(({ share, usage }) => ({
        used: usage?.connections ?? 0,
        share: share.connections,
        weight: 1,
      })),
    );
    const plans = connections.map((count) => ({
      connections: count,
      rates: {} as Record<string, number | null>,
      places: {} as Record<string, number | null>,
    }));
    for (const [name, limit] of Object.entries(limits.rates)) {
      const shares = limit === null ? null : divide(Math.floor(limit), demandsOf(parts, name));
      plans.forEach((plan, at) => (plan.rates[name] = shares?.[at] ?? null));
    }
    for (const [name, limit] of Object.entries(limits.places)) {
      const wanted = parts.map(({ usage }) => usage?.wanted[name] ?? 0);
      const shares = limit === null ? null : divideWanted(limit, wanted);
      plans.forEach((plan, at) => (plan.places[name] = shares?.[at] ?? null));
    }
    return plans;
  }

  #heldConnections(): number {
    const held = this.#parts.map(({ share, usage }) =>
      Math.max(share.connections, usage?.connections ?? 0),
    );
    return held.reduce((sum, count) => sum + count, 0);
  }

  async #apply(index: number, share: ShardShare): Promise<void> {
    const part = this.#parts[index]!;
    if (!this.#sharers[index]!.isUp || isSame(part.share, share)) return;
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

function demandsOf(parts: readonly Part[], name: string) {
  return parts.map(({ share, rates, usage }) => ({
    used: rates[name] ?? 0,
    share: share.rates[name] ?? Infinity,
    weight: 1 + (usage?.connections ?? 0),
  }));
}
