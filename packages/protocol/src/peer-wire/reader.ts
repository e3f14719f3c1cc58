import { PeerWireError } from "../errors.ts";

/**
 * What a {@link MessageReader} found. The frequent messages come as numbers, without an object;
 * a block's payload comes as positions in the bytes that were pushed, so that it is never copied.
 */
export interface MessageHandler {
  onKeepAlive(): void;
  onHave(piece: number): void;
  onRequest(piece: number, begin: number, lengthBytes: number): void;
  onCancel(piece: number, begin: number, lengthBytes: number): void;
  onReject(piece: number, begin: number, lengthBytes: number): void;
  /** The header of a `piece` message: its payload follows through `onBlockPart`. */
  onBlockStart(piece: number, begin: number, lengthBytes: number): void;
  /** Payload of the block under way: `bytes[from]` up to `bytes[from + lengthBytes]` of the push. */
  onBlockPart(bytes: Uint8Array, from: number, lengthBytes: number): void;
  /** All parts of the block were handed over. */
  onBlockEnd(): void;
  /** Any other message. `payload` is a copy and belongs to the handler. */
  onMessage(id: number, payload: Uint8Array): void;
}

export interface MessageReader {
  /**
   * Reads what arrived: `bytes[from]` up to `bytes[to]`. Messages may be cut anywhere.
   * A handler may throw to refuse a message; the reader must not be used after that.
   * @throws {PeerWireError} `message-too-long` or `bad-length`.
   */
  push(bytes: Uint8Array, from: number, to: number): void;
}

const HAVE = 4;
const REQUEST = 6;
const PIECE = 7;
const CANCEL = 8;
const REJECT = 16;

/** The length prefix and the message's ID. */
const PREFIX_LENGTH = 5;
const HEADER_LENGTH_OF_PIECE = 13;

const KEPT_SCRATCH_BYTES = 4096;

/** A longer message is refused: nothing that the protocol needs comes near it. */
export const MAX_MESSAGE_LENGTH_BYTES = 1024 * 1024;

/**
 * Splits a stream of peer messages (BEP 3) where it lies.
 *
 * Invariant: either a block's payload is under way (`blockLeft > 0`), or `held` bytes of one
 * incomplete message or header wait in `scratch`, never both.
 */
export function createMessageReader(handler: MessageHandler): MessageReader {
  let scratch = new Uint8Array(64);
  let held = 0;
  let blockLeft = 0;

  /**
   * Bytes that must be there before the message that starts at `at` can be handled; of a `piece`
   * message only its header. `available` says how many are there.
   */
  function neededBytes(bytes: Uint8Array, at: number, available: number): number {
    if (available < 4) return 4;
    const length = readUint32(bytes, at);
    if (length === 0) return 4;
    if (length > MAX_MESSAGE_LENGTH_BYTES) {
      throw new PeerWireError(
        "message-too-long",
        at,
        `a message of ${length} bytes was announced; at most ${MAX_MESSAGE_LENGTH_BYTES} are taken`,
      );
    }
    if (available < PREFIX_LENGTH) return PREFIX_LENGTH;
    if (bytes[at + 4] === PIECE) {
      if (length < 9) throw badLength(at, "piece", length, "at least 9");
      return HEADER_LENGTH_OF_PIECE;
    }
    return 4 + length;
  }

  /** Handles the message at `at`, which is there whole (of a `piece` message: its header). */
  function handle(bytes: Uint8Array, at: number): void {
    const length = readUint32(bytes, at);
    if (length === 0) {
      handler.onKeepAlive();
      return;
    }
    const id = bytes[at + 4]!;
    switch (id) {
      case PIECE:
        blockLeft = length - 9;
        handler.onBlockStart(readUint32(bytes, at + 5), readUint32(bytes, at + 9), blockLeft);
        if (blockLeft === 0) handler.onBlockEnd();
        return;
      case HAVE:
        if (length !== 5) throw badLength(at, "have", length, "5");
        handler.onHave(readUint32(bytes, at + 5));
        return;
      case REQUEST:
      case CANCEL:
      case REJECT: {
        if (length !== 13) throw badLength(at, "request, cancel or reject", length, "13");
        const piece = readUint32(bytes, at + 5);
        const begin = readUint32(bytes, at + 9);
        const lengthBytes = readUint32(bytes, at + 13);
        if (id === REQUEST) handler.onRequest(piece, begin, lengthBytes);
        else if (id === CANCEL) handler.onCancel(piece, begin, lengthBytes);
        else handler.onReject(piece, begin, lengthBytes);
        return;
      }
      default:
        handler.onMessage(id, copy(bytes, at + PREFIX_LENGTH, at + 4 + length));
    }
  }

  return {
    push(bytes, from, to) {
      let at = from;
      while (at < to) {
        if (blockLeft > 0) {
          const partLength = Math.min(blockLeft, to - at);
          blockLeft -= partLength;
          handler.onBlockPart(bytes, at, partLength);
          at += partLength;
          if (blockLeft === 0) handler.onBlockEnd();
          continue;
        }
        if (held === 0) {
          const needed = neededBytes(bytes, at, to - at);
          if (needed <= to - at) {
            handle(bytes, at);
            at += needed;
            continue;
          }
        }
        // Cut by the end of the push: the few bytes of a header, or a rare long message, are kept.
        const taken = Math.min(neededBytes(scratch, 0, held) - held, to - at);
        if (held + taken > scratch.length) scratch = grown(scratch, held, held + taken);
        scratch.set(bytes.subarray(at, at + taken), held);
        held += taken;
        at += taken;
        if (neededBytes(scratch, 0, held) > held) continue;
        held = 0;
        handle(scratch, 0);
        if (scratch.length > KEPT_SCRATCH_BYTES) scratch = new Uint8Array(64);
      }
    },
  };
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}

/** A copy in memory of its own: the pool's memory is shared, and text decoders refuse that. */
function copy(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const result = new Uint8Array(to - from);
  result.set(bytes.subarray(from, to));
  return result;
}

/** Grows with what has arrived, not with what was announced: an announcement costs a liar nothing. */
function grown(scratch: Uint8Array, held: number, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(Math.max(lengthBytes, scratch.length * 2));
  result.set(scratch.subarray(0, held));
  return result;
}

function badLength(at: number, name: string, length: number, expected: string): PeerWireError {
  return new PeerWireError(
    "bad-length",
    at,
    `a ${name} message has length ${length}; it must be ${expected}`,
  );
}
