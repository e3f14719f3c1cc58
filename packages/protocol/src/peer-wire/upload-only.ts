import { PeerWireError } from "../errors.ts";

/**
 * Tells a peer whether this side will ask for anything more: between two that will not, a
 * connection is of no use.
 * @returns Payload of an `upload_only` extension message.
 * @see BEP 21
 */
export function encodeUploadOnly(uploadOnly: boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(uploadOnly ? 1 : 0);
}

/** @throws {PeerWireError} `bad-extension-message` when the payload is not 1 byte long. */
export function decodeUploadOnly(payload: Uint8Array): boolean {
  if (payload.length !== 1) {
    throw new PeerWireError(
      "bad-extension-message",
      payload.length,
      `an upload_only message has a payload of 1 byte, not ${payload.length}`,
    );
  }
  return payload[0] !== 0;
}
