import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CliError } from "../errors.ts";

export type ShoalEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** Another `shoal` process, followed by its events. */
export interface ShoalProcess {
  /**
   * The first event of a type.
   * @throws {CliError} `file-failed` when the process ends without it.
   */
  waitFor(event: string): Promise<ShoalEvent>;
  /** Asks it to end in order and waits for it. */
  stop(): Promise<void>;
}

/**
 * Starts a `shoal` command as a process of its own.
 * @param home Its `SHOAL_HOME`.
 */
export function spawnShoal(args: readonly string[], home: string): ShoalProcess {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...args, "--events", "ndjson"], {
    // All of it happens on this machine.
    env: {
      ...process.env,
      SHOAL_HOME: home,
      SHOAL_PROXY: "",
      SHOAL_NO_PORT_MAPPING: "1",
      SHOAL_DHT_BOOTSTRAP: "none",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = new Map<string, ShoalEvent>();
  const waiting = new Map<string, PromiseWithResolvers<ShoalEvent>>();
  let messages = "";
  let hasEnded = false;

  child.stderr.setEncoding("utf8").on("data", (text: string) => (messages += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = JSON.parse(line) as ShoalEvent;
    if (!seen.has(event.event)) seen.set(event.event, event);
    waiting.get(event.event)?.resolve(event);
  });
  const ended = once(child, "close").then(() => {
    hasEnded = true;
    for (const { reject } of waiting.values()) reject(failure());
  });

  function failure(): CliError {
    const reason = messages.trim().split("\n").at(-1) ?? "";
    return new CliError("file-failed", `shoal ${args[0]} ended early: ${reason}`);
  }

  return {
    async waitFor(event) {
      const known = seen.get(event);
      if (known !== undefined) return known;
      if (hasEnded) throw failure();
      const found = Promise.withResolvers<ShoalEvent>();
      waiting.set(event, found);
      return await found.promise;
    },
    async stop() {
      if (!hasEnded) child.kill("SIGTERM");
      await ended;
    },
  };
}
