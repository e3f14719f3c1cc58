import { PayWireError } from "../errors.ts";

/** Writes fields one after the other, big-endian. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(lengthBytes: number) {
    this.bytes = new Uint8Array(lengthBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  /** @throws {RangeError} when it is negative or does not fit. */
  u64(value: bigint): this {
    if (value < 0n || value >> 64n !== 0n) throw new RangeError(`${value} is no unsigned 64 bits`);
    this.#view.setBigUint64(this.#at, value);
    this.#at += 8;
    return this;
  }

  /** @throws {RangeError} when it is negative or does not fit. */
  u128(value: bigint): this {
    return this.u64(value >> 64n).u64(value & 0xffff_ffff_ffff_ffffn);
  }

  /** @throws {RangeError} when it is of another length. */
  fixed(bytes: Uint8Array, lengthBytes: number): this {
    if (bytes.length !== lengthBytes) {
      throw new RangeError(`expected ${lengthBytes} bytes, got ${bytes.length}`);
    }
    this.bytes.set(bytes, this.#at);
    this.#at += lengthBytes;
    return this;
  }
}

/** Reads what {@link ByteWriter} writes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @throws {PayWireError} when there are more or fewer bytes than such a message has. */
  constructor(bytes: Uint8Array, lengthBytes: number) {
    if (bytes.length !== lengthBytes) {
      throw new PayWireError(`a bt_pay message of ${bytes.length} bytes, expected ${lengthBytes}`);
    }
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  u64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8);
  }

  u128(): bigint {
    return (this.u64() << 64n) | this.u64();
  }

  /** A copy: messages lie in memory that is used again. */
  fixed(lengthBytes: number): Uint8Array {
    this.#at += lengthBytes;
    return this.#bytes.slice(this.#at - lengthBytes, this.#at);
  }
}
