import { SimEvent } from "./event-queue.ts";
import type { LinkUser } from "./link.ts";

/** A flow as its stations see it. */
export interface StationedFlow {
  readonly hasUnsent: boolean;
  readonly hasArrived: boolean;
  /** Takes out the next bytes for the sender's uplink; 0 when none may go now. */
  takeForUplink(quantumBytes: number): number;
  leftUplink(bytes: number): void;
  /** The next chunk has reached the other end. Returns true when foreign code ran, as the others do. */
  arrive(): boolean;
  takeForDownlink(quantumBytes: number): number;
  leftDownlink(bytes: number): boolean;
  reportSent(): boolean;
}

/** A flow's place at its sender's uplink. */
export class Departure implements LinkUser {
  isQueued = false;
  readonly #flow: StationedFlow;
  constructor(flow: StationedFlow) {
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
  readonly #flow: StationedFlow;
  constructor(flow: StationedFlow) {
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
  readonly #flow: StationedFlow;
  constructor(flow: StationedFlow) {
    super();
    this.#flow = flow;
  }
  override fire(): boolean {
    return this.#flow.arrive();
  }
}

/** Writers hear that their bytes were taken. */
export class SentEvent extends SimEvent {
  readonly #flow: StationedFlow;
  constructor(flow: StationedFlow) {
    super();
    this.#flow = flow;
  }
  override fire(): boolean {
    return this.#flow.reportSent();
  }
}
