import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { RequestCounters } from "@shoal/tracker";
import type { AccessFileOptions } from "./access-files.ts";

/** What a thread is started with. */
export interface TrackerThreadData {
  readonly server: {
    readonly host?: string;
    readonly udpPort: number;
    readonly intervalS?: number;
    readonly connectionKey: Uint8Array;
  };
  readonly lists: AccessFileOptions;
  readonly peerLifetimeMs: number;
  /** Names the channel of all threads of this tracker. */
  readonly channel: string;
}

/** What a thread tells the main thread. */
export type ThreadMessage = "ready" | { readonly counters: RequestCounters };
/** What the main thread tells a thread. */
export type ThreadOrder = "close" | "read-lists";

/** Threads that answer UDP announces at the main thread's port. */
export interface TrackerThreads {
  /** What all of them have counted. */
  counters(): RequestCounters;
  /** Makes them read the lists of torrents and addresses again. */
  readLists(): void;
  close(): Promise<void>;
}

/**
 * Starts `count` threads.
 * @param onFailed A thread has died: the tracker goes on with the others.
 */
export async function startTrackerThreads(
  count: number,
  data: TrackerThreadData,
  onFailed: (error: Error) => void,
): Promise<TrackerThreads> {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const url = new URL(`./tracker-thread${ending}`, import.meta.url);
  const counted = new Map<Worker, RequestCounters>();
  const alive = new Set<Worker>();
  for (let n = 0; n < count; n++) alive.add(new Worker(url, { workerData: data }));
  await Promise.all(
    [...alive].map(async (worker) => {
      await once(worker, "message");
      worker.on("message", (message: ThreadMessage) => {
        if (message !== "ready") counted.set(worker, message.counters);
      });
      worker.on("error", onFailed);
      worker.on("exit", () => alive.delete(worker));
    }),
  );
  return {
    counters() {
      const sum = { connects: 0, announces: 0, scrapes: 0, refused: 0, relayed: 0 };
      for (const counters of counted.values()) {
        for (const name of Object.keys(sum) as (keyof RequestCounters)[]) {
          sum[name] += counters[name];
        }
      }
      return sum;
    },
    readLists() {
      for (const worker of alive) worker.postMessage("read-lists" satisfies ThreadOrder);
    },
    async close() {
      await Promise.all(
        [...alive].map(async (worker) => {
          const exited = once(worker, "exit");
          worker.postMessage("close" satisfies ThreadOrder);
          await exited;
        }),
      );
    },
  };
}
