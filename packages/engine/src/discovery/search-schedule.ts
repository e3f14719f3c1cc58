import type { Random } from "@shoal/runtime";

/** Searches under way at once. */
const MAX_RUNNING = 16;
/** Searches begun within a second: 10,000 torrents take 21 minutes, some 200 datagrams a second. */
const MAX_STARTS_PER_SECOND = 8;
/** Of so many starts the last one is of those that do not hurry, so that they never wait for good. */
const ORDINARY_TURN = 4;

/** A search that is due again and again. */
export interface Search {
  /** Goes before those that do not hurry. */
  readonly isUrgent: boolean;
  /**
   * Searches once. Never throws.
   * @returns Milliseconds until the next time; null for never again.
   */
  run(): Promise<number | null>;
}

interface Entry {
  readonly search: Search;
  /** The set that it waits in; null while it runs, and when it is gone. */
  place: Set<Entry> | null;
  isGone: boolean;
}

/**
 * Spreads the searches of a session's torrents over time: those that are due wait in line, and so many a
 * second begin. Times are told by {@link tick}, to the second.
 */
export class SearchSchedule {
  readonly #random: Random;
  /** By the second in which they are due: what is entered and left costs nothing with ten thousand. */
  readonly #later = new Map<number, Set<Entry>>();
  readonly #urgent = new Set<Entry>();
  readonly #ordinary = new Set<Entry>();
  #second: number;
  #running = 0;
  #begun = 0;
  #startsLeft = MAX_STARTS_PER_SECOND;
  #isOpen = false;

  constructor(random: Random, nowMs: number) {
    this.#random = random;
    this.#second = secondOf(nowMs);
  }

  get running(): number {
    return this.#running;
  }
  /** Due, and waiting in line. */
  get waiting(): number {
    return this.#urgent.size + this.#ordinary.size;
  }

  /** Adds a search, which is due at once. @returns What takes it out. */
  add(search: Search): () => void {
    const entry: Entry = { search, place: null, isGone: false };
    this.#line(entry);
    this.#pump();
    return () => {
      entry.isGone = true;
      entry.place?.delete(entry);
    };
  }

  /** All that would be due later is due now. */
  hasten(): void {
    for (const later of this.#later.values()) for (const entry of later) this.#line(entry);
    this.#later.clear();
    this.#pump();
  }

  /** Called about once a second. @param isOpen Whether searches make sense now. */
  tick(nowMs: number, isOpen: boolean): void {
    const now = secondOf(nowMs);
    for (; this.#second < now; this.#second++) {
      const due = this.#later.get(this.#second + 1);
      if (due === undefined) continue;
      this.#later.delete(this.#second + 1);
      for (const entry of due) this.#line(entry);
    }
    this.#isOpen = isOpen;
    this.#startsLeft = MAX_STARTS_PER_SECOND;
    this.#pump();
  }

  #line(entry: Entry): void {
    entry.place = entry.search.isUrgent ? this.#urgent : this.#ordinary;
    entry.place.add(entry);
  }

  #pump(): void {
    while (this.#isOpen && this.#startsLeft > 0 && this.#running < MAX_RUNNING) {
      const isOrdinaryTurn = this.#begun % ORDINARY_TURN === ORDINARY_TURN - 1;
      const [first, second] = isOrdinaryTurn
        ? [this.#ordinary, this.#urgent]
        : [this.#urgent, this.#ordinary];
      const [entry] = first.size > 0 ? first : second;
      if (entry === undefined) return;
      this.#begun++;
      this.#startsLeft--;
      void this.#run(entry);
    }
  }

  async #run(entry: Entry): Promise<void> {
    entry.place?.delete(entry);
    entry.place = null;
    this.#running++;
    const pauseMs = await entry.search.run();
    this.#running--;
    if (pauseMs !== null && !entry.isGone) {
      // A tenth more or less, so that torrents that begin together drift apart.
      const spreadMs = pauseMs * (0.9 + this.#random.integer(201) / 1000);
      const second = this.#second + Math.max(1, Math.round(spreadMs / 1000));
      let place = this.#later.get(second);
      if (place === undefined) this.#later.set(second, (place = new Set()));
      place.add(entry);
      entry.place = place;
    }
    this.#pump();
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}
