import { readProtobuf } from "./protobuf.ts";
import { ChainError } from "../errors.ts";

/** What a message may hold: field number to kind. `each` marks those that may stand several times. */
export type MessageShape = Readonly<Record<number, "int" | "bytes" | "each">>;

const INT64_SIGN = 1n << 63n;

/**
 * A message read strictly: a field that its shape does not name, or that stands twice, is refused. Nodes
 * are laxer; but what one does not understand one should not sign.
 */
export class Message {
  readonly #name: string;
  readonly #ints = new Map<number, bigint>();
  readonly #bytes = new Map<number, Uint8Array[]>();

  /** @throws {ChainError} `bad-answer` */
  constructor(name: string, bytes: Uint8Array, shape: MessageShape) {
    this.#name = name;
    for (const field of readProtobuf(bytes)) {
      const expected = shape[field.number];
      const kind = field.kind === "varint" ? "int" : "bytes";
      if (expected === undefined || (expected === "int") !== (kind === "int")) {
        throw this.broken(`an unexpected field ${field.number} at byte ${field.at}`);
      }
      const seen = this.#ints.has(field.number) || this.#bytes.has(field.number);
      if (seen && expected !== "each") throw this.broken(`field ${field.number} twice`);
      if (field.kind === "varint") this.#ints.set(field.number, field.value);
      else {
        const values = this.#bytes.get(field.number) ?? [];
        values.push(field.value);
        this.#bytes.set(field.number, values);
      }
    }
  }

  /** An int64, negative ones included; 0 when absent. */
  int(number: number): bigint {
    const value = this.#ints.get(number) ?? 0n;
    return value >= INT64_SIGN ? value - 2n * INT64_SIGN : value;
  }

  /** A whole number that an amount or a time can be: from 0 up to `max`. */
  natural(number: number, max: bigint = INT64_SIGN - 1n): bigint {
    const value = this.int(number);
    if (value < 0n || value > max) throw this.broken(`${value} in field ${number}`);
    return value;
  }

  /** As `natural`, within what a number holds exactly. */
  number(number: number): number {
    return Number(this.natural(number, BigInt(Number.MAX_SAFE_INTEGER)));
  }

  flag(number: number): boolean {
    return this.int(number) !== 0n;
  }

  /** Empty when absent. */
  bytes(number: number): Uint8Array {
    return this.#bytes.get(number)?.[0] ?? new Uint8Array();
  }

  each(number: number): readonly Uint8Array[] {
    return this.#bytes.get(number) ?? [];
  }

  has(number: number): boolean {
    return this.#bytes.has(number) || this.#ints.has(number);
  }

  /** @throws {ChainError} when it is not UTF-8. */
  text(number: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes(number));
    } catch (error) {
      throw this.broken(`text in field ${number} that is not UTF-8`, error);
    }
  }

  /** The error for a message that holds what it should not. */
  broken(what: string, cause?: unknown): ChainError {
    return new ChainError("bad-answer", `${this.#name} has ${what}`, { cause });
  }
}
