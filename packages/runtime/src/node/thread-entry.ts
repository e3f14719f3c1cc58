// The entry of the threads of `createThreads`: makes a world, and runs the module's `main` in it.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadMain } from "../ports/threads.ts";
import { createNodeRuntime } from "./create-node-runtime.ts";
import type { ThreadData, ThreadPost } from "./threads.ts";

const port = parentPort;
if (port === null) {
  throw new TypeError("This file is the entry of a worker thread; it cannot be run by itself.");
}
const { module, data, runtime: options } = workerData as ThreadData;
const post = (value: ThreadPost): void => port.postMessage(value);
const { main } = (await import(module)) as { main: ThreadMain };
const runtime = await createNodeRuntime({ ...options, writeLog: (log) => post({ log }) });
// Until somebody receives, what comes waits in the port. While `main` is at work the thread stays.
const stay = setInterval(() => {}, 2 ** 30);
try {
  await main({
    runtime,
    data,
    line: {
      post: (value) => post({ value }),
      receive: (onValue) => void port.on("message", onValue),
    },
  });
} finally {
  clearInterval(stay);
  await runtime.close();
  port.close();
}
