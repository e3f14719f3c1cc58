import { crc32 } from "node:zlib";

/**
 * A frame of the journal: what one append writes. Marker, length and CRC-32 of the payload (each 32 bits, little
 * endian), then the payload. Since a frame is on the disk before the next is written, only the last may be torn.
 */
export const FRAME_HEADER_BYTES = 12;

/** "SHJ1": where a search through damage may begin again. */
const MARKER = Buffer.from("SHJ1", "latin1");

/** Room for a block full of calldata: 240 million gas at 4 a byte. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  MARKER.copy(frame);
  frame.writeUInt32LE(payload.length, 4);
  frame.writeUInt32LE(crc32(payload), 8);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** What stands at a place: a frame; the beginning of one, as long as more bytes may follow; or something else. */
export type FrameReading =
  | { readonly kind: "frame"; readonly payload: Uint8Array; readonly lengthBytes: number }
  | { readonly kind: "short"; readonly neededBytes: number }
  | { readonly kind: "broken" };

/** Reads the frame at an offset of `bytes`. */
export function readFrame(bytes: Buffer, at: number): FrameReading {
  if (bytes.length < at + FRAME_HEADER_BYTES) {
    return { kind: "short", neededBytes: FRAME_HEADER_BYTES };
  }
  if (MARKER.compare(bytes, at, at + MARKER.length) !== 0) return { kind: "broken" };
  const payloadBytes = bytes.readUInt32LE(at + 4);
  if (payloadBytes > MAX_FRAME_BYTES) return { kind: "broken" };
  const lengthBytes = FRAME_HEADER_BYTES + payloadBytes;
  if (bytes.length < at + lengthBytes) return { kind: "short", neededBytes: lengthBytes };
  const payload = bytes.subarray(at + FRAME_HEADER_BYTES, at + lengthBytes);
  if (crc32(payload) !== bytes.readUInt32LE(at + 8)) return { kind: "broken" };
  return { kind: "frame", payload, lengthBytes };
}

/** Where the next whole frame begins, from an offset on; null when there is none. */
export function findFrame(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(MARKER, from); at >= 0; at = bytes.indexOf(MARKER, at + 1)) {
    if (readFrame(bytes, at).kind === "frame") return at;
  }
  return null;
}
