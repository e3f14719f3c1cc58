import type { Answer, EventData } from "@shoal/api";
import type { Log } from "@shoal/runtime";
import { createLog } from "@shoal/runtime/node";
import { redact } from "./redact.ts";

export type LogEntry = EventData<"log">;
type Level = LogEntry["level"];

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];
/** One line: a stack, or the answer of a server that an error quotes. */
const MAX_TEXT_LENGTH = 2000;
/** What an entry takes beside its text. */
const ENTRY_BYTES = 100;

interface Line extends Readonly<Record<string, unknown>> {
  readonly time: string;
  readonly level: Level;
  readonly event: string;
}

/**
 * The daemon's log: a JSON object a line, without secrets, written out and kept in memory for those who look at it
 * later, the newest so many bytes.
 */
export class DaemonLog {
  readonly #write: (line: string) => void;
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  readonly #counts: Record<Level, number> = { debug: 0, info: 0, warn: 0, error: 0 };
  #entries: LogEntry[] = [];
  #keptBytes = 0;
  #keepBytes = 0;
  #lowest = 0;
  #last = 0;

  /** @param write Takes a line with its newline. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** What is logged, and how much of it is kept; nothing is lost that came before. */
  configure(options: { readonly level: Level; readonly keepBytes: number }): void {
    this.#lowest = LEVELS.indexOf(options.level);
    this.#keepBytes = options.keepBytes;
  }

  /** Takes a line as the runtime's log writes it. */
  take(text: string): void {
    const line = redact(JSON.parse(text)) as Line;
    if (LEVELS.indexOf(line.level) < this.#lowest) return;
    this.#counts[line.level] += 1;
    this.#write(`${JSON.stringify(line)}\n`);
    const entry = this.#toEntry(line);
    this.#entries.push(entry);
    this.#keptBytes += weigh(entry);
    if (this.#keptBytes > this.#keepBytes) this.#drop();
    for (const listener of this.#listeners) listener(entry);
  }

  /** Lines that were logged so far. */
  get counts(): Readonly<Record<Level, number>> {
    return this.#counts;
  }

  /** For what is logged before there is a runtime. */
  get log(): Log {
    return createLog({ level: "debug", write: (line) => this.take(line) });
  }

  /** The entries behind a number, oldest first: the newest of them when they are too many. */
  list(query: {
    readonly after: number;
    readonly level: Level;
    readonly limit: number;
  }): Answer<"getLog">["entries"] {
    const lowest = LEVELS.indexOf(query.level);
    return this.#entries
      .filter(({ number, level }) => number > query.after && LEVELS.indexOf(level) >= lowest)
      .slice(-query.limit);
  }

  /** Calls `listener` for each entry from now on. @returns A function that removes it. */
  on(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #toEntry({ time, level, event, ...fields }: Line): LogEntry {
    this.#last += 1;
    const words = Object.entries(fields).map(([name, value]) => `${name}: ${toText(value)}`);
    const text = words.length === 0 ? event : `${event} (${words.join(", ")})`;
    return {
      number: this.#last,
      atMs: Date.parse(time),
      level,
      event,
      text: text.slice(0, MAX_TEXT_LENGTH),
    };
  }

  #drop(): void {
    let dropped = 0;
    // A tenth at once, so that not every line moves the others.
    while (dropped < this.#entries.length && this.#keptBytes > this.#keepBytes * 0.9) {
      this.#keptBytes -= weigh(this.#entries[dropped]!);
      dropped += 1;
    }
    this.#entries = this.#entries.slice(dropped);
  }
}

function weigh({ text }: LogEntry): number {
  return ENTRY_BYTES + 2 * text.length;
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  const { message } = (value ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(value);
}
