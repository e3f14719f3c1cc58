import { NetError } from "../errors.ts";
import type { Endpoint, ReceiveSink, StreamSocket } from "../ports/net.ts";

const READ_BYTES = 1024;
/** A proxy that sends so much before it is asked to is none. The longest answer, of HTTP, has a few hundred bytes. */
const MAX_HELD_BYTES = 64 * 1024;

/**
 * A connection through a proxy: first its owner speaks with the proxy by promises, then it is the stream to
 * the other side. From then on what arrives goes straight into the receiver's buffers.
 */
export class ProxyStream implements StreamSocket {
  /** The other side's, once the way to it is open; until then the proxy's. */
  remote: Endpoint;
  readonly #socket: StreamSocket;
  readonly #place = new Uint8Array(READ_BYTES);
  #held: Uint8Array = new Uint8Array();
  #sink: ReceiveSink | null = null;
  #isEnded = false;
  #closed: { readonly error: Error | null } | null = null;
  #isPaused = false;
  #isGone = false;
  #wake: () => void = () => {};

  constructor(socket: StreamSocket) {
    this.#socket = socket;
    this.remote = socket.remote;
    socket.receive({
      buffer: () => this.#sink?.buffer() ?? this.#place,
      received: (lengthBytes, buffer) => this.#received(lengthBytes, buffer),
      ended: () => {
        this.#isEnded = true;
        if (this.#sink === null) this.#wake();
        else this.#sink.ended();
      },
      closed: (error) => {
        this.#closed = { error };
        if (this.#sink === null) this.#wake();
        else this.#sink.closed(error);
      },
    });
  }

  get local(): Endpoint {
    return this.#socket.local;
  }
  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  /**
   * Exactly so many bytes of the proxy's.
   * @throws {NetError} `proxy-failed` when the connection ends before.
   */
  async readExactly(lengthBytes: number): Promise<Uint8Array> {
    while (this.#held.length < lengthBytes) await this.#more();
    return this.#take(lengthBytes);
  }

  /**
   * What the proxy sends up to `mark`, which is taken out too.
   * @throws {NetError} `proxy-failed` when the connection ends, or `maxBytes` come, before.
   */
  async readUntil(mark: string, maxBytes: number): Promise<Uint8Array> {
    for (;;) {
      const at = Buffer.from(this.#held).indexOf(mark, 0, "latin1");
      if (at >= 0) {
        const before = this.#take(at);
        this.#take(mark.length);
        return before;
      }
      if (this.#held.length >= maxBytes) {
        throw new NetError("proxy-failed", "its answer is too long");
      }
      await this.#more();
    }
  }

  /** The way to the other side is open. What comes from now on is the receiver's. */
  open(remote: Endpoint): void {
    this.remote = remote;
    this.#socket.pause();
  }

  receive(sink: ReceiveSink): void {
    if (this.#sink !== null) throw new TypeError("receive() was called twice on one socket.");
    this.#sink = sink;
    // Never within the call: an owner sets up its state around it.
    queueMicrotask(() => {
      const held = this.#take(this.#held.length);
      this.#handOn(sink, held);
      if (this.#isGone && this.#closed === null) return;
      if (this.#isEnded) sink.ended();
      if (this.#closed !== null) sink.closed(this.#closed.error);
      else if (!this.#isPaused) this.#socket.resume();
    });
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    this.#socket.write(bytes, sent);
  }
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }
  resume(): void {
    this.#isPaused = false;
    if (this.#sink !== null) this.#socket.resume();
  }
  end(): void {
    this.#socket.end();
  }
  destroy(): void {
    this.#isGone = true;
    this.#socket.destroy();
  }

  #received(lengthBytes: number, buffer: Uint8Array): void {
    if (this.#sink !== null && buffer !== this.#place) {
      this.#sink.received(lengthBytes, buffer);
      return;
    }
    const bytes = buffer.subarray(0, lengthBytes);
    if (this.#sink !== null && this.#held.length === 0) {
      // The place for this read was asked for before there was a receiver.
      this.#handOn(this.#sink, bytes);
      return;
    }
    this.#held = Buffer.concat([this.#held, bytes]);
    if (this.#held.length > MAX_HELD_BYTES) this.destroy();
    this.#wake();
  }

  #handOn(sink: ReceiveSink, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#isGone;) {
      const place = sink.buffer();
      const part = bytes.subarray(at, at + place.length);
      place.set(part);
      at += part.length;
      sink.received(part.length, place);
    }
  }

  async #more(): Promise<void> {
    if (this.#isEnded || this.#closed !== null) {
      throw new NetError("proxy-failed", "it closed the connection", {
        cause: this.#closed?.error,
      });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }

  #take(lengthBytes: number): Uint8Array {
    const taken = this.#held.subarray(0, lengthBytes);
    this.#held = this.#held.subarray(lengthBytes);
    return taken;
  }
}
