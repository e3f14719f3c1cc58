// A session of many torrents, brought back from its store. argv[2] is the job; what it costs while nothing happens
// is told when a line comes.
import { createInterface } from "node:readline";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";

const IDLE_MS = 10_000;

const { storePath } = JSON.parse(process.argv[2]!) as { storePath: string };
const startMs = performance.now();
const runtime = await createNodeRuntime({ storePath, logLevel: "error" });
const session = await createSession({ runtime, host: "127.0.0.1", restore: true });
tell("restored", { count: session.torrents.length, ms: performance.now() - startMs });

for await (const _line of createInterface({ input: process.stdin })) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const { user, system } = process.cpuUsage(before);
  const rssBytes = process.memoryUsage().rss;
  tell("idle", { rssBytes, cpuPercent: (user + system) / (IDLE_MS * 10) });
}
process.exit(0);

function tell(event: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}
