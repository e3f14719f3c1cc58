import { PeerWireError } from "../errors.ts";

/**
 * Tells a peer that a piece announced before is gone.
 * @returns Payload of an `lt_donthave` extension message.
 * @see BEP 54
 */
export function encodeDontHave(piece: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(piece >>> 24, piece >>> 16, piece >>> 8, piece);
}

/**
 * The piece that a peer no longer has.
 * @throws {PeerWireError} `bad-extension-message` when the payload is not 4 bytes long.
 */
export function decodeDontHave(payload: Uint8Array): number {
  if (payload.length !== 4) {
    throw new PeerWireError(
      "bad-extension-message",
      payload.length,
      `an lt_donthave message has a payload of 4 bytes, not ${payload.length}`,
    );
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return view.getUint32(0);
}
