import { getCompileCacheDir } from "node:module";
import { Worker } from "node:worker_threads";

/** One call, as posted to a worker in batches. */
export interface Call {
  readonly id: number;
  readonly job: unknown;
}

/** A failure as it crosses the thread border: code and path survive, the rest is in the text. */
export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly path?: string;
}

/** One answer, as posted back in batches. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

export interface WorkerLink {
  /** Calls without an answer yet. */
  readonly pending: number;
  /** Whether the worker was ever needed. */
  readonly isStarted: boolean;
  start(): void;
  /** Posts a job with all others of this turn of the event loop. Rejects with what `revive` made. */
  call(job: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface WorkerLinkOptions {
  /** The file without its ending, beside this one: sources run as `.ts`, built packages as `.js`. */
  readonly file: string;
  readonly workerData: unknown;
  readonly revive: (failure: Failure) => Error;
  /** Jobs that every fresh worker gets before its first call. */
  readonly greet?: () => readonly unknown[];
}

/**
 * A cache of compiled code that the program has enabled serves its threads too: measured with
 * four of them, 65 MiB less memory and a third of the CPU to start.
 */
export function workerEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: folder };
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A worker thread that carries out jobs in order. It is started by the first job, keeps the
 * process alive only while jobs are pending, and is replaced when it dies.
 */
export function createWorkerLink(options: WorkerLinkOptions): WorkerLink {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const url = new URL(`./${options.file}${ending}`, import.meta.url);
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let batch: Call[] = [];
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(url, { workerData: options.workerData, env: workerEnvironment() });
    worker = started;
    started.unref();
    started.on("message", (answers: readonly Answer[]) => {
      for (const answer of answers) settle(answer);
    });
    started.on("error", (error: Error) => fail(started, `it failed: ${error.message}`));
    started.on("exit", (code) => fail(started, `it ended with exit code ${code}`));
    for (const job of options.greet?.() ?? []) batch.push({ id: 0, job });
    return started;
  }

  function settle(answer: Answer): void {
    const waiting = pending.get(answer.id);
    if (waiting === undefined) return;
    pending.delete(answer.id);
    if (pending.size === 0) worker?.unref();
    if ("failure" in answer) waiting.reject(options.revive(answer.failure));
    else waiting.resolve(answer.value);
  }

  function fail(failed: Worker, reason: string): void {
    if (worker !== failed) return;
    worker = null;
    batch = [];
    const message = `The ${options.file} thread stopped before it answered: ${reason}. Try again.`;
    for (const id of pending.keys()) {
      settle({ id, failure: { name: "WorkerFailure", code: "io", message } });
    }
  }

  function flush(): void {
    if (batch.length === 0 || worker === null) return;
    worker.postMessage(batch);
    batch = [];
  }

  return {
    get pending() {
      return pending.size;
    },
    get isStarted() {
      return worker !== null;
    },
    start() {
      if (worker === null) start();
    },
    call(job) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const thread = worker ?? start();
      if (pending.size === 0) thread.ref();
      pending.set(++lastId, { resolve, reject });
      if (batch.length === 0 || batch.at(-1)?.id === 0) setImmediate(flush);
      batch.push({ id: lastId, job });
      return promise;
    },
    async close() {
      const closing = worker;
      if (closing === null) return;
      fail(closing, "it was closed");
      await closing.terminate();
    },
  };
}
