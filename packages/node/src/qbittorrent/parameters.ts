import type { HttpServerRequest } from "@shoal/runtime";
import { parseMultipart } from "./multipart.ts";
import { WebApiError } from "./web-api-error.ts";

/** Fields of one request; forms of programs have some twenty. */
export const MAX_FIELDS = 1000;
/** Hashes, tags or URLs in one field. */
export const MAX_ITEMS = 100_000;

/** A file that was sent with a form. */
export interface SentFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a request brings: its query, and its form of either kind. */
export class Parameters {
  readonly #fields = new Map<string, string>();
  readonly files: readonly SentFile[];

  private constructor(pairs: Iterable<readonly [string, string]>, files: readonly SentFile[]) {
    for (const [name, value] of pairs) {
      this.#fields.set(name, value);
      if (this.#fields.size > MAX_FIELDS) {
        throw new WebApiError(400, `More than ${MAX_FIELDS} fields.`);
      }
    }
    this.files = files;
  }

  /** @throws {WebApiError} 400 */
  static read({ target, headers, body }: HttpServerRequest): Parameters {
    const query = new URLSearchParams(target.split("?", 2)[1] ?? "");
    const type = headers["content-type"] ?? "";
    if (!/^multipart\/form-data/i.test(type)) {
      const form = new URLSearchParams(Buffer.from(body).toString("utf8"));
      return new Parameters([...query, ...form], []);
    }
    const parts = parseMultipart(type, body);
    const fields = parts
      .filter(({ fileName }) => fileName === null)
      .map(({ name, bytes }) => [name, Buffer.from(bytes).toString("utf8")] as const);
    const files = parts.flatMap(({ name, fileName, bytes }) =>
      fileName === null ? [] : [{ field: name, name: fileName, bytes }],
    );
    return new Parameters([...query, ...fields], files);
  }

  text(name: string): string | undefined {
    return this.#fields.get(name);
  }

  /** @throws {WebApiError} 400 when it is absent or empty. */
  needed(name: string): string {
    const value = this.#fields.get(name);
    if (value !== undefined && value !== "") return value;
    throw new WebApiError(400, `Missing required parameter: ${name}`);
  }

  flag(name: string): boolean | undefined {
    const value = this.#fields.get(name)?.toLowerCase();
    if (value === "true" || value === "1") return true;
    return value === "false" || value === "0" ? false : undefined;
  }

  /** @throws {WebApiError} 400 when it is no number within the bounds. */
  number(name: string, least = -(2 ** 53), most = 2 ** 53): number | undefined {
    const value = this.#fields.get(name)?.trim();
    if (value === undefined || value === "") return undefined;
    const number = Number(value);
    if (number >= least && number <= most) return number;
    throw new WebApiError(400, `${name}: expected a number from ${least} to ${most}.`);
  }

  /** @throws {WebApiError} 400 for more than {@link MAX_ITEMS}. */
  list(name: string, separator: string | RegExp): string[] {
    const items = (this.#fields.get(name) ?? "")
      .split(separator, MAX_ITEMS + 1)
      .map((item) => item.trim())
      .filter(Boolean);
    if (items.length > MAX_ITEMS) throw new WebApiError(400, `${name}: more than ${MAX_ITEMS}.`);
    return items;
  }

  /** One torrent's hash. @throws {WebApiError} 404 for what can be none. */
  hash(): string {
    const hash = this.needed("hash").toLowerCase();
    if (isHash(hash)) return hash;
    throw new WebApiError(404, "Torrent hash was not found.");
  }

  /** Torrents of a request about several. @throws {WebApiError} 400 when none are given. */
  hashes(): string[] | "all" {
    if (this.needed("hashes").trim().toLowerCase() === "all") return "all";
    return [...new Set(this.list("hashes", "|").map((hash) => hash.toLowerCase()))].filter(isHash);
  }
}

export function isHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
