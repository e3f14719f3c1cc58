import {
  type Clock,
  type Endpoint,
  NetError,
  type ReceiveSink,
  type StreamSocket,
  type Timer,
} from "@shoal/runtime";
import type { DataChannel } from "./data-channel.ts";

/** What every browser takes in one message, and so what this side sends in one. */
const MESSAGE_BYTES = 64 * 1024;
/** What waits within the channel: enough to keep it busy from one look to the next. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** The library does not say when there is room again. */
const POLL_MS = 5;
/** A data channel cannot be told to wait: what comes while the reader rests is kept, up to this. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** What has left the channel is still on its way, and closing would drop it. */
const LINGER_MS = 1_000;

interface Write {
  readonly bytes: Uint8Array;
  readonly sent: ((error: Error | null) => void) | undefined;
}

/**
 * A data channel as a stream. Messages have no meaning: they are cut where it suits, and joined again.
 */
export class ChannelSocket implements StreamSocket {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #channel: DataChannel;
  readonly #clock: Clock;
  readonly #onClosed: () => void;
  /** Shared memory cannot be sent, nor can a part of a buffer that others write to. */
  #scratch: Uint8Array<ArrayBuffer> | null = null;
  readonly #writes: Write[] = [];
  #written = 0;
  #waitingBytes = 0;
  #timer: Timer | null = null;
  readonly #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #sink: ReceiveSink | null = null;
  #isPaused = false;
  #isEnding = false;
  #closed: { readonly error: Error | null } | null = null;
  /** The sink need not hear, or has heard, that the other side ended. */
  #isEnded = false;
  #isTold = false;

  /** @param init.onClosed Called once, when the channel is of no use any more. */
  constructor(init: {
    channel: DataChannel;
    clock: Clock;
    remote: Endpoint;
    local: Endpoint;
    onClosed: () => void;
  }) {
    const { channel } = init;
    this.#channel = channel;
    this.#clock = init.clock;
    this.remote = init.remote;
    this.local = init.local;
    this.#onClosed = init.onClosed;
    channel.addEventListener("close", () => this.#close(null));
    channel.addEventListener("error", () =>
      this.fail(new NetError("reset", "the data channel failed")),
    );
  }

  get queuedBytes(): number {
    return this.#waitingBytes + (this.#closed === null ? this.#channel.bufferedAmount : 0);
  }

  /** A message has come. */
  take(data: ArrayBuffer | string): void {
    if (this.#closed !== null) return;
    const bytes = typeof data === "string" ? Buffer.from(data) : new Uint8Array(data);
    if (bytes.length === 0) return;
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > MAX_UNREAD_BYTES) {
      return this.fail(new NetError("failed", "the peer sends more than was asked for"));
    }
    this.#deliver();
  }

  /** The connection below is gone. */
  fail(error: Error): void {
    this.#close(error);
  }

  receive(sink: ReceiveSink): void {
    this.#sink = sink;
    // Never within the call: the owner may not be ready for what is here already.
    queueMicrotask(() => this.#deliver());
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    if (this.#closed !== null || this.#isEnding) {
      const error = new NetError("reset", "the data channel is closed");
      if (sent !== undefined) queueMicrotask(() => sent(error));
      return;
    }
    this.#writes.push({ bytes, sent });
    this.#waitingBytes += bytes.length;
    if (this.#writes.length === 1) queueMicrotask(() => this.#pump());
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    queueMicrotask(() => this.#deliver());
  }

  end(): void {
    this.#isEnding = true;
    queueMicrotask(() => this.#pump());
  }

  destroy(): void {
    this.#unread.length = 0;
    this.#isEnded = true;
    this.#close(null);
    queueMicrotask(() => this.#deliver());
  }

  #pump(): void {
    if (this.#closed !== null || this.#timer !== null) return;
    while (this.#channel.bufferedAmount < MAX_BUFFERED_BYTES) {
      const write = this.#writes[0];
      if (write === undefined) break;
      const rest = write.bytes.subarray(this.#written, this.#written + MESSAGE_BYTES);
      if (rest.length > 0 && !this.#send(rest)) return;
      this.#written += rest.length;
      this.#waitingBytes -= rest.length;
      if (this.#written < write.bytes.length) continue;
      this.#writes.shift();
      this.#written = 0;
      write.sent?.(null);
      if (this.#isClosed) return;
    }
    const isDone = this.#writes.length === 0;
    if (isDone && !this.#isEnding) return;
    const isOut = isDone && this.#channel.bufferedAmount === 0;
    this.#timer = this.#clock.setTimer(isOut ? LINGER_MS : POLL_MS, () => {
      this.#timer = null;
      if (isOut) this.#close(null);
      else this.#pump();
    });
  }

  get #isClosed(): boolean {
    return this.#closed !== null;
  }

  #send(bytes: Uint8Array): boolean {
    this.#scratch ??= new Uint8Array(MESSAGE_BYTES);
    this.#scratch.set(bytes);
    try {
      this.#channel.send(this.#scratch.subarray(0, bytes.length));
      return true;
    } catch (cause) {
      this.fail(new NetError("reset", "the data channel takes nothing more", { cause }));
      return false;
    }
  }

  #deliver(): void {
    const sink = this.#sink;
    if (sink === null) return;
    while (!this.#isPaused && !this.#isTold) {
      const next = this.#unread[0];
      if (next === undefined) break;
      const place = sink.buffer();
      const length = Math.min(place.length, next.length);
      place.set(next.subarray(0, length));
      this.#unreadBytes -= length;
      if (length === next.length) this.#unread.shift();
      else this.#unread[0] = next.subarray(length);
      sink.received(length, place);
    }
    if (this.#closed === null || this.#isTold || this.#unread.length > 0) return;
    // No more of this after what the sink may do now.
    this.#isTold = true;
    if (this.#closed.error === null && !this.#isEnded) sink.ended();
    sink.closed(this.#closed.error);
  }

  #close(error: Error | null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#timer?.cancel();
    this.#channel.close();
    const failure = error ?? new NetError("reset", "the data channel is closed");
    for (const { sent } of this.#writes.splice(0)) queueMicrotask(() => sent?.(failure));
    this.#waitingBytes = 0;
    queueMicrotask(() => this.#deliver());
    this.#onClosed();
  }
}
