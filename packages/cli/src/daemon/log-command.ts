import { pause } from "@shoal/runtime";
import { createNodeRuntime } from "@shoal/runtime/node";
import type { Answer, Sent } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toPlainText } from "../output/format.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

export interface LogOptions extends DaemonOptions {
  readonly level: NonNullable<Sent<"getLog">["level"]>;
  readonly follow?: boolean;
}

type Entry = Answer<"getLog">["entries"][number];

const EVERY_MS = 1000;

/** Prints what the daemon has logged, and goes on with `--follow` until a signal comes. */
export async function runLog(options: LogOptions, context: CommandContext): Promise<ExitCode> {
  const { level, follow = false } = options;
  const { output, signal } = context;
  return await withDaemon(context, options, async ({ client }) => {
    const runtime = await createNodeRuntime({ storePath: null, keepsAlive: true });
    const all: Entry[] = [];
    let after = 0;
    try {
      while (true) {
        const { entries } = await client.call("getLog", { after, level, limit: 1000 });
        for (const entry of entries) {
          output.event("log", entry);
          output.data(
            `${new Date(entry.atMs).toISOString()} ${entry.level.padEnd(5)} ${toPlainText(entry.text)}`,
          );
          after = Math.max(after, entry.number);
        }
        if (!follow) all.push(...entries);
        if (entries.length > 0) continue;
        if (!follow || signal.aborted) break;
        await pause(runtime.clock, EVERY_MS, signal).catch(() => {});
      }
    } finally {
      await runtime.close();
    }
    if (!follow) output.result({ entries: all });
    return EXIT.ok;
  });
}
