import type { Log, LogFields } from "../ports/log.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** Lines below it are dropped. */
  readonly level: LogLevel;
  /** Takes one JSON object with its newline. */
  readonly write: (line: string) => void;
}

/** A log of NDJSON lines: `{"time":"2026-01-02T03:04:05.678Z","level":"info","event":"...",...fields}`. */
export function createLog(options: LogOptions, fields: LogFields = {}): Log {
  const lowest = LOG_LEVELS.indexOf(options.level);

  const writer = (level: LogLevel) =>
    LOG_LEVELS.indexOf(level) < lowest
      ? () => {}
      : (event: string, more?: LogFields) => {
          const line = { time: new Date(), level, event, ...fields, ...more };
          options.write(`${JSON.stringify(line, printable)}\n`);
        };

  return {
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
    child: (more) => createLog(options, { ...fields, ...more }),
  };
}

/** Makes what JSON cannot hold readable: errors with code and cause, big integers, bytes as hex. */
function printable(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const code = "code" in value ? value.code : undefined;
    return { name: value.name, code, message: value.message, cause: value.cause };
  }
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return value;
}
