import type { Endpoint, ReceiveSink, StreamSocket } from "@shoal/runtime";
import { NetError } from "@shoal/runtime";
import type { Connection } from "../connection/connection.ts";
import type { ConnectionOwner } from "../connection/connection-ports.ts";

/**
 * A uTP connection as the stream that the rest of the program knows. Payload is copied once, from the
 * datagram to the place that the sink gives, and handed on once a turn: packets are small and reads dear.
 */
export class UtpStream implements StreamSocket, ConnectionOwner {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Calls `flush` of the connection soon. */
  readonly #wake: () => void;
  readonly #onConnected: () => void;
  readonly #onGone: (error: Error | null) => void;
  #connection!: Connection;
  #sink: ReceiveSink | null = null;
  #place: Uint8Array | null = null;
  #filled = 0;
  #isPaused = false;
  #isEnding = false;
  #closed: { readonly error: Error | null } | null = null;
  #isClosedTold = false;

  constructor(init: {
    remote: Endpoint;
    local: Endpoint;
    wake: () => void;
    onConnected: () => void;
    onGone: (error: Error | null) => void;
  }) {
    this.remote = init.remote;
    this.local = init.local;
    this.#wake = init.wake;
    this.#onConnected = init.onConnected;
    this.#onGone = init.onGone;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  get queuedBytes(): number {
    return this.#connection.sender.queue.lengthBytes;
  }

  receive(sink: ReceiveSink): void {
    if (this.#sink !== null) throw new TypeError("receive() was called twice on one socket.");
    this.#sink = sink;
    if (this.#closed === null) this.#wake();
    else queueMicrotask(() => this.#tellClosed());
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    if (this.#closed !== null || this.#isEnding) {
      if (sent === undefined) return;
      const { address, port } = this.remote;
      const error = new NetError(
        "reset",
        `The uTP connection with ${address} port ${port} is closed.`,
      );
      queueMicrotask(() => sent(error));
      return;
    }
    this.#connection.write(bytes, sent);
    this.#wake();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wake();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#connection.end();
    this.#wake();
  }

  destroy(): void {
    if (this.#closed !== null) return;
    this.#closed = { error: null };
    this.#place = null;
    this.#connection.destroy();
    this.#wake();
  }

  // From here on: called by the connection.

  deliver(bytes: Uint8Array, from: number, to: number): number {
    const sink = this.#sink;
    let at = from;
    while (at < to && sink !== null && !this.#isPaused && this.#closed === null) {
      this.#place ??= sink.buffer();
      const place = this.#place;
      const length = Math.min(to - at, place.length - this.#filled);
      if (length === bytes.length) place.set(bytes, this.#filled);
      else place.set(bytes.subarray(at, at + length), this.#filled);
      this.#filled += length;
      at += length;
      if (this.#filled === place.length) this.#handOn();
    }
    return at - from;
  }

  onConnected(): void {
    this.#onConnected();
  }

  onTurnEnd(): void {
    if (this.#filled > 0) this.#handOn();
    if (this.#sink !== null && !this.#isPaused && this.#closed === null) {
      this.#connection.resume();
      if (this.#filled > 0) this.#handOn();
    }
  }

  onEnded(): boolean {
    if (this.#sink === null || this.#isPaused || this.#closed !== null) return false;
    this.#sink.ended();
    return true;
  }

  onClosed(error: Error | null): void {
    this.#onGone(error);
    this.#closed ??= { error };
    this.#tellClosed();
  }

  #handOn(): void {
    const place = this.#place;
    const lengthBytes = this.#filled;
    this.#place = null;
    this.#filled = 0;
    if (place !== null && this.#closed === null) this.#sink?.received(lengthBytes, place);
  }

  #tellClosed(): void {
    if (this.#closed === null || this.#sink === null || this.#isClosedTold) return;
    this.#isClosedTold = true;
    this.#sink.closed(this.#closed.error);
  }
}

/** Whether a stream is a uTP connection. */
export function isUtpSocket(socket: StreamSocket): boolean {
  return socket instanceof UtpStream;
}
