import type { Clock } from "@shoal/runtime";
import { MAX_LIST } from "./arguments.ts";
import { RpcError } from "./rpc-error.ts";

/** For how long a change makes a torrent "recently active", as in Transmission. */
const RECENT_MS = 60_000;
/** Removals that are remembered; a client that asks less often than every minute lists everything anyway. */
const MAX_REMOVED = 10_000;

/** Transmission's numbers of torrents, given as torrents are first seen, good until the daemon stops; and what changed lately. */
export class TorrentIds {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #ids = new Map<string, number>();
  readonly #hashes = new Map<number, string>();
  readonly #touched = new Map<string, number>();
  readonly #removed = new Map<number, number>();
  #last = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  idOf(infoHash: string): number {
    const known = this.#ids.get(infoHash);
    if (known !== undefined) return known;
    const id = ++this.#last;
    this.#ids.set(infoHash, id);
    this.#hashes.set(id, infoHash);
    return id;
  }

  hashOf(id: number): string | undefined {
    return this.#hashes.get(id);
  }

  /** Something about the torrent has changed. */
  touch(infoHash: string): void {
    this.#touched.set(infoHash, this.#clock.monotonicMs());
  }

  isRecent(infoHash: string): boolean {
    return this.#clock.monotonicMs() - (this.#touched.get(infoHash) ?? -Infinity) < RECENT_MS;
  }

  /** The torrent is gone. */
  remove(infoHash: string): void {
    this.#touched.delete(infoHash);
    const id = this.#ids.get(infoHash);
    if (id === undefined) return;
    this.#ids.delete(infoHash);
    this.#hashes.delete(id);
    this.#removed.set(id, this.#clock.monotonicMs());
    const [oldest] = this.#removed.keys();
    if (this.#removed.size > MAX_REMOVED) this.#removed.delete(oldest!);
  }

  /** Numbers of torrents that were removed within the last minute. */
  get removed(): readonly number[] {
    const since = this.#clock.monotonicMs() - RECENT_MS;
    return [...this.#removed].filter(([, atMs]) => atMs > since).map(([id]) => id);
  }
}

/** What `ids` names: all torrents, those that changed lately, or some. Unknown ones name nothing. */
export type IdSelection = "all" | "recent" | ReadonlySet<string>;

/**
 * @param value What a call brought as `ids`: absent, a number, a hash, a list of both, or `recently-active`. An empty list
 * is none, as Transmission has it: what was to remove nothing must not remove everything.
 * @throws {RpcError} `invalid-params`
 */
export function readIds(value: unknown, ids: TorrentIds): IdSelection {
  if (value === undefined) return "all";
  if (value === "recently-active" || value === "recently_active") return "recent";
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_LIST) {
    throw new RpcError("invalid-params", `ids: more than ${MAX_LIST} torrents.`);
  }
  const hashes = new Set<string>();
  for (const each of list) {
    if (typeof each === "number") {
      const infoHash = ids.hashOf(each);
      if (infoHash !== undefined) hashes.add(infoHash);
    } else if (typeof each === "string") hashes.add(each.toLowerCase());
    else throw new RpcError("invalid-params", "ids: expected numbers and hashes.");
  }
  return hashes;
}
