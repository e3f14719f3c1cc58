import type { Clock } from "../ports/clock.ts";
import type { SimEvent } from "./event-queue.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import { createSimClock } from "./sim-clock.ts";
import type { RunningProgram } from "./running-program.ts";
import type { TraceKind } from "./trace.ts";
import type { World } from "./world-state.ts";

/** Something that a run holds of its machine. */
export interface Held {
  release(): void;
  kill(how: "process" | "power"): void;
}

/**
 * One run of the program on a machine: from `host` or `restart` to `close` or `crash`.
 *
 * Invariant: once `isAlive` is false nothing of this run is called any more, and none of its
 * promises settles, as nothing of a killed program goes on.
 */
export class SimProcess implements RunningProgram {
  readonly world: World;
  readonly network: Network;
  readonly machine: Machine;
  readonly clock: Clock;
  isAlive = true;
  /** What this run holds, in the order of opening: sockets, listeners, storages. Each lets go when the run ends. */
  readonly held = new Set<Held>();

  constructor(world: World, network: Network, machine: Machine) {
    this.world = world;
    this.network = network;
    this.machine = machine;
    this.clock = createSimClock(world.loop, this, machine.wall);
  }

  trace(kind: TraceKind, detail: number): void {
    this.world.trace?.(this.world.loop.nowMs, kind, this.machine.address, detail);
  }

  /** Calls `callback` after `delayMs`, unless the run has ended by then. */
  later(delayMs: number, callback: () => void): SimEvent {
    return this.world.loop.after(delayMs, () => {
      if (this.isAlive) callback();
    });
  }

  /**
   * Lets `delayMs` pass.
   * @throws the signal's reason, as soon as it is aborted.
   */
  async pause(delayMs: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal?.reason as Error);
    const event = this.later(delayMs, resolve);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.world.loop.cancel(event);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the run in order: connections are closed as a kernel closes those of a program that exits. */
  end(): void {
    for (const part of this.held) part.release();
    this.isAlive = false;
    this.held.clear();
  }

  /** Ends the run without a word to its own code. */
  kill(how: "process" | "power"): void {
    this.isAlive = false;
    for (const part of this.held) part.kill(how);
    this.held.clear();
  }
}
