import {
  compactLengthBytes,
  encodeCompactEndpoint,
  type PeerEndpoint,
} from "../endpoint/compact-endpoints.ts";
import { formatIp } from "../endpoint/ip-address.ts";
import { PeerWireError } from "../errors.ts";

/** Why a relay cannot bring two peers together, by what it is called and by its number on the wire. */
export const HOLEPUNCH_ERROR = {
  /** The endpoint is none that could be connected to. */
  noSuchPeer: 1,
  /** The relay is not connected to the target. */
  notConnected: 2,
  /** The target does not speak the extension. */
  noSupport: 3,
  /** The target is the relay itself. */
  noSelf: 4,
} as const;

/**
 * A `ut_holepunch` message, about the one at an endpoint.
 *
 * `rendezvous` asks a relay to have both sides connect, `connect` has its receiver do so over uTP at once, `error` says
 * why a rendezvous came to nothing; its `code` is one of {@link HOLEPUNCH_ERROR} or a number that is not known yet.
 */
export type HolepunchMessage =
  | { readonly type: "rendezvous" | "connect"; readonly endpoint: PeerEndpoint }
  | { readonly type: "error"; readonly endpoint: PeerEndpoint; readonly code: number };

/** By their numbers on the wire. */
const TYPES = ["rendezvous", "connect", "error"] as const;
const ERROR_CODE_BYTES = 4;

/**
 * Payload of a `ut_holepunch` message.
 * @throws {TypeError} when the address is not an IP address.
 * @throws {RangeError} when the port is not in 0..65535.
 * @see BEP 55
 */
export function encodeHolepunch(message: HolepunchMessage): Uint8Array<ArrayBuffer> {
  const endpoint = encodeCompactEndpoint(message.endpoint);
  const payload = new Uint8Array(2 + endpoint.length + ERROR_CODE_BYTES);
  payload[0] = TYPES.indexOf(message.type);
  payload[1] = endpoint.length === compactLengthBytes(4) ? 0 : 1;
  payload.set(endpoint, 2);
  if (message.type === "error") {
    new DataView(payload.buffer).setUint32(2 + endpoint.length, message.code);
  }
  return payload;
}

/**
 * Decodes the payload of a `ut_holepunch` message. Only an error needs to have a code: some leave it out of the others.
 * Bytes behind the message are ignored, since later versions may have more to say.
 * @returns Null when the type of the message, or of the address, is none of BEP 55.
 * @throws {PeerWireError} `bad-extension-message` when the payload is too short.
 */
export function decodeHolepunch(payload: Uint8Array): HolepunchMessage | null {
  if (payload.length < 2) throw tooShort(payload);
  const type = TYPES[payload[0]!];
  const addressType = payload[1]!;
  if (type === undefined || addressType > 1) return null;
  const addressBytes = addressType === 0 ? 4 : 16;
  const portAt = 2 + addressBytes;
  const codeAt = portAt + 2;
  if (payload.length < codeAt + (type === "error" ? ERROR_CODE_BYTES : 0)) throw tooShort(payload);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const endpoint = {
    address: formatIp(payload, addressBytes, 2),
    port: view.getUint16(portAt),
  };
  return type === "error" ? { type, endpoint, code: view.getUint32(codeAt) } : { type, endpoint };
}

function tooShort(payload: Uint8Array): PeerWireError {
  return new PeerWireError(
    "bad-extension-message",
    payload.length,
    `a ut_holepunch message of ${payload.length} bytes ends before its last field`,
  );
}
