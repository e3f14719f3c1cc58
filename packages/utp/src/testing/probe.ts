import type { StreamSocket } from "@shoal/runtime";

/** Keeps what a stream receives, and lets a test wait for it. */
export interface Probe {
  readonly socket: StreamSocket;
  readonly receivedBytes: number;
  received(): Buffer;
  readonly ended: Promise<void>;
  readonly closed: Promise<Error | null>;
  /** Calls after `closed`, and places that were not the last given: must stay 0. */
  readonly faults: number;
}

export function probe(
  socket: StreamSocket,
  options: {
    bufferBytes?: number;
    keep?: boolean;
    onReceived?: (lengthBytes: number) => void;
  } = {},
): Probe {
  const { bufferBytes = 65_536, keep = true, onReceived } = options;
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<Error | null>();
  let place: Uint8Array | null = null;
  let receivedBytes = 0;
  let isClosed = false;
  let faults = 0;
  socket.receive({
    buffer() {
      if (isClosed) faults++;
      place = new Uint8Array(bufferBytes);
      return place;
    },
    received(lengthBytes, buffer) {
      if (isClosed || buffer !== place || lengthBytes < 1) faults++;
      receivedBytes += lengthBytes;
      if (keep) chunks.push(Buffer.from(buffer.subarray(0, lengthBytes)));
      onReceived?.(lengthBytes);
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
    get receivedBytes() {
      return receivedBytes;
    },
    received: () => Buffer.concat(chunks),
    ended: ended.promise,
    closed: closed.promise,
    get faults() {
      return faults;
    },
  };
}

/** Bytes that differ from place to place and from seed to seed. */
export function pattern(lengthBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at < lengthBytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
