/** What a uTP packet is for (BEP 29, `type`). */
export const UTP_TYPE = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;

/** Kinds of the header's extensions. Others are skipped. */
export const UTP_EXTENSION = {
  none: 0,
  selectiveAck: 1,
  /**
   * Nobody's number: zeros that make a packet longer, to find out what size a path carries. Whoever sends it, of
   * whatever length, takes datagrams of any size himself.
   */
  padding: 0x5f,
} as const;

/** A header without extensions. */
export const UTP_HEADER_BYTES = 20;

const VERSION = 1;
const LAST_TYPE = UTP_TYPE.syn;

/** The fields of a header. Mutable and reused, since there is one for every packet of payload. */
export interface UtpHeader {
  /** One of {@link UTP_TYPE}. */
  type: number;
  /** The first extension's kind; 0 for none. */
  extension: number;
  /** 16 bits. */
  connectionId: number;
  /** When it was sent, in microseconds of the sender's clock; 32 bits. */
  timestampUs: number;
  /** How long the last packet of the other direction took by the two clocks; 32 bits, 0 when there was none. */
  timestampDifferenceUs: number;
  /** Bytes that the sender can still take; 32 bits. */
  windowBytes: number;
  /** 16 bits. */
  seqNr: number;
  /** The last packet that arrived in order; 16 bits. */
  ackNr: number;
}

/** A packet that was read: its header, and where in the datagram the rest lies. */
export interface UtpPacket extends UtpHeader {
  /** Where the bits of the selective acknowledgement start. */
  selectiveAckOffset: number;
  /** 0 when there is none. */
  selectiveAckBytes: number;
  /** Whether there is padding, of whatever length. */
  hasPadding: boolean;
  /** Where the payload starts; it reaches to the end of the datagram. */
  payloadOffset: number;
}

/** A packet to read into. */
export function createUtpPacket(): UtpPacket {
  return {
    type: UTP_TYPE.state,
    extension: UTP_EXTENSION.none,
    connectionId: 0,
    timestampUs: 0,
    timestampDifferenceUs: 0,
    windowBytes: 0,
    seqNr: 0,
    ackNr: 0,
    selectiveAckOffset: 0,
    selectiveAckBytes: 0,
    hasPadding: false,
    payloadOffset: 0,
  };
}

/**
 * Whether a datagram can be a uTP packet of version 1 by its first byte and its length. No DHT
 * message (`d`) and no answer of a UDP tracker (0) can be one.
 */
export function looksLikeUtp(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return (
    bytes.length >= UTP_HEADER_BYTES &&
    first !== undefined &&
    (first & 0x0f) === VERSION &&
    first >> 4 <= LAST_TYPE
  );
}

/**
 * Reads a datagram into `packet`. Unknown extensions are skipped; of two selective
 * acknowledgements the last one counts.
 * @returns False, with `packet` in no particular state, when it is no uTP packet or an extension
 * reaches beyond the end.
 * @see BEP 29, "header format"
 */
export function readUtpPacket(bytes: Uint8Array, packet: UtpPacket): boolean {
  if (!looksLikeUtp(bytes)) return false;
  packet.type = bytes[0]! >> 4;
  packet.extension = bytes[1]!;
  packet.connectionId = readUint16(bytes, 2);
  packet.timestampUs = readUint32(bytes, 4);
  packet.timestampDifferenceUs = readUint32(bytes, 8);
  packet.windowBytes = readUint32(bytes, 12);
  packet.seqNr = readUint16(bytes, 16);
  packet.ackNr = readUint16(bytes, 18);
  packet.selectiveAckOffset = 0;
  packet.selectiveAckBytes = 0;
  packet.hasPadding = false;
  let at = UTP_HEADER_BYTES;
  for (let kind = packet.extension; kind !== UTP_EXTENSION.none;) {
    if (at + 2 > bytes.length) return false;
    const next = bytes[at]!;
    const lengthBytes = bytes[at + 1]!;
    at += 2;
    if (at + lengthBytes > bytes.length) return false;
    if (kind === UTP_EXTENSION.selectiveAck) {
      // BEP 29 asks for whole 32-bit words, yet libtorrent sends as few bytes as it needs.
      packet.selectiveAckOffset = at;
      packet.selectiveAckBytes = lengthBytes;
    } else if (kind === UTP_EXTENSION.padding) {
      packet.hasPadding = true;
    }
    at += lengthBytes;
    kind = next;
  }
  packet.payloadOffset = at;
  return true;
}

/** Writes a header to the start of `target`; extensions and payload follow at 20. */
export function writeUtpHeader(target: Uint8Array, header: UtpHeader): void {
  target[0] = (header.type << 4) | VERSION;
  target[1] = header.extension;
  writeUint16(target, 2, header.connectionId);
  writeUint32(target, 4, header.timestampUs);
  writeUint32(target, 8, header.timestampDifferenceUs);
  writeUint32(target, 12, header.windowBytes);
  writeUint16(target, 16, header.seqNr);
  writeUint16(target, 18, header.ackNr);
}

/** Bytes that extensions of padding take in a header: 2 to 257 each. */
const LONGEST_EXTENSION_BYTES = 257;

/**
 * Writes extensions of zeros that take `lengthBytes` in all, the last of the header.
 * @throws {RangeError} when `lengthBytes` is below 2.
 */
export function writeUtpPadding(target: Uint8Array, offset: number, lengthBytes: number): void {
  if (lengthBytes < 2) throw new RangeError(`padding takes at least 2 bytes, not ${lengthBytes}`);
  for (let at = offset, left = lengthBytes; left > 0;) {
    // What is left must be enough for an extension of its own.
    let length = Math.min(left, LONGEST_EXTENSION_BYTES);
    if (left - length === 1) length -= 1;
    left -= length;
    target[at] = left > 0 ? UTP_EXTENSION.padding : UTP_EXTENSION.none;
    target[at + 1] = length - 2;
    target.fill(0, at + 2, at + length);
    at += length;
  }
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}

function writeUint16(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 8;
  target[at + 1] = value;
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
