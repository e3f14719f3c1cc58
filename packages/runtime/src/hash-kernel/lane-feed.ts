import type { Parts } from "../ports/disk.ts";
import { CHUNK_BYTES, LANE_BUFFER_BYTES } from "./scratch-layout.ts";

const LENGTH_BYTES = 8;

/**
 * Gives one message to one lane as runs of whole chunks that lie in one place. Only chunks that
 * straddle two parts, and the padding, are put together in the lane's buffer.
 *
 * Invariant: while the message is not finished, `chunks` is at least 1.
 */
export class LaneFeed {
  /** Where the current run starts. */
  place = 0;
  /** Chunks left in the current run. */
  chunks = 0;
  isFinished = true;

  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #buffer: number;
  #parts: Parts = [];
  #nextPart = 0;
  #partPlace = 0;
  #partBytes = 0;
  #messageBytes = 0;
  #isPadded = false;

  /** @param buffer place of this lane's buffer in `bytes`. */
  constructor(bytes: Uint8Array, buffer: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = buffer;
  }

  start(parts: Parts): void {
    this.#parts = parts;
    this.#nextPart = 0;
    this.#partBytes = 0;
    this.#messageBytes = 0;
    this.#isPadded = false;
    this.isFinished = false;
    this.#refill();
  }

  /** The lane has hashed `chunks` of the current run. */
  advance(chunks: number): void {
    this.place += chunks * CHUNK_BYTES;
    this.chunks -= chunks;
    if (this.chunks > 0) return;
    if (this.#isPadded) this.isFinished = true;
    else this.#refill();
  }

  #refill(): void {
    this.#skipEmptyParts();
    if (this.#partBytes < CHUNK_BYTES) return this.#gather();
    this.place = this.#partPlace;
    this.chunks = Math.floor(this.#partBytes / CHUNK_BYTES);
    this.#take(this.chunks * CHUNK_BYTES);
  }

  #gather(): void {
    let filledBytes = 0;
    while (filledBytes < CHUNK_BYTES && this.#partBytes > 0) {
      const { place, lengthBytes } = this.#take(CHUNK_BYTES - filledBytes);
      this.#bytes.copyWithin(this.#buffer + filledBytes, place, place + lengthBytes);
      filledBytes += lengthBytes;
      this.#skipEmptyParts();
    }
    this.place = this.#buffer;
    this.chunks = 1;
    if (filledBytes < CHUNK_BYTES) this.#pad(filledBytes);
  }

  /** FIPS 180-4, section 5.1.1: a one bit, zeros, and the message's length in bits. */
  #pad(filledBytes: number): void {
    const fits = filledBytes + 1 + LENGTH_BYTES <= CHUNK_BYTES;
    const end = this.#buffer + (fits ? CHUNK_BYTES : LANE_BUFFER_BYTES);
    this.#bytes.fill(0, this.#buffer + filledBytes, end);
    this.#bytes[this.#buffer + filledBytes] = 0x80;
    this.#view.setBigUint64(end - LENGTH_BYTES, BigInt(this.#messageBytes) * 8n);
    this.chunks = fits ? 1 : 2;
    this.#isPadded = true;
  }

  /** Takes up to `limitBytes` from the current part. */
  #take(limitBytes: number): { place: number; lengthBytes: number } {
    const place = this.#partPlace;
    const lengthBytes = Math.min(limitBytes, this.#partBytes);
    this.#partPlace += lengthBytes;
    this.#partBytes -= lengthBytes;
    this.#messageBytes += lengthBytes;
    return { place, lengthBytes };
  }

  #skipEmptyParts(): void {
    while (this.#partBytes === 0 && this.#nextPart < this.#parts.length) {
      this.#partPlace = this.#parts[this.#nextPart] ?? 0;
      this.#partBytes = this.#parts[this.#nextPart + 1] ?? 0;
      this.#nextPart += 2;
    }
  }
}
