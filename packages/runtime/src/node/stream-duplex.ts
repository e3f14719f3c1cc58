import { Duplex } from "node:stream";
import type { StreamSocket } from "../ports/net.ts";

const READ_BYTES = 64 * 1024;

/** A connection of the `Net` port as the stream that Node's HTTP and TLS take. */
export class StreamDuplex extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: StreamSocket;
  #isPaused = false;

  constructor(socket: StreamSocket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.remoteAddress = socket.remote.address;
    this.remotePort = socket.remote.port;
    let place = new Uint8Array(READ_BYTES);
    socket.receive({
      buffer: () => place,
      received: (lengthBytes) => {
        const isSmall = lengthBytes < READ_BYTES / 2;
        const bytes = isSmall ? place.slice(0, lengthBytes) : place.subarray(0, lengthBytes);
        if (!isSmall) place = new Uint8Array(READ_BYTES);
        if (this.push(bytes)) return;
        this.#isPaused = true;
        socket.pause();
      },
      ended: () => void this.push(null),
      closed: (error) => void this.destroy(error ?? undefined),
    });
  }

  override _read(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  // What Node's agents ask of a socket; the connection below has no such settings.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
