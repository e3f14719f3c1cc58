import { isInState, STATE_FILTERS, type StateFilter } from "./state-filter.ts";
import type { Torrent } from "./torrent.ts";

/** How many torrents each filter would show, and each category has; those of none count under the empty name. */
export interface Counts {
  readonly all: number;
  readonly states: ReadonlyMap<StateFilter, number>;
  readonly categories: ReadonlyMap<string, number>;
}

/** Keeps counts as torrents come, change and go: to count ten thousand once a second would take what frames have. */
export class TorrentCounts {
  readonly #states = new Map<StateFilter, number>();
  readonly #categories = new Map<string, number>();
  #shown: Counts | null = null;

  /** The same object until a count is another one. */
  get counts(): Counts {
    this.#shown ??= {
      all: this.#states.get("all") ?? 0,
      states: new Map(this.#states),
      categories: new Map(this.#categories),
    };
    return this.#shown;
  }

  /** @param before Null for one that came. @param after Null for one that is gone. */
  replace(before: Torrent | null, after: Torrent | null): void {
    for (const filter of STATE_FILTERS) {
      const was = before !== null && isInState(before, filter);
      const is = after !== null && isInState(after, filter);
      if (was !== is) this.#add(this.#states, filter, is ? 1 : -1);
    }
    const [was, is] = [before, after].map((each) => (each === null ? null : (each.category ?? "")));
    if (was === is) return;
    if (typeof was === "string") this.#add(this.#categories, was, -1);
    if (typeof is === "string") this.#add(this.#categories, is, 1);
  }

  #add<Name>(counts: Map<Name, number>, name: Name, by: 1 | -1): void {
    const count = (counts.get(name) ?? 0) + by;
    if (count === 0) counts.delete(name);
    else counts.set(name, count);
    this.#shown = null;
  }
}
