import { toSnake } from "./names.ts";
import { RpcError } from "./rpc-error.ts";

/** Names that one call may bring: the longest list of settings has some 60. */
export const MAX_ARGUMENTS = 500;
/** Values of a list: as many as a torrent may well have files. */
export const MAX_LIST = 100_000;
/** Characters of a text, but for a torrent file. */
export const MAX_TEXT = 64 * 1024;

/** What a call brings, read by its names in any spelling. What is absent is undefined; what is of the wrong kind is refused. */
export class Arguments {
  readonly #values = new Map<string, unknown>();

  /** @throws {RpcError} `invalid-params` for too many. */
  constructor(object: Readonly<Record<string, unknown>>) {
    const entries = Object.entries(object);
    if (entries.length > MAX_ARGUMENTS) {
      throw new RpcError("invalid-params", `More than ${MAX_ARGUMENTS} arguments.`);
    }
    for (const [name, value] of entries) {
      if (value !== null) this.#values.set(toSnake(name), value);
    }
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  raw(name: string): unknown {
    return this.#values.get(name);
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === "boolean") return value;
    // Older clients send what C calls a boolean.
    if (value === 0 || value === 1) return value === 1;
    throw wrong(name, "true or false");
  }

  /** @param most Beyond it a number is refused: no setting is that high, and sums with it stay exact. */
  number(name: string, least = 0, most = 2 ** 40): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= least && value <= most) return value;
    throw wrong(name, `a number from ${least} to ${most}`);
  }

  text(name: string, most = MAX_TEXT): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.length <= most) return value;
    throw wrong(name, `a text of ${most} characters at the most`);
  }

  texts(name: string, most = MAX_LIST): readonly string[] | undefined {
    return this.#list(name, most, (item) => typeof item === "string" && item.length <= MAX_TEXT);
  }

  numbers(name: string): readonly number[] | undefined {
    return this.#list(name, MAX_LIST, (item) => Number.isSafeInteger(item));
  }

  #list<Item>(
    name: string,
    most: number,
    isItem: (item: unknown) => boolean,
  ): readonly Item[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.length <= most && value.every(isItem)) {
      return value as readonly Item[];
    }
    throw wrong(name, `a list of ${most} values at the most`);
  }
}

function wrong(name: string, expected: string): RpcError {
  return new RpcError("invalid-params", `${name}: expected ${expected}.`);
}
