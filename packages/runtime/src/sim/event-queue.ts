/** Something that happens at a moment of virtual time. One object may be scheduled again and again. */
export abstract class SimEvent {
  /** When it happens, in virtual milliseconds. Kept by the queue. */
  timeMs = 0;
  /** Order among events of the same moment. Kept by the queue. */
  sequence = 0;
  /** Place in the heap; -1 when not scheduled. Kept by the queue. */
  heapIndex = -1;

  /** Happens. Returns true when code outside the world ran, so that promise jobs may be waiting. */
  abstract fire(): boolean;
}

/**
 * Events in the order in which they happen: by time, then by the order of scheduling.
 *
 * A 4-ary heap: half the levels of a binary one, and the four children lie together in memory.
 * Every event knows its place, so that a timer is cancelled or moved without leaving a corpse behind.
 *
 * Invariant: `heap[i].heapIndex === i`, and no event comes before its parent `heap[(i - 1) >> 2]`.
 */
export class EventQueue {
  readonly #heap: SimEvent[] = [];
  #sequence = 0;

  get length(): number {
    return this.#heap.length;
  }

  peek(): SimEvent | undefined {
    return this.#heap[0];
  }

  /** Schedules the event, or moves it when it is scheduled already. */
  schedule(event: SimEvent, timeMs: number): void {
    this.remove(event);
    event.timeMs = timeMs;
    event.sequence = this.#sequence++;
    this.#heap.push(event);
    this.#rise(event, this.#heap.length - 1);
  }

  /** Takes the first event out. */
  pop(): SimEvent | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes an event out. Does nothing when it is not scheduled. */
  remove(event: SimEvent): void {
    const index = event.heapIndex;
    if (index < 0) return;
    event.heapIndex = -1;
    const last = this.#heap.pop() as SimEvent;
    if (last === event) return;
    const parent = this.#heap[(index - 1) >> 2];
    if (index > 0 && isBefore(last, parent as SimEvent)) this.#rise(last, index);
    else this.#sink(last, index);
  }

  #rise(event: SimEvent, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 2;
      const parent = heap[above] as SimEvent;
      if (!isBefore(event, parent)) break;
      heap[index] = parent;
      parent.heapIndex = index;
      index = above;
    }
    heap[index] = event;
    event.heapIndex = index;
  }

  #sink(event: SimEvent, from: number): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = from;
    for (;;) {
      const first = index * 4 + 1;
      if (first >= length) break;
      const end = Math.min(first + 4, length);
      let least = first;
      let child = heap[first] as SimEvent;
      for (let other = first + 1; other < end; other++) {
        const candidate = heap[other] as SimEvent;
        if (isBefore(candidate, child)) {
          least = other;
          child = candidate;
        }
      }
      if (!isBefore(child, event)) break;
      heap[index] = child;
      child.heapIndex = index;
      index = least;
    }
    heap[index] = event;
    event.heapIndex = index;
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sequence < b.sequence);
}
