import { EventQueue, SimEvent } from "./event-queue.ts";

/** Turns between two breaths of the real event loop, in which signals and a test's own deadline get their chance. */
const TURNS_PER_BREATH = 4096;

class CallbackEvent extends SimEvent {
  readonly #callback: () => void;

  constructor(callback: () => void) {
    super();
    this.#callback = callback;
  }

  override fire(): boolean {
    this.#callback();
    return true;
  }
}

/**
 * Virtual time. It moves only within `run`, from event to event.
 *
 * After each event that ran code outside the world, all promise jobs are carried out before the
 * next. Node empties the promise queue entirely before the next `nextTick` callback that was asked
 * for by a promise job, so one job and one tick do it: a third of the price of `setImmediate`.
 */
export class EventLoop {
  readonly #queue = new EventQueue();
  #running = false;
  /** Virtual milliseconds since the world began. */
  nowMs = 0;
  /** Events that happened so far. */
  events = 0;

  get pendingEvents(): number {
    return this.#queue.length;
  }

  /** Schedules `event` for `delayMs` from now. */
  schedule(event: SimEvent, delayMs: number): void {
    this.#queue.schedule(event, this.nowMs + delayMs);
  }

  cancel(event: SimEvent): void {
    this.#queue.remove(event);
  }

  /** Calls `callback` after `delayMs`. */
  after(delayMs: number, callback: () => void): SimEvent {
    const event = new CallbackEvent(callback);
    this.schedule(event, delayMs);
    return event;
  }

  /**
   * Lets time pass until `isDone()` holds (asked before each event that may follow foreign code), until the
   * next event lies after `limitMs`, or until nothing is left to happen. Time then stands at the
   * last event, or at `limitMs` when that was reached and is finite.
   * @returns whether `isDone()` held.
   * @throws whatever an event throws.
   */
  run(isDone: () => boolean, limitMs: number): Promise<boolean> {
    if (this.#running) throw new TypeError("The world is running already: await the first run");
    this.#running = true;
    return new Promise((resolve, reject) => {
      const queue = this.#queue;
      let turns = 0;
      const drained = () => process.nextTick(turn);
      const turn = () => {
        try {
          if (isDone()) {
            this.#running = false;
            resolve(true);
            return;
          }
          let isQuiet = true;
          while (isQuiet) {
            const event = queue.peek();
            if (event === undefined || event.timeMs > limitMs) {
              if (limitMs < Infinity) this.nowMs = Math.max(this.nowMs, limitMs);
              this.#running = false;
              resolve(false);
              return;
            }
            queue.remove(event);
            this.nowMs = event.timeMs;
            this.events++;
            isQuiet = !event.fire();
          }
        } catch (error) {
          this.#running = false;
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        if (++turns % TURNS_PER_BREATH === 0) setImmediate(turn);
        else queueMicrotask(drained);
      };
      setImmediate(turn);
    });
  }
}
