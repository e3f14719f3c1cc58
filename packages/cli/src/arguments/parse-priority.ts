import { InvalidArgumentError } from "commander";
import type { FilePriority, FilePriorityName } from "@shoal/engine";

/** The engine's levels, said again so that no command line loads the engine to be read. */
const LEVELS = {
  skip: 0,
  low: 1,
  normal: 4,
  high: 6,
  top: 7,
} as const satisfies Record<FilePriorityName, FilePriority>;

/** Files, and how much they are wanted. */
export interface PriorityRule {
  readonly pattern: string;
  readonly priority: FilePriority;
}

/**
 * Reads `GLOB=LEVEL`, such as `*.srt=top` or `extras/**=1`.
 * @throws {InvalidArgumentError} for anything else.
 */
export function parsePriority(text: string): PriorityRule {
  const [, pattern = "", level = ""] = /^(.+)=(\w+)$/s.exec(text) ?? [];
  if (/^[0-7]$/.test(level)) return { pattern, priority: Number(level) as FilePriority };
  if (Object.hasOwn(LEVELS, level)) return { pattern, priority: LEVELS[level as FilePriorityName] };
  const names = Object.keys(LEVELS).join(", ");
  throw new InvalidArgumentError(`Expected GLOB=LEVEL, with a level from 0 to 7 or ${names}.`);
}
