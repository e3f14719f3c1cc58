import type { StreamSocket } from "../ports/net.ts";

/** Records what a socket receives, and lets a test wait for it. */
export interface StreamProbe {
  readonly socket: StreamSocket;
  /** Everything received so far. */
  received(): Buffer;
  /** Resolves once `lengthBytes` were received in all. */
  gets(lengthBytes: number): Promise<Buffer>;
  /** Resolves when the other side has ended. */
  readonly ended: Promise<void>;
  /** Resolves with the error of `closed`. */
  readonly closed: Promise<Error | null>;
  readonly isClosed: boolean;
  /** Calls to the sink after `closed`, and buffers that were not the one handed out: must stay 0. */
  readonly faults: number;
  /** Sends a copy and resolves when it was taken. */
  send(bytes: Uint8Array): Promise<void>;
}

/** @param bufferBytes The size of each buffer handed to the socket. */
export function probeStream(
  socket: StreamSocket,
  {
    bufferBytes = 64 * 1024,
    onReceived = () => {},
  }: { bufferBytes?: number; onReceived?: () => void } = {},
): StreamProbe {
  const chunks: Buffer[] = [];
  const waiting = new Set<() => void>();
  const ended = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<Error | null>();
  let isClosed = false;
  let faults = 0;
  let handedOut: Uint8Array | null = null;
  let totalBytes = 0;

  socket.receive({
    buffer() {
      if (isClosed) faults++;
      handedOut = new Uint8Array(bufferBytes);
      return handedOut;
    },
    received(lengthBytes, buffer) {
      if (isClosed || buffer !== handedOut || lengthBytes < 1 || lengthBytes > buffer.length)
        faults++;
      chunks.push(Buffer.from(buffer.subarray(0, lengthBytes)));
      totalBytes += lengthBytes;
      onReceived();
      for (const look of waiting) look();
    },
    ended() {
      if (isClosed) faults++;
      ended.resolve();
    },
    closed(error) {
      if (isClosed) faults++;
      isClosed = true;
      closed.resolve(error);
    },
  });

  return {
    socket,
    ended: ended.promise,
    closed: closed.promise,
    get isClosed() {
      return isClosed;
    },
    get faults() {
      return faults;
    },
    received: () => Buffer.concat(chunks),
    async gets(lengthBytes) {
      if (totalBytes < lengthBytes) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const look = () => {
          if (totalBytes >= lengthBytes) resolve();
        };
        waiting.add(look);
        await promise;
        waiting.delete(look);
      }
      return Buffer.concat(chunks);
    },
    async send(bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.write(bytes.slice(), (error) => (error === null ? resolve() : reject(error)));
      await promise;
    },
  };
}
