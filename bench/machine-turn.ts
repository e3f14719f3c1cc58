import { once } from "node:events";
import { createServer } from "node:net";

/** An address of Linux's abstract namespace: it is free again as soon as its process is gone. */
const NAME = "\0shoal-bench";
const LOOK_MS = 500;

/**
 * Waits until no other benchmark measures on this machine: two at once would measure each other.
 * @returns a function that lets the next one go on.
 */
export async function takeTurn(): Promise<() => void> {
  const server = createServer();
  for (let isFirst = true; ; isFirst = false) {
    server.listen(NAME);
    try {
      await once(server, "listening");
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (isFirst) console.error("waiting for another benchmark to end");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  return () => void server.close();
}
