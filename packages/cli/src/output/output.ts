import { stripVTControlCharacters, styleText } from "node:util";
import { LiveBlock, type TerminalStream } from "./live-block.ts";

type Style = Parameters<typeof styleText>[0];

export interface OutputOptions {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Writes content to stdout; resolves when the reader has taken it. */
  readonly writeBytes?: (chunk: Uint8Array) => Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One JSON object on stdout at the end, instead of text. */
  readonly json?: boolean;
  /** `ndjson`: events on stdout as they happen, one JSON object a line. */
  readonly events?: string;
  /** Nothing on stderr but warnings and errors. */
  readonly quiet?: boolean;
}

/** The two streams of a command: data on stdout, progress and messages on stderr. */
export interface Output {
  /** Stderr is a terminal that takes drawing. */
  readonly isLive: boolean;
  /** Data for people: nothing when programs asked for JSON. */
  data(line: string): void;
  /** Content on stdout, as it is. Resolves when the reader is ready for more. */
  bytes(chunk: Uint8Array): Promise<void>;
  /** A message on stderr; nothing when quiet. */
  note(line: string): void;
  /** A message on stderr, always. */
  warn(line: string): void;
  /** One event, when events were asked for. */
  event(type: string, fields?: object): void;
  /** The command's result, when JSON or events were asked for. */
  result(result: object): void;
  /** How the command failed: a message on stderr, and JSON where that was asked for. */
  error(error: { code: string; message: string; exitCode: number }): void;
  /** Redraws the lines at the bottom of the terminal; nothing without one. */
  live(lines: readonly string[]): void;
  /** Colours for stderr, where it takes them. */
  paint(style: Style, text: string): string;
}

export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr, env, json = false, quiet = false } = options;
  const hasEvents = options.events !== undefined;
  const isTerminal = stderr.isTTY === true && env.TERM !== "dumb";
  const isLive = isTerminal && !quiet;
  const isColoured = isTerminal && !env.NO_COLOR;
  const block = new LiveBlock(stderr);

  const print = (value: object): void => {
    // On a terminal both streams share the screen.
    block.clear();
    stdout.write(`${JSON.stringify(value)}\n`);
  };
  const say = (line: string): void => {
    block.writeAbove(isColoured ? line : stripVTControlCharacters(line));
  };

  return {
    isLive,
    data(line) {
      if (json || hasEvents) return;
      block.clear();
      stdout.write(`${line}\n`);
    },
    bytes: options.writeBytes ?? (async () => {}),
    note(line) {
      if (!quiet) say(line);
    },
    warn: say,
    event(type, fields) {
      if (hasEvents) print({ event: type, ...fields });
    },
    result(result) {
      if (hasEvents) print({ event: "result", ...result });
      else if (json) print(result);
    },
    error(error) {
      block.clear();
      say(`${this.paint("red", "shoal:")} ${error.message}`);
      if (hasEvents) print({ event: "error", ...error });
      else if (json) print({ error });
    },
    live(lines) {
      if (!isLive) return;
      if (lines.length === 0) block.clear();
      else block.show(lines);
    },
    paint: (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text),
  };
}
