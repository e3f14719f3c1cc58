import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const main = join(root, "packages/cli/src/main.ts");

export type ShoalEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** How a command ended. */
export interface Ended {
  /** Null when it was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `shoal` process that is running. */
export interface Running {
  readonly pid: number;
  /** The first event, of those so far or to come, that `isWanted` accepts. */
  waitFor(isWanted: string | ((event: ShoalEvent) => boolean)): Promise<ShoalEvent>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** A folder for one test, and `shoal` commands that run in it. All is gone when the test ends. */
export interface Workspace {
  readonly folder: string;
  path(...parts: readonly string[]): string;
  /** Writes a file below the folder. */
  write(path: string, content: string | Uint8Array): void;
  /** Runs a command to its end. */
  run(args: readonly string[], home?: string): Promise<Ended>;
  /** Runs a command with `--json`, and gives the object that it wrote. */
  json(args: readonly string[]): Promise<Record<string, unknown> & { readonly exitCode: number }>;
  /** Starts a command with `--events ndjson`. Each `home` has a memory of its own. */
  start(args: readonly string[], home?: string): Running;
}

/** A test, or whatever else ends. */
export interface Ending {
  after(close: () => Promise<void>): unknown;
}

/** @param options.isInNetwork Whether its commands use local discovery (BEP 14). */
export function createWorkspace(t: Ending, { isInNetwork = false } = {}): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "shoal-e2e-"));
  const running = new Set<Running>();
  t.after(async () => {
    for (const child of running) child.kill("SIGKILL");
    await Promise.all([...running].map((child) => child.ended));
    rmSync(folder, { recursive: true, force: true });
  });

  function launch(args: readonly string[], home = "home"): Running {
    // Tests that run at the same time are no neighbours of each other.
    const isAlone = !isInNetwork && ["get", "seed", "publish", "follow"].includes(args[0]!);
    const child = spawn(process.execPath, [main, ...args, ...(isAlone ? ["--no-lsd"] : [])], {
      cwd: folder,
      env: {
        ...process.env,
        NO_COLOR: "1",
        SHOAL_NO_PORT_MAPPING: "1",
        SHOAL_DHT_BOOTSTRAP: "none",
        SHOAL_HOME: join(folder, home),
        NODE_COMPILE_CACHE: join(root, "node_modules/.cache/shoal"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const launched = follow(child, `shoal ${args.join(" ")}`);
    running.add(launched);
    void launched.ended.then(() => running.delete(launched));
    return launched;
  }

  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    write(path, content) {
      const place = join(folder, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, content);
    },
    run: (args, home) => launch(args, home).ended,
    async json(args) {
      const { exitCode, stdout } = await launch([...args, "--json"]).ended;
      return { ...(JSON.parse(stdout) as object), exitCode: exitCode ?? -1 };
    },
    start: (args, home) => launch([...args, "--events", "ndjson"], home),
  };
}

function follow(child: ChildProcess, name: string): Running {
  const events: ShoalEvent[] = [];
  const looks = new Set<() => void>();
  let stdout = "";
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  createInterface({ input: child.stdout! }).on("line", (line) => {
    stdout += `${line}\n`;
    if (!line.startsWith('{"event"')) return;
    events.push(JSON.parse(line) as ShoalEvent);
    for (const look of looks) look();
  });
  const ended = once(child, "close").then(([exitCode]: (number | null)[]): Ended => ({
    exitCode: exitCode ?? null,
    stdout,
    stderr,
  }));
  return {
    pid: child.pid!,
    ended,
    kill: (signal) => void child.kill(signal),
    async waitFor(wanted) {
      const isWanted = (event: ShoalEvent): boolean =>
        typeof wanted === "string" ? event.event === wanted : wanted(event);
      const { promise, resolve, reject } = Promise.withResolvers<ShoalEvent>();
      const look = (): void => {
        const found = events.find(isWanted);
        if (found !== undefined) resolve(found);
      };
      look();
      looks.add(look);
      void ended.then(({ exitCode }) => {
        reject(new Error(`${name} ended with ${exitCode} before ${String(wanted)}:\n${stderr}`));
      });
      return promise.finally(() => looks.delete(look));
    },
  };
}

/** Bytes that look random and are the same in every run. */
export function patternBytes(lengthBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = seed + 0x9e3779b9;
  for (let at = 0; at < lengthBytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
