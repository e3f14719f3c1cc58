import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { Answer, Call, Failure } from "./worker-link.ts";

/** Answers go out once jobs of this weight are done, so that a long batch does not hold back its first ones. */
const FLUSH_WEIGHT_BYTES = 512 * 1024;

/** What came of a job. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Jobs that wait for company are looked at again after this time, and whenever others come. */
export const PATIENCE_MS = 30;

export interface JobServer<Job> {
  /** Hears of each job as it comes. */
  readonly arrived?: (job: Job) => void;
  /** How many jobs at the head of the queue to carry out together; 0 for none yet. */
  readonly take: (queue: readonly Job[]) => number;
  /** Carries out jobs taken together; one outcome each, in order. */
  readonly run: (jobs: readonly Job[]) => Outcome[];
  /** Payload bytes that a job handles: what decides when answers go out. */
  readonly weigh: (job: Job) => number;
  readonly describe: (error: unknown) => Failure;
}

/** Serves the jobs of a `WorkerLink`, in order, in a worker thread. */
export function serveJobs<Job>(server: JobServer<Job>): void {
  const port = parentPort;
  if (port === null) {
    throw new TypeError("This file is the entry of a worker thread; it cannot be run by itself.");
  }
  const ids: number[] = [];
  const queue: Job[] = [];
  const enqueue = (calls: readonly Call[]) => {
    for (const { id, job } of calls) {
      ids.push(id);
      queue.push(job as Job);
      server.arrived?.(job as Job);
    }
  };
  let turn: NodeJS.Immediate | null = null;
  let patience: NodeJS.Timeout | null = null;
  // One turn does no more than one flush: while jobs keep coming, whatever else the thread waits for
  // (such as the measurement of its hash kernel) would never have its turn.
  const work = (): void => {
    turn = null;
    const answers: Answer[] = [];
    let weightBytes = 0;
    let count = 1;
    while (queue.length > 0 && weightBytes < FLUSH_WEIGHT_BYTES) {
      // What came in meanwhile may go together with what waits.
      for (
        let more = receiveMessageOnPort(port);
        more !== undefined;
        more = receiveMessageOnPort(port)
      ) {
        enqueue(more.message as readonly Call[]);
      }
      count = server.take(queue);
      if (count === 0) break;
      const jobs = queue.splice(0, count);
      const outcomes = server.run(jobs);
      for (const [index, id] of ids.splice(0, jobs.length).entries()) {
        const outcome = outcomes[index] as Outcome;
        answers.push(
          "error" in outcome ? { id, failure: server.describe(outcome.error) } : { id, ...outcome },
        );
        weightBytes += server.weigh(jobs[index] as Job);
      }
    }
    if (answers.length > 0) port.postMessage(answers);
    if (count === 0) {
      patience ??= setTimeout(() => {
        patience = null;
        workOnce();
      }, PATIENCE_MS);
    } else if (queue.length > 0) turn = setImmediate(work);
  };
  const workOnce = (): void => {
    if (turn === null && queue.length > 0) work();
  };
  port.on("message", (calls: readonly Call[]) => {
    enqueue(calls);
    workOnce();
  });
}

/** The outcome of `work`. */
export function attempt(work: () => unknown): Outcome {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}
