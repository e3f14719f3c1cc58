import { divide, divideWanted } from "./divide.ts";
import type { LimitsByName, ShardShare } from "./shard-protocol.ts";

/** The limits of a whole session, as they are now: {@link ShardShare} is a worker's part of them. */
export type WholeLimits = ShardShare;

/** Every worker's part where nothing is known of what they need. */
export function equally(whole: WholeLimits, count: number): ShardShare[] {
  const workers = Array.from({ length: count }, (_, index) => index);
  const idle = workers.map(() => ({ used: 0, share: 1, weight: 1 }));
  const none = workers.map(() => 0);
  return workers.map((index) => ({
    connections: divide(whole.connections, idle)[index]!,
    rates: mapLimits(whole.rates, (limit) => divide(Math.floor(limit), idle)[index]!),
    places: mapLimits(whole.places, (limit) => divideWanted(limit, none)[index]!),
  }));
}

/** A share that names all limits there are and no others. @param absent What those have that it does not name. */
export function complete(share: ShardShare, whole: WholeLimits, absent: number | null): ShardShare {
  const named = (limits: LimitsByName, all: LimitsByName): LimitsByName =>
    Object.fromEntries(
      Object.keys(all).map((name) => [name, name in limits ? limits[name]! : absent]),
    );
  return {
    connections: share.connections,
    rates: named(share.rates, whole.rates),
    places: named(share.places, whole.places),
  };
}

/** Of each limit the lower one; both name the same. */
export function lower(a: ShardShare, b: ShardShare): ShardShare {
  return combine(a, b, Math.min);
}

export function higher(a: ShardShare, b: ShardShare): ShardShare {
  return combine(a, b, Math.max);
}

export function isSame(a: ShardShare, b: ShardShare): boolean {
  const areSame = (one: LimitsByName, other: LimitsByName): boolean =>
    Object.keys(one).length === Object.keys(other).length &&
    Object.entries(one).every(([name, limit]) => other[name] === limit);
  return (
    a.connections === b.connections && areSame(a.rates, b.rates) && areSame(a.places, b.places)
  );
}

type Choose = (a: number, b: number) => number;

function combine(a: ShardShare, b: ShardShare, choose: Choose): ShardShare {
  // No limit is more than any.
  const limits = (one: LimitsByName, other: LimitsByName): LimitsByName =>
    Object.fromEntries(
      Object.entries(one).map(([name, limit]) => {
        const chosen = choose(limit ?? Infinity, other[name] ?? Infinity);
        return [name, chosen === Infinity ? null : chosen];
      }),
    );
  return {
    connections: choose(a.connections, b.connections),
    rates: limits(a.rates, b.rates),
    places: limits(a.places, b.places),
  };
}

function mapLimits(limits: LimitsByName, part: (limit: number) => number): LimitsByName {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, limit === null ? null : part(limit)]),
  );
}
