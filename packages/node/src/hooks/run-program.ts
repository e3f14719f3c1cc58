import { spawn } from "node:child_process";
import type { Clock } from "@shoal/runtime";
import type { ProgramEnd, ProgramRun, ProgramRunner } from "./program.ts";

/** Kept of what a program says. */
const MAX_OUTPUT_BYTES = 4096;
/** From the request to end until it is made to. */
const GRACE_MS = 10_000;
/** Of this process's environment: where programs are, whose they are, how they speak. Secrets are not among them. */
const KEPT = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot"];

/** The machine's programs. */
export function createProgramRunner(clock: Clock): ProgramRunner {
  return { run: (run) => runProgram(run, clock) };
}

async function runProgram(run: ProgramRun, clock: Clock): Promise<ProgramEnd> {
  const kept = KEPT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // In a group of its own, so that what it starts ends with it, and a signal to this process is not one to it.
  const child = spawn(run.program, run.arguments, {
    shell: false,
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Object.fromEntries(kept), ...run.environment },
  });
  let output = Buffer.alloc(0);
  const take = (part: Buffer): void => {
    output = Buffer.concat([output, part.subarray(-MAX_OUTPUT_BYTES)]).subarray(-MAX_OUTPUT_BYTES);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  let isTimedOut = false;
  const timers = [
    clock.setTimer(run.timeLimitMs, () => {
      isTimedOut = true;
      end(child.pid, "SIGTERM");
    }),
    clock.setTimer(run.timeLimitMs + GRACE_MS, () => end(child.pid, "SIGKILL")),
  ];
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject);
  // Not `close`: what the program has left running may hold its output open for ever.
  child.once("exit", (exitCode) => resolve(exitCode));
  try {
    const exitCode = await promise;
    return { exitCode, isTimedOut, output: output.toString().trim() };
  } finally {
    for (const timer of timers) timer.cancel();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function end(pid: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It has ended by itself meanwhile.
  }
}
