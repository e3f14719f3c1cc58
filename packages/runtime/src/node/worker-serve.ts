import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Answer, Call, Failure } from "./worker-link.ts";

/** Answers go out once jobs of this weight are done, so that a long batch does not hold back its first ones. */
const FLUSH_WEIGHT_BYTES = 512 * 1024;

export interface JobServer {
  /** Carries out one job. Thrown errors travel to the caller. */
  run(job: unknown): unknown;
  /** Payload bytes that a job handles: what decides when answers go out. */
  weigh(job: unknown): number;
  describe(error: unknown): Failure;
  /** Jobs that are done faster several at once. */
  readonly group?: {
    readonly limit: number;
    accepts(job: unknown): boolean;
    /** Carries out accepted jobs. When it throws, they are run one by one. */
    run(jobs: readonly unknown[]): unknown[];
  };
}

/** Serves the jobs of a `WorkerLink`, in order, in a worker thread. */
export function serveJobs(server: JobServer): void {
  const port = parentPort;
  if (port === null)
    throw new TypeError("This file is the entry of a worker thread; it cannot be run by itself.");
  port.on("message", (calls: readonly Call[]) => {
    const queue = [...calls];
    let answers: Answer[] = [];
    let weightBytes = 0;
    while (queue.length > 0) {
      takeWaiting(port, queue);
      const next = queue.splice(0, groupLength(server, queue));
      answers.push(...answer(server, next));
      for (const { job } of next) weightBytes += server.weigh(job);
      if (weightBytes < FLUSH_WEIGHT_BYTES) continue;
      port.postMessage(answers);
      answers = [];
      weightBytes = 0;
    }
    if (answers.length > 0) port.postMessage(answers);
  });
}

/** Adds what came in meanwhile: groups form when there is more to do than was done so far. */
function takeWaiting(port: MessagePort, queue: Call[]): void {
  for (;;) {
    const waiting = receiveMessageOnPort(port);
    if (waiting === undefined) return;
    queue.push(...(waiting.message as readonly Call[]));
  }
}

/** How many calls at the head of the queue are carried out together. */
function groupLength({ group }: JobServer, queue: readonly Call[]): number {
  if (group === undefined) return 1;
  const head = queue.slice(0, group.limit);
  const end = head.findIndex(({ job }) => !group.accepts(job));
  return Math.max(1, end < 0 ? head.length : end);
}

function answer(server: JobServer, calls: readonly Call[]): Answer[] {
  const jobs = calls.map(({ job }) => job);
  if (server.group !== undefined && jobs.every((job) => server.group?.accepts(job))) {
    try {
      const values = server.group.run(jobs);
      return calls.map(({ id }, index) => ({ id, value: values[index] }));
    } catch {
      // One of them is at fault: alone, each gets its own answer.
    }
  }
  return calls.map(({ id, job }) => {
    try {
      return { id, value: server.run(job) };
    } catch (error) {
      return { id, failure: server.describe(error) };
    }
  });
}
