import { SimEvent } from "./event-queue.ts";
import type { Flow } from "./flow.ts";
import type { LinkUser } from "./link.ts";

/** A flow's place at its sender's uplink. */
export class Departure implements LinkUser {
  isQueued = false;
  readonly #flow: Flow;
  constructor(flow: Flow) {
    this.#flow = flow;
  }
  hasBytes(): boolean {
    return this.#flow.hasUnsent;
  }
  take(quantumBytes: number): number {
    return this.#flow.takeForUplink(quantumBytes);
  }
  served(bytes: number): boolean {
    this.#flow.leftUplink(bytes);
    return false;
  }
}

/** A flow's place at its receiver's downlink. */
export class Arrival implements LinkUser {
  isQueued = false;
  readonly #flow: Flow;
  constructor(flow: Flow) {
    this.#flow = flow;
  }
  hasBytes(): boolean {
    return this.#flow.hasArrived;
  }
  take(quantumBytes: number): number {
    return this.#flow.takeForDownlink(quantumBytes);
  }
  served(bytes: number): boolean {
    return this.#flow.leftDownlink(bytes);
  }
}

/** The next chunk reaches the other end. */
export class WireEvent extends SimEvent {
  readonly #flow: Flow;
  constructor(flow: Flow) {
    super();
    this.#flow = flow;
  }
  override fire(): boolean {
    return this.#flow.arrive();
  }
}

/** Writers hear that their bytes were taken. */
export class SentEvent extends SimEvent {
  readonly #flow: Flow;
  constructor(flow: Flow) {
    super();
    this.#flow = flow;
  }
  override fire(): boolean {
    return this.#flow.reportSent();
  }
}
