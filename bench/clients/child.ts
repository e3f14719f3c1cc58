import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { STEP_TIMEOUT_MS, withDeadline } from "./deadline.ts";
import type { Scope } from "./scope.ts";

/** How long a process may take to end in order before it is killed. */
const GOODBYE_MS = 5000;
const MAX_TAIL_LINES = 20;
const MAX_TAIL_WIDTH = 300;

export interface ChildOptions {
  readonly scope: Scope;
  /** Beside this process's own; undefined takes one of those away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Name of the network namespace to run in. */
  readonly namespace?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that speaks in lines. It ends with its scope, and with this process at the latest. */
export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #command: string;
  readonly #tail: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly exited: Promise<Exit>;
  #exit: Exit | null = null;

  constructor(command: string, args: readonly string[], options: ChildOptions) {
    const { scope, env, cwd, namespace } = options;
    this.#command = `${command} ${args.join(" ")}`;
    // Linux ends the child when this process is gone, even by SIGKILL.
    const line = ["setpriv", "--pdeathsig", "KILL", command, ...args];
    if (namespace !== undefined) line.unshift("ip", "netns", "exec", namespace);
    this.#process = spawn(line[0]!, line.slice(1), {
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#process.stdin.on("error", () => {});
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      createInterface({ input: stream }).on("line", (text) => this.#heard(text));
    }
    this.exited = new Promise((resolve) => {
      this.#process.once("error", (error) => this.#heard(error.message));
      this.#process.once("close", (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    scope.defer(() => this.stop());
  }

  /** The process that was started: each command on the way replaces itself by the next. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The last lines that it wrote. */
  get tail(): string {
    return this.#tail.join("\n");
  }

  send(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Calls `listener` for every line of both streams. Returns a function that removes it. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The first value that `read` makes of a line from now on.
   * @throws {Error} with the last lines, when the process ends before or `timeoutMs` pass.
   */
  async waitFor<T>(
    what: string,
    read: (line: string) => T | undefined,
    timeoutMs: number = STEP_TIMEOUT_MS,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const remove = this.onLine((line) => {
      const value = read(line);
      if (value !== undefined) resolve(value);
    });
    const ended = (exit: Exit): void =>
      reject(new Error(`${what}: the process ended (${exit.code ?? exit.signal})`));
    if (this.#exit === null) void this.exited.then(ended);
    else ended(this.#exit);
    try {
      return await withDeadline(promise, what, timeoutMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n$ ${this.#command}\n${this.tail}`, {
        cause: error,
      });
    } finally {
      remove();
    }
  }

  /** Asks it to end, and makes it end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    if (this.#exit !== null) return this.#exit;
    this.#process.kill(signal);
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), GOODBYE_MS);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #heard(line: string): void {
    if (this.#tail.push(line.slice(0, MAX_TAIL_WIDTH)) > MAX_TAIL_LINES) this.#tail.shift();
    for (const listener of this.#listeners) listener(line);
  }
}

/**
 * Runs a command to its end.
 * @returns what it wrote to stdout.
 * @throws {Error} with what it wrote, when it fails.
 */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}
