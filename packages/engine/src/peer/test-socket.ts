import { NetError, type ReceiveSink, type StreamSocket } from "@shoal/runtime";

interface TestWrite {
  readonly bytes: Uint8Array;
  readonly sent: ((error: Error | null) => void) | undefined;
}

/** A socket whose network is the test: it asks for buffers as the real one does, right after each read. */
export class TestSocket implements StreamSocket {
  readonly remote = { address: "10.0.0.2", port: 6881 };
  readonly local = { address: "10.0.0.1", port: 50_000 };
  queuedBytes = 0;
  isPaused = false;
  isDestroyed = false;
  readonly writes: TestWrite[] = [];
  #sink: ReceiveSink | null = null;
  #place: Uint8Array | null = null;

  receive(sink: ReceiveSink): void {
    this.#sink = sink;
    this.#place = sink.buffer();
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    this.writes.push({ bytes, sent });
    this.queuedBytes += bytes.length;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** One read of the kernel. @returns How many of the bytes fitted; 0 while paused or closed. */
  arrive(bytes: Uint8Array): number {
    if (this.isPaused || this.isDestroyed) return 0;
    const place = this.#place!;
    const part = bytes.subarray(0, place.length);
    place.set(part);
    this.#sink!.received(part.length, place);
    if (!this.isDestroyed) this.#place = this.#sink!.buffer();
    return part.length;
  }

  /** Reads until all bytes are taken, or the socket is paused. @returns How many were taken. */
  arriveAll(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      const taken = this.arrive(bytes.subarray(at));
      if (taken === 0) break;
      at += taken;
    }
    return at;
  }

  /** The network takes all that was written. */
  drain(): void {
    this.queuedBytes = 0;
    for (const { sent } of this.writes.splice(0)) sent?.(null);
  }

  /** The socket is gone; what was not taken is answered with an error. */
  close(error: Error | null = null): void {
    this.isDestroyed = true;
    for (const { sent } of this.writes.splice(0)) sent?.(new NetError("reset", "closed"));
    this.#sink!.closed(error);
  }
}
