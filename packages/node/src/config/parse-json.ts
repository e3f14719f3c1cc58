import { ShoalError } from "@shoal/runtime";

/** Text that is no JSON. The message says where. */
export class JsonError extends ShoalError<"bad-json"> {
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super("bad-json", message);
    this.line = line;
  }
}

/** A value, and where its parts stand. */
export interface PlacedJson {
  readonly value: unknown;
  /** The line, counted from 1, that holds a part of the value or comes nearest to it. */
  lineOf(path: readonly PropertyKey[]): number;
}

const SPACE = /[\t\n\r ]*/y;
const SCALAR = /"(?:[^"\\\p{Cc}]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/uy;
/** Far more than any configuration needs. */
const MAX_DEPTH = 20;

/**
 * Reads JSON that people write by hand: unlike `JSON.parse` it knows lines, and refuses a name that comes twice.
 * @throws {JsonError}
 */
export function parseJson(text: string): PlacedJson {
  const reader = new Reader(text);
  const value = reader.read();
  return {
    value,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = reader.lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

function keyOf(path: readonly PropertyKey[]): string {
  return path.map(String).join("\0");
}

class Reader {
  readonly lines = new Map<string, number>();
  readonly #text: string;
  readonly #path: PropertyKey[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value();
    if (this.#peek() !== "") throw this.#error("nothing more");
    return value;
  }

  #value(): unknown {
    if (this.#path.length > MAX_DEPTH) throw this.#error("fewer levels");
    const next = this.#peek();
    this.lines.set(keyOf(this.#path), this.#line());
    if (next === "{") return this.#object();
    if (next === "[") return this.#array();
    return this.#scalar("a value");
  }

  #object(): object {
    const entries = new Map<string, unknown>();
    this.#each("{", "}", () => {
      if (this.#peek() !== '"') throw this.#error("a name in double quotes");
      const name = this.#scalar("a name") as string;
      if (entries.has(name)) throw this.#error(`each name once: ${JSON.stringify(name)} is there`);
      this.#take(":");
      this.#path.push(name);
      entries.set(name, this.#value());
      this.#path.pop();
    });
    return Object.fromEntries(entries);
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    this.#each("[", "]", () => {
      this.#path.push(values.length);
      values.push(this.#value());
      this.#path.pop();
    });
    return values;
  }

  #each(open: string, close: string, readOne: () => void): void {
    this.#take(open);
    if (this.#peek() !== close) {
      do readOne();
      while (this.#has(","));
    }
    this.#take(close);
  }

  #scalar(wanted: string): unknown {
    SCALAR.lastIndex = this.#at;
    const found = SCALAR.exec(this.#text)?.[0];
    try {
      const value: unknown = JSON.parse(found ?? "");
      this.#at += found!.length;
      return value;
    } catch {
      throw this.#error(wanted);
    }
  }

  #has(sign: string): boolean {
    const isThere = this.#peek() === sign;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #take(sign: string): void {
    if (!this.#has(sign)) throw this.#error(`"${sign}"`);
  }

  /** The next character that says something; empty at the end. */
  #peek(): string {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text.charAt(this.#at);
  }

  #line(): number {
    let line = 1;
    for (let at = 0; at < this.#at; at++) if (this.#text.charAt(at) === "\n") line += 1;
    return line;
  }

  #error(wanted: string): JsonError {
    const got = this.#peek();
    const words = got === "" ? "the end" : JSON.stringify(got);
    return new JsonError(this.#line(), `Expected ${wanted}, got ${words}.`);
  }
}
