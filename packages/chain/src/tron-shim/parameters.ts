/** What a request asks with: the fields of its body, or those of its query. */
export class Parameters {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws {SyntaxError} when the body is no object of JSON. */
  constructor(query: URLSearchParams, body: Uint8Array) {
    const fields: Record<string, unknown> = Object.fromEntries(query);
    if (body.length > 0) {
      const parsed: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
      if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
        throw new SyntaxError("expected an object");
      }
      Object.assign(fields, parsed);
    }
    this.#fields = fields;
  }

  /** Empty when absent. Numbers are taken as their digits. */
  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value === "string") return value;
    return typeof value === "number" ? String(value) : "";
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    return value === true || value === "true";
  }

  /** 0 when absent. @throws {RangeError} for what is no whole number. */
  integer(name: string): bigint {
    const text = this.text(name);
    if (text === "") return 0n;
    if (!/^-?\d{1,19}$/.test(text)) throw new RangeError(`${name} is no whole number`);
    return BigInt(text);
  }

  number(name: string): number {
    return Number(this.integer(name));
  }

  /** Empty when absent; also of a text that holds JSON, as `abi` does. */
  list(name: string): readonly unknown[] {
    const value = this.#fields[name];
    const list: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
    return Array.isArray(list) ? list : [];
  }
}
