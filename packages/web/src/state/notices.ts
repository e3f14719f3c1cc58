import { signal } from "@preact/signals";
import { ApiError } from "@shoal/api/client";
import { describeProblem } from "../words/describe-problem.ts";
import { words } from "../words/words.ts";

export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

const SHOWN_MS = 6000;
const SHOWN_BAD_MS = 15_000;

export const notices = signal<readonly Notice[]>([]);
let lastId = 0;

/** Shows a line for a while, and has it read aloud. */
export function tell(text: string, tone: Notice["tone"] = "good"): void {
  const id = ++lastId;
  notices.value = [...notices.value, { id, tone, text }].slice(-4);
  setTimeout(() => dismiss(id), tone === "good" ? SHOWN_MS : SHOWN_BAD_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** What went wrong, for people, or that the daemon does not answer. */
export function describeError(error: unknown): string {
  return error instanceof ApiError
    ? describeProblem(error.problem, words.peek())
    : words.peek().daemonSilent;
}

/** Runs something that the user asked for, and says so when it fails. @returns whether it went well. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done !== undefined) tell(done);
    return true;
  } catch (error) {
    tell(describeError(error), "bad");
    return false;
  }
}
