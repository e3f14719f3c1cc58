import { ChainError } from "../errors.ts";

/** One field of a message: a whole number, or a run of bytes (a string, a message). */
export type ProtobufField =
  | {
      readonly number: number;
      readonly kind: "varint";
      readonly value: bigint;
      readonly at: number;
    }
  | {
      readonly number: number;
      readonly kind: "bytes";
      readonly value: Uint8Array;
      readonly at: number;
    };

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
const MAX_VARINT_BYTES = 10;
const INT64_MASK = (1n << 64n) - 1n;

/**
 * Splits a message of protocol buffers into its fields, in the order in which they stand.
 * Only what TRON's transactions use: whole numbers and runs of bytes.
 * @throws {ChainError} `bad-answer` with the offset, for anything that does not end where it should.
 */
export function readProtobuf(message: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let offset = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = message[offset++];
      if (byte === undefined) throw broken(offset, "ends within a number");
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value & INT64_MASK;
    }
    throw broken(offset, "has a number of more than 10 bytes");
  };
  while (offset < message.length) {
    const at = offset;
    const key = readVarint();
    const number = Number(key >> 3n);
    if (number < 1 || number > 0x1fff_ffff) throw broken(at, `has a field numbered ${number}`);
    const wire = Number(key & 7n);
    if (wire === WIRE_VARINT) {
      fields.push({ number, kind: "varint", value: readVarint(), at });
    } else if (wire === WIRE_BYTES) {
      const length = readVarint();
      if (length > BigInt(message.length - offset)) {
        throw broken(at, `announces ${length} bytes where ${message.length - offset} are left`);
      }
      const end = offset + Number(length);
      fields.push({ number, kind: "bytes", value: message.subarray(offset, end), at });
      offset = end;
    } else {
      throw broken(at, `has a field of wire type ${wire}`);
    }
  }
  return fields;
}

/** Writes a message of protocol buffers: fields with their default value are left out, as the standard has it. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number; int64, so that a negative one takes 10 bytes. */
  int(number: number, value: bigint | number): this {
    const integer = BigInt(value);
    if (integer === 0n) return this;
    this.#parts.push(varint(BigInt(number) << 3n), varint(integer & INT64_MASK));
    return this;
  }

  /** A run of bytes, or a message. */
  bytes(number: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(number, value);
  }

  /** A message that is written even when it is empty: its presence says something. */
  message(number: number, value: Uint8Array): this {
    this.#parts.push(
      varint((BigInt(number) << 3n) | BigInt(WIRE_BYTES)),
      varint(BigInt(value.length)),
      value,
    );
    return this;
  }

  text(number: number, value: string): this {
    return this.bytes(number, Buffer.from(value, "utf8"));
  }

  finish(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#parts));
  }
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function broken(offset: number, what: string): ChainError {
  return new ChainError("bad-answer", `message ${what}, at byte ${offset}`);
}
