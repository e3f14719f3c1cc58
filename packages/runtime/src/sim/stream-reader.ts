import type { ReceiveSink, StreamSocket } from "../ports/net.ts";

const READ_BYTES = 16 * 1024;
/** Beyond this much unread the socket is paused. */
const MAX_WAITING_BYTES = 64 * 1024;

/** Reads a socket by promises. */
export class StreamReader implements ReceiveSink {
  readonly #socket: StreamSocket;
  readonly #place = new Uint8Array(READ_BYTES);
  #waiting: Uint8Array = new Uint8Array();
  #isEnded = false;
  #error: Error | null = null;
  #wake: () => void = () => {};

  constructor(socket: StreamSocket) {
    this.#socket = socket;
    socket.receive(this);
  }

  buffer(): Uint8Array {
    return this.#place;
  }

  received(lengthBytes: number, buffer: Uint8Array): void {
    const joined = new Uint8Array(this.#waiting.length + lengthBytes);
    joined.set(this.#waiting);
    joined.set(buffer.subarray(0, lengthBytes), this.#waiting.length);
    this.#waiting = joined;
    if (joined.length > MAX_WAITING_BYTES) this.#socket.pause();
    this.#wake();
  }

  ended(): void {
    this.#isEnded = true;
    this.#wake();
  }

  closed(error: Error | null): void {
    this.#isEnded = true;
    this.#error = error;
    this.#wake();
  }

  /** Up to `maxBytes`, at least one; null at the end. @throws why the connection broke. */
  async readSome(maxBytes: number): Promise<Uint8Array | null> {
    return (await this.#fill(1)) ? this.#take(Math.min(maxBytes, this.#waiting.length)) : null;
  }

  /**
   * The bytes before `mark`, which is taken out too; null when the stream ends or `maxBytes` pass before it.
   * @throws why the connection broke.
   */
  async readUntil(mark: string, maxBytes: number): Promise<Uint8Array | null> {
    for (;;) {
      const found = Buffer.from(
        this.#waiting.buffer,
        this.#waiting.byteOffset,
        this.#waiting.length,
      );
      const at = found.indexOf(mark, 0, "latin1");
      if (at >= 0) {
        const before = this.#take(at);
        this.#take(mark.length);
        return before;
      }
      const known = this.#waiting.length;
      if (known >= maxBytes || !(await this.#fill(known + 1))) return null;
    }
  }

  /** Exactly `lengthBytes`; null when the stream ends before. @throws why the connection broke. */
  async readExactly(lengthBytes: number): Promise<Uint8Array | null> {
    return (await this.#fill(lengthBytes)) ? this.#take(lengthBytes) : null;
  }

  async #fill(wantedBytes: number): Promise<boolean> {
    while (this.#waiting.length < wantedBytes) {
      if (this.#error !== null) throw this.#error;
      if (this.#isEnded) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      // More is wanted than the socket was paused at.
      this.#socket.resume();
      await promise;
    }
    return true;
  }

  #take(lengthBytes: number): Uint8Array {
    const taken = this.#waiting.subarray(0, lengthBytes);
    this.#waiting = this.#waiting.subarray(lengthBytes);
    if (this.#waiting.length <= MAX_WAITING_BYTES) this.#socket.resume();
    return taken;
  }
}
