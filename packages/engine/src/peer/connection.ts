import { createMessageReader, type MessageHandler, type MessageReader } from "@shoal/protocol";
import type { Endpoint, Slab, SlabPool, StreamSocket } from "@shoal/runtime";
import { isUtpSocket } from "@shoal/utp";
import { protocolError } from "../errors.ts";
import { SlabReceiver } from "./slab-receiver.ts";

/** A stream cipher working in place, one direction (MSE's RC4). */
export interface StreamCipher {
  encrypt(bytes: Uint8Array): void;
  decrypt(bytes: Uint8Array): void;
}

/** Takes the messages of a {@link Connection}. Whatever it throws closes the connection. */
export interface ConnectionHandler extends Omit<MessageHandler, "onBlockPart"> {
  /** A part of the block under way. `slab` is null when the bytes must be copied to be kept. */
  onBlockBytes(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void;
  /** All messages of one read were handled; `payloadBytes` of it were blocks. */
  onReadEnd(payloadBytes: number): void;
  onClosed(error: Error | null): void;
}

/** Takes the raw bytes before messages begin (handshakes). */
export type RawTaker = (bytes: Uint8Array) => void;

const SMALL_MESSAGES_BYTES = 4096;
/** A peer that asks without end and takes no answers is cut: two batches of blocks are a quarter of it. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

/**
 * A stream socket that carries peer messages: framing, encryption, and gathering of the small
 * messages of one turn into one write.
 *
 * It begins raw, for the handshake; {@link startMessages} turns it into messages for good.
 */
export class Connection {
  readonly #socket: StreamSocket;
  readonly receiver: SlabReceiver;
  #cipher: StreamCipher | null = null;
  #takeRaw: RawTaker | null;
  #handler: ConnectionHandler | null = null;
  #reader: MessageReader | null = null;
  #slab: Slab | null = null;
  #payloadBytes = 0;
  #onRawClosed: (error: Error | null) => void;
  #small: Uint8Array | null = null;
  #smallLength = 0;
  #closed = false;
  #error: Error | null = null;

  constructor(
    socket: StreamSocket,
    pool: SlabPool,
    takeRaw: RawTaker,
    onRawClosed: (error: Error | null) => void,
  ) {
    this.#socket = socket;
    this.#takeRaw = takeRaw;
    this.#onRawClosed = onRawClosed;
    this.receiver = new SlabReceiver(socket, pool, {
      onBytes: (bytes, from, to, slab) => this.#received(bytes, from, to, slab),
      onEnded: () => this.close(null),
      onClosed: (error) => this.#socketClosed(error),
    });
    this.receiver.start();
  }

  get remote(): Endpoint {
    return this.#socket.remote;
  }

  get isUtp(): boolean {
    return isUtpSocket(this.#socket);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isEncrypted(): boolean {
    return this.#cipher !== null;
  }

  /** Bytes not yet taken by the transport. */
  get queuedBytes(): number {
    return this.#socket.queuedBytes + this.#smallLength;
  }

  /** From here on everything is messages. `early` are decrypted bytes that came behind the handshake. */
  startMessages(handler: ConnectionHandler, early: Uint8Array): void {
    this.#handler = handler;
    this.#takeRaw = null;
    this.#reader = createMessageReader({
      onKeepAlive: () => handler.onKeepAlive(),
      onHave: (piece) => handler.onHave(piece),
      onRequest: (piece, begin, length) => handler.onRequest(piece, begin, length),
      onCancel: (piece, begin, length) => handler.onCancel(piece, begin, length),
      onReject: (piece, begin, length) => handler.onReject(piece, begin, length),
      onBlockStart: (piece, begin, length) => handler.onBlockStart(piece, begin, length),
      onBlockPart: (bytes, from, length) => {
        this.#payloadBytes += length;
        handler.onBlockBytes(bytes, from, length, this.#slab);
      },
      onBlockEnd: () => handler.onBlockEnd(),
      onMessage: (id, payload) => handler.onMessage(id, payload),
    });
    if (early.length > 0) this.#read(early, 0, early.length, null);
  }

  /** Everything after this is encrypted, both ways. */
  setCipher(cipher: StreamCipher): void {
    this.#cipher = cipher;
  }

  /** Sends bytes of an encryption handshake, as they are. */
  sendRaw(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.write(bytes);
  }

  /** Sends a small message; those of one turn leave together. The bytes are copied. */
  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (bytes.length > SMALL_MESSAGES_BYTES) {
      this.#flush();
      const own = this.#cipher === null ? bytes : bytes.slice();
      this.#cipher?.encrypt(own);
      this.#write(own);
      return;
    }
    if (this.#smallLength + bytes.length > SMALL_MESSAGES_BYTES) this.#flush();
    if (this.#small === null) {
      // As long as the first message, which is mostly the only one: with many peers, what is left over adds up.
      this.#small = new Uint8Array(bytes.length);
      queueMicrotask(() => this.#flush());
    }
    const end = this.#smallLength + bytes.length;
    if (end > this.#small.length) {
      const longer = new Uint8Array(Math.min(2 * end, SMALL_MESSAGES_BYTES));
      longer.set(this.#small);
      this.#small = longer;
    }
    this.#small.set(bytes, this.#smallLength);
    this.#smallLength = end;
  }

  /** Sends large bytes from where they lie; they are encrypted in place. `sent` is called exactly once. */
  sendPayload(bytes: Uint8Array, sent: (error: Error | null) => void): void {
    this.#flush();
    this.#cipher?.encrypt(bytes);
    this.#socket.write(bytes, sent);
  }

  /** Closes at once. `error` says why this side does so. */
  close(error: Error | null): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#error = error;
    this.#socket.destroy();
  }

  #flush(): void {
    const small = this.#small;
    if (small === null) return;
    this.#small = null;
    const bytes = small.subarray(0, this.#smallLength);
    this.#smallLength = 0;
    if (this.#closed || bytes.length === 0) return;
    this.#cipher?.encrypt(bytes);
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
    if (this.#socket.queuedBytes > MAX_QUEUED_BYTES) {
      this.close(protocolError("it asks for more than it takes"));
    }
  }

  #received(bytes: Uint8Array, from: number, to: number, slab: Slab | null): void {
    if (this.#closed) return;
    if (this.#takeRaw !== null) {
      // Copied: a handshake is small, and its reader keeps what it gets.
      const copy = new Uint8Array(bytes.subarray(from, to));
      this.#cipher?.decrypt(copy);
      this.#guard(() => this.#takeRaw?.(copy));
      return;
    }
    this.#cipher?.decrypt(bytes.subarray(from, to));
    this.#read(bytes, from, to, slab);
  }

  #read(bytes: Uint8Array, from: number, to: number, slab: Slab | null): void {
    this.#slab = slab;
    this.#payloadBytes = 0;
    this.#guard(() => {
      this.#reader!.push(bytes, from, to);
      if (!this.#closed) this.#handler!.onReadEnd(this.#payloadBytes);
    });
    this.#slab = null;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close(error as Error);
    }
  }

  #socketClosed(error: Error | null): void {
    this.#closed = true;
    const reason = this.#error ?? error;
    if (this.#handler !== null) this.#handler.onClosed(reason);
    else this.#onRawClosed(reason);
  }
}
