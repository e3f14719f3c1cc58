import process from "node:process";
import { createInterface } from "node:readline";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";

/**
 * Shows what is about to happen, and goes on only when somebody wants it.
 * @param options.isGranted `--yes`.
 * @param options.word What has to be typed where a yes is not enough; null for a yes.
 * @throws {CliError} `usage` where nobody can be asked, `interrupted` when the answer is no.
 */
export async function askConsent(
  { output, signal }: CommandContext,
  lines: readonly string[],
  { isGranted, word }: { readonly isGranted: boolean; readonly word: string | null },
): Promise<void> {
  for (const line of lines) output.note(line);
  if (isGranted && word === null) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const how = word === null ? "--yes goes on without asking" : `--trust goes on all the same`;
    throw new CliError("usage", `nothing was done: there is no terminal to ask at, and ${how}`);
  }
  const wanted = word ?? "y";
  const question = word === null ? "go on? [y/N] " : `type ${word} to go on all the same: `;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const { promise, resolve } = Promise.withResolvers<string>();
  asking.question(question, resolve);
  signal.addEventListener("abort", () => resolve(""), { once: true });
  const answer = (await promise).trim().toLowerCase();
  asking.close();
  if (answer !== wanted && !(word === null && answer === "yes")) {
    throw new CliError("interrupted", "nothing was done");
  }
}
