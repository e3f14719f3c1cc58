import { run } from "../clients/child.ts";
import type { Figures } from "../contest.ts";

const MIB = 2 ** 20;

/** The shell adds up what the command and its threads used. */
export async function measureCommand(
  lengthBytes: number,
  command: readonly string[],
): Promise<Figures> {
  const startMs = performance.now();
  const script = '"$@" >&2 && times';
  const times = await run("bash", "-c", script, "bash", ...command);
  const seconds = (performance.now() - startMs) / 1000;
  // The second line is of the shell's children: "0m1.234s 0m0.056s".
  const [user = "", system = ""] = times.trim().split("\n").at(-1)!.split(" ");
  return {
    rate: lengthBytes / MIB / seconds,
    cpu: (parseTime(user) + parseTime(system)) / (lengthBytes / 2 ** 30),
  };
}

function parseTime(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
