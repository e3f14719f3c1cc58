import { MseError } from "../errors.ts";
import type { StreamCipher } from "./rc4.ts";

/** How the stream goes on after the handshake. */
export type MseCrypto = "plaintext" | "rc4";

/** Bits of `crypto_provide` and `crypto_select`. */
export const CRYPTO_BITS = { plaintext: 0x01, rc4: 0x02 } as const;

/** The longest padding that either side may send, each time. */
export const MAX_PADDING_BYTES = 512;

/** The verification constant: eight zero bytes, which show that both sides hold the same key. */
export const VERIFICATION_LENGTH_BYTES = 8;

export interface MseResult {
  readonly crypto: MseCrypto;
  /** Enciphers what is sent, in place and in the order of the stream. Does nothing in plaintext. */
  readonly encrypt: StreamCipher;
  /** Deciphers what is received, in place and in the order of the stream. Does nothing in plaintext. */
  readonly decrypt: StreamCipher;
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** What the initiator sent along with the handshake; empty at the initiator. It comes before `remainder`. */
  readonly initialPayload: Uint8Array;
  /** What was received beyond the handshake, already deciphered. */
  readonly remainder: Uint8Array;
}

export interface MseProgress {
  /** To be sent now; empty when there is nothing. */
  readonly send: Uint8Array;
  /** Null until the handshake is done. */
  readonly result: MseResult | null;
}

/** One side of the handshake, without sockets or time: bytes in, bytes out. */
export interface MseHandshake {
  /** What the initiator sends first; empty at the responder. */
  readonly opening: Uint8Array;
  /**
   * Takes what was received, cut anywhere. The bytes are copied.
   * @throws {MseError} when the other side breaks the rules: the connection is of no more use.
   * @throws {TypeError} when the handshake is over.
   */
  receive(bytes: Uint8Array): MseProgress;
}

/** A side's course: it stops at each `yield` until more bytes are there. */
export type MseCourse = Generator<void, Omit<MseResult, "remainder">, void>;

/** Sends and receives on behalf of a {@link MseCourse}. */
export class MseExchange {
  #received = Buffer.alloc(MAX_PADDING_BYTES);
  #start = 0;
  #end = 0;
  #consumed = 0;
  #outgoing: Uint8Array[] = [];

  /** Bytes of the other side's stream that were read. */
  get offset(): number {
    return this.#consumed;
  }

  send(...parts: Uint8Array[]): void {
    this.#outgoing.push(...parts);
  }

  takeOutgoing(): Uint8Array {
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    return bytes;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#received.length) {
      // Doubled, so that a payload that comes a byte at a time is not copied each time.
      const left = this.#received.subarray(this.#start, this.#end);
      const grown = Buffer.alloc(2 * (left.length + bytes.length));
      grown.set(left);
      this.#received = grown;
      this.#start = 0;
      this.#end = left.length;
    }
    this.#received.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next bytes, a copy, deciphered when `cipher` is given. */
  *read(lengthBytes: number, cipher?: StreamCipher): Generator<void, Buffer, void> {
    while (this.#end - this.#start < lengthBytes) yield;
    const bytes = Buffer.from(this.#received.subarray(this.#start, this.#start + lengthBytes));
    this.#skip(lengthBytes);
    cipher?.(bytes);
    return bytes;
  }

  /**
   * Reads up to and with `mark`, which padding of unknown length precedes.
   * @throws {MseError} `no-sync` when it cannot come any more within the longest padding.
   */
  *skipPast(mark: Uint8Array): Generator<void, void, void> {
    const window = MAX_PADDING_BYTES + mark.length;
    for (;;) {
      const seen = this.#received.subarray(this.#start, Math.min(this.#end, this.#start + window));
      const at = seen.indexOf(mark);
      if (at >= 0) return this.#skip(at + mark.length);
      if (seen.length === window) {
        throw new MseError(
          "no-sync",
          this.#consumed + window,
          `the ${mark.length} bytes that follow the padding did not come within ${window} bytes`,
        );
      }
      yield;
    }
  }

  takeRest(): Buffer {
    const rest = Buffer.from(this.#received.subarray(this.#start, this.#end));
    this.#skip(rest.length);
    return rest;
  }

  #skip(lengthBytes: number): void {
    this.#start += lengthBytes;
    this.#consumed += lengthBytes;
  }
}

/** Drives a course with the bytes that come. */
export function runMseCourse(exchange: MseExchange, course: MseCourse): MseHandshake {
  let isOver = false;

  const advance = (): MseResult | null => {
    isOver = true; // Also when the course throws.
    const step = course.next();
    isOver = step.done === true;
    if (!step.done) return null;
    const remainder = exchange.takeRest();
    step.value.decrypt(remainder);
    return { ...step.value, remainder };
  };

  advance();
  return {
    opening: exchange.takeOutgoing(),
    receive: (bytes) => {
      if (isOver) throw new TypeError("the MSE handshake is over; feed its result's streams");
      exchange.push(bytes);
      const result = advance();
      return { send: exchange.takeOutgoing(), result };
    },
  };
}

/** Random bytes of a random length, 0 to 512, which hide how long the messages are. */
export function createPadding(randomBytes: (lengthBytes: number) => Uint8Array): Uint8Array {
  const [high = 0, low = 0] = randomBytes(2);
  return randomBytes(((high << 8) | low) % (MAX_PADDING_BYTES + 1));
}

/**
 * Reads the length of a padding that is announced, and the padding.
 * @throws {MseError} `bad-length` when it is longer than 512 bytes.
 */
export function* skipPadding(
  exchange: MseExchange,
  cipher: StreamCipher,
): Generator<void, void, void> {
  const length = (yield* exchange.read(2, cipher)).readUInt16BE();
  if (length > MAX_PADDING_BYTES) {
    throw new MseError(
      "bad-length",
      exchange.offset,
      `padding of ${length} bytes was announced; at most ${MAX_PADDING_BYTES} are allowed`,
    );
  }
  yield* exchange.read(length, cipher);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The ciphers of the stream after the handshake. */
export function streamCiphers(
  crypto: MseCrypto,
  encrypt: StreamCipher,
  decrypt: StreamCipher,
): Pick<MseResult, "crypto" | "encrypt" | "decrypt"> {
  if (crypto === "rc4") return { crypto, encrypt, decrypt };
  return { crypto, encrypt: leaveAsIs, decrypt: leaveAsIs };
}

function leaveAsIs(): void {}
