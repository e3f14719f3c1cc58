import { Worker } from "node:worker_threads";
import type { Thread, Threads } from "../ports/threads.ts";
import type { NodeRuntimeOptions } from "./create-node-runtime.ts";
import { workerEnvironment } from "./worker-link.ts";

/** What the entry of a thread is started with. */
export interface ThreadData {
  readonly module: string;
  readonly data: unknown;
  readonly runtime: Omit<NodeRuntimeOptions, "writeLog">;
}

/** What a thread posts: a value of its line, or a line of its log. */
export type ThreadPost = { readonly value: unknown } | { readonly log: string };

/**
 * Threads of this process. Each has a real world of its own, made with these options: its sockets, its pool and
 * its disk threads are its own, the file of the store is one for all.
 */
export function createThreads(options: NodeRuntimeOptions = {}): Threads {
  const { writeLog = (line) => void process.stderr.write(line), ...runtime } = options;
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const entry = new URL(`./thread-entry${ending}`, import.meta.url);
  return {
    start(module, data) {
      const workerData: ThreadData = { module: module.href, data, runtime };
      return follow(new Worker(entry, { workerData, env: workerEnvironment() }), writeLog);
    },
  };
}

function follow(worker: Worker, writeLog: (line: string) => void): Thread {
  const early: unknown[] = [];
  let receive = (value: unknown): void => void early.push(value);
  let died: Error | null = null;
  const { promise: whenEnded, resolve: ended } = Promise.withResolvers<Error | null>();
  worker.on("message", (post: ThreadPost) => {
    if ("log" in post) writeLog(post.log);
    else receive(post.value);
  });
  worker.on("error", (error: Error) => (died = error));
  worker.on("exit", (code) => {
    ended(died ?? (code === 0 ? null : new Error(`the thread ended with exit code ${code}`)));
  });
  return {
    whenEnded,
    post: (value) => worker.postMessage(value),
    receive(onValue) {
      receive = onValue;
      for (const value of early.splice(0)) onValue(value);
    },
    async kill() {
      await worker.terminate();
    },
  };
}
