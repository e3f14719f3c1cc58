import { ContentStore } from "./content-store.ts";
import { DEFAULT_QUANTUM_MS } from "./link.ts";
import { EventLoop } from "./event-loop.ts";
import { Machine } from "./machine.ts";
import type { HostOptions } from "./machine.ts";
import { Network } from "./network.ts";
import { SegmentPool } from "./segment-pool.ts";
import { createSimHost } from "./sim-host.ts";
import type { SimHost } from "./sim-host.ts";
import { SimRandom } from "./sim-random.ts";
import type { Counters, Trace } from "./trace.ts";
import type { LogRecord, World } from "./world-state.ts";

export interface WorldOptions {
  /** All chance in the world comes from it: the same seed and the same calls give the same trace. */
  readonly seed: number | string;
  /** What the clocks show at the start; 2026-01-01 UTC when absent. */
  readonly startMs?: number;
  /** Latency of a path besides that of its two ends, one way, by the hosts' first addresses. */
  readonly latencyMs?: (from: string, to: string) => number;
  /**
   * Access lines carry one user's bytes for so long before the next one's turn; 16 when absent. Longer
   * turns cost fewer events: in large crowds a block may go in one piece.
   */
  readonly quantumMs?: number;
  /** After this long without anything getting through a connection breaks; 924 s when absent, as on Linux. */
  readonly tcpTimeoutMs?: number;
}

/** Until when to let time pass. Times count from the beginning of the world. */
export type RunUntil =
  | { readonly untilMs: number }
  | { readonly until: () => boolean; readonly limitMs: number };

/** A simulated world: hosts, what lies between them, and time. */
export interface SimWorld {
  readonly seed: string;
  /** Virtual milliseconds since the beginning. */
  readonly timeMs: number;
  readonly counters: Readonly<Counters>;
  /** Called for all that happens. */
  trace: Trace | null;
  /** Called for every line that a host logs. */
  log: ((record: LogRecord) => void) | null;
  /** A new host with a program's ports. @throws {TypeError} when an address is taken. */
  host(options: HostOptions): SimHost;
  /** Starts a crashed or closed host's program again, on the same disk and store. */
  restart(host: SimHost): SimHost;
  /** Lets a name stand for addresses. */
  name(name: string, addresses: readonly string[]): void;
  /** Sets a host's wall clock off; its monotonic clock does not notice. */
  jumpClock(host: SimHost, byMs: number): void;
  /** Nothing gets from one group to the other any more, either way. */
  partition(left: readonly SimHost[], right: readonly SimHost[]): void;
  /** Undoes all partitions; TCP sends again what was lost. */
  heal(): void;
  /**
   * Lets time pass.
   * @throws {Error} with the seed, when `limitMs` passes, or everything has happened, before `until()` holds.
   * @throws whatever a callback threw.
   */
  run(until: RunUntil): Promise<void>;
  /**
   * Lets time pass until the promise settles, and settles the same way.
   * @param limitMs how much time at most; an hour when absent.
   * @throws {Error} with the seed, as `run` does.
   */
  complete<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
}

const DEFAULT_START_MS = Date.UTC(2026, 0, 1);
const DEFAULT_LIMIT_MS = 3_600_000;

export function createWorld(options: WorldOptions): SimWorld {
  const loop = new EventLoop();
  const seed = String(options.seed);
  const counters = {
    get events() {
      return loop.events;
    },
    bytesDelivered: 0,
    datagramsDelivered: 0,
    datagramsLost: 0,
    connections: 0,
  };
  const machines = new Map<SimHost, Machine>();
  const state: World = {
    seed,
    startMs: options.startMs ?? DEFAULT_START_MS,
    quantumMs: options.quantumMs ?? DEFAULT_QUANTUM_MS,
    loop,
    random: new SimRandom(`${seed} world`),
    contents: new ContentStore(),
    segments: new SegmentPool(),
    counters,
    names: new Map(),
    trace: null,
    log: null,
  };
  const network = new Network(state, options);

  const machineOf = (host: SimHost): Machine => {
    const machine = machines.get(host);
    if (machine === undefined) throw new TypeError("The host belongs to another world");
    return machine;
  };
  const start = (machine: Machine): SimHost => {
    const host = createSimHost(state, network, machine);
    machines.set(host, machine);
    return host;
  };
  const fail = (reason: string) => {
    return new Error(`${reason} at ${loop.nowMs} ms of virtual time (seed ${seed})`);
  };

  async function runUntil(isDone: () => boolean, limitMs: number): Promise<void> {
    if (await loop.run(isDone, limitMs)) return;
    const isEmpty = loop.pendingEvents === 0;
    throw fail(isEmpty ? "Nothing is left to happen" : "What was waited for has not happened");
  }

  return {
    seed,
    get timeMs() {
      return loop.nowMs;
    },
    counters,
    get trace() {
      return state.trace;
    },
    set trace(trace) {
      state.trace = trace;
    },
    get log() {
      return state.log;
    },
    set log(log) {
      state.log = log;
    },
    host(hostOptions) {
      const machine = new Machine(state, network, hostOptions);
      network.add(machine);
      return start(machine);
    },
    restart(host) {
      const machine = machineOf(host);
      if (machine.process?.isAlive === true) {
        throw new TypeError(`${machine.address} is running: close or crash it first`);
      }
      if (!machine.isOn) machine.boots++;
      machine.isOn = true;
      state.trace?.(loop.nowMs, "restart", machine.address, 0);
      network.retryHeldUp();
      return start(machine);
    },
    name(name, addresses) {
      state.names.set(name.toLowerCase(), addresses);
    },
    jumpClock(host, byMs) {
      machineOf(host).wall.offsetMs += byMs;
    },
    partition(left, right) {
      network.partition(left.map(machineOf), right.map(machineOf));
      state.trace?.(loop.nowMs, "partition", "", left.length + right.length);
    },
    heal() {
      state.trace?.(loop.nowMs, "heal", "", 0);
      network.heal();
    },
    async run(until) {
      if ("untilMs" in until) await loop.run(() => false, until.untilMs);
      else await runUntil(until.until, until.limitMs);
    },
    async complete(promise, limitMs = DEFAULT_LIMIT_MS) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      promise.then(settle, settle);
      await runUntil(() => isSettled, loop.nowMs + limitMs);
      return await promise;
    },
  };
}
