import { parentPort } from "node:worker_threads";
import type { Answer, Call, Failure } from "./worker-link.ts";

/** Answers go out once jobs of this weight are done, so that a long batch does not hold back its first ones. */
const FLUSH_WEIGHT_BYTES = 512 * 1024;

export interface JobServer {
  /** Carries out one job. Thrown errors travel to the caller. */
  run(job: unknown): unknown;
  /** Payload bytes that a job handles: what decides when answers go out. */
  weigh(job: unknown): number;
  describe(error: unknown): Failure;
}

/** Serves the jobs of a `WorkerLink`, in order, in a worker thread. */
export function serveJobs(server: JobServer): void {
  const port = parentPort;
  if (port === null)
    throw new TypeError("This file is the entry of a worker thread; it cannot be run by itself.");
  port.on("message", (calls: readonly Call[]) => {
    let answers: Answer[] = [];
    let weightBytes = 0;
    for (const { id, job } of calls) {
      try {
        answers.push({ id, value: server.run(job) });
      } catch (error) {
        answers.push({ id, failure: server.describe(error) });
      }
      weightBytes += server.weigh(job);
      if (weightBytes < FLUSH_WEIGHT_BYTES) continue;
      port.postMessage(answers);
      answers = [];
      weightBytes = 0;
    }
    if (answers.length > 0) port.postMessage(answers);
  });
}
