import type { Clock, SlabPool, StreamSocket } from "@shoal/runtime";
import { PeerError } from "../errors.ts";
import { Connection } from "./connection.ts";

/** A handshake must be done within this time. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** No handshake is longer, MSE with all its padding included. */
const MAX_HELD_BYTES = 8 * 1024;

/** A new connection during its handshake: bytes are asked for by number, all under one deadline. */
export class RawStream {
  readonly connection: Connection;
  #held: Uint8Array = new Uint8Array(0);
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  #cancelTimer: () => void;

  constructor(socket: StreamSocket, pool: SlabPool, clock: Clock) {
    this.connection = new Connection(
      socket,
      pool,
      (bytes) => this.#take(bytes),
      (error) => this.#fail(error ?? new PeerError("closed", "the peer closed the connection")),
    );
    const timer = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
      this.#fail(
        new PeerError("handshake-timeout", "the peer did not finish its handshake in 10 s"),
      ),
    );
    this.#cancelTimer = () => timer.cancel();
  }

  /** The first `lengthBytes` bytes that arrive, without consuming them. @throws {PeerError} */
  async peek(lengthBytes: number): Promise<Uint8Array> {
    while (this.#held.length < lengthBytes) {
      this.#throwIfFailed();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#held.subarray(0, lengthBytes);
  }

  /** Consumes `lengthBytes` bytes. @throws {PeerError} */
  async read(lengthBytes: number): Promise<Uint8Array> {
    const bytes = await this.peek(lengthBytes);
    this.#held = this.#held.subarray(lengthBytes);
    return bytes;
  }

  /** Consumes whatever there is, at least one byte. @throws {PeerError} */
  async readSome(): Promise<Uint8Array> {
    await this.peek(1);
    return this.drain();
  }

  /** Everything that has arrived and was not consumed. */
  drain(): Uint8Array {
    const bytes = this.#held;
    this.#held = new Uint8Array(0);
    return bytes;
  }

  /** Puts bytes back in front. */
  unread(bytes: Uint8Array): void {
    this.#held = concat(bytes, this.#held);
  }

  send(bytes: Uint8Array): void {
    this.connection.sendRaw(bytes);
  }

  /** Ends the deadline: the handshake is done. */
  finish(): void {
    this.#cancelTimer();
  }

  /** Closes a connection whose handshake failed. */
  abandon(error: Error): void {
    this.#cancelTimer();
    this.connection.close(error);
  }

  #take(bytes: Uint8Array): void {
    this.#held = concat(this.#held, bytes);
    if (this.#held.length > MAX_HELD_BYTES) {
      this.#fail(new PeerError("handshake-failed", "the peer sent too much before its handshake"));
    }
    this.#notify();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#cancelTimer();
    this.connection.close(error);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
