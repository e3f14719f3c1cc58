/** Somebody's place in a {@link WaitingLine}. */
export interface Place<Item> {
  readonly item: Item;
  previous: Place<Item> | null;
  next: Place<Item> | null;
  isGone: boolean;
}

/**
 * First come, first served; whoever gives up leaves from anywhere, at no cost.
 *
 * No `Set`: one that lives long and whose members come and go outgrows table after table, each refers to the next, and
 * an old one keeps all that was in it until V8 goes through all memory. Measured at 10 KiB for each announce: the
 * waiter, and behind it the request and its socket.
 */
export class WaitingLine<Item> {
  #first: Place<Item> | null = null;
  #last: Place<Item> | null = null;

  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** Stands in line behind all others. */
  join(item: Item): Place<Item> {
    const place: Place<Item> = { item, previous: this.#last, next: null, isGone: false };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    return place;
  }

  /** Gives up a place; does nothing where it was given up or taken before. */
  leave(place: Place<Item>): void {
    if (place.isGone) return;
    const { previous, next } = place;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    place.isGone = true;
    // What is gone must not hold on to who is still here, or comes later.
    place.previous = place.next = null;
  }

  /** Takes the first out of the line; null when there is nobody. */
  take(): Item | null {
    const first = this.#first;
    if (first === null) return null;
    this.leave(first);
    return first.item;
  }
}
