import type { Thread, ThreadLine, Threads } from "@shoal/runtime";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";
import { serveShard } from "../shards/serve-shard.ts";

/** Workers of a sharded session in a simulated world. */
export interface SimThreads extends Threads {
  /** By worker, the host that it runs on now. */
  readonly hosts: SimHost[];
  /** Ends a worker without warning. */
  crash(index: number): void;
  /** Workers that run now. */
  readonly running: number;
}

/** Runs worker number n on host n: a world of its own, as a thread has it. One that crashed is started again. */
export function createSimThreads(world: SimWorld, hosts: SimHost[]): SimThreads {
  const kills = new Map<number, (error: Error) => void>();
  return {
    hosts,
    crash(index) {
      hosts[index]!.crash();
      kills.get(index)!(new Error("it crashed"));
    },
    get running() {
      return kills.size;
    },
    start(_module, data) {
      const index = data as number;
      if (!hosts[index]!.isAlive) hosts[index] = world.restart(hosts[index]!);
      const runtime = hosts[index]!;
      const { promise: whenEnded, resolve } = Promise.withResolvers<Error | null>();
      const [ours, its] = createLines(() => kills.has(index) && hosts[index] === runtime);
      const end = (error: Error | null): void => {
        if (hosts[index] === runtime) kills.delete(index);
        resolve(error);
      };
      kills.set(index, end);
      serveShard({ runtime, line: its }).then(() => end(null), end);
      const kill = async (): Promise<void> => end(new Error("it was killed"));
      return { ...ours, whenEnded, kill } satisfies Thread;
    },
  };
}

/** Two ends of a line over which only clones go, as from thread to thread, while `isAlive`. */
function createLines(isAlive: () => boolean): [ThreadLine, ThreadLine] {
  const ends = [0, 1].map(() => ({
    early: [] as unknown[],
    take: null as ((value: unknown) => void) | null,
  }));
  const lineOf = (own: number): ThreadLine => ({
    post(value) {
      const clone = structuredClone(value);
      const other = ends[1 - own]!;
      queueMicrotask(() => {
        if (!isAlive()) return;
        if (other.take === null) other.early.push(clone);
        else other.take(clone);
      });
    },
    receive(onValue) {
      ends[own]!.take = onValue;
      for (const value of ends[own]!.early.splice(0)) onValue(value);
    },
  });
  return [lineOf(0), lineOf(1)];
}
