import { NetError } from "../errors.ts";
import type { Endpoint } from "../ports/net.ts";
import { bytesToIp, ipToBytes } from "../address/ip-bytes.ts";

/**
 * The bytes of SOCKS5, as pure functions.
 * @see RFC 1928, and RFC 1929 for user and password
 */

const VERSION = 5;
const CREDENTIALS_VERSION = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

export const SOCKS_METHOD = { none: 0, credentials: 2 } as const;
export const SOCKS_COMMAND = { connect: 1, udpAssociate: 3 } as const;

/** A reply's bytes that tell how long it is. */
export const REPLY_START_BYTES = 5;

export interface SocksReply {
  /** 0: done. */
  readonly code: number;
  /** Null when it was given by name. */
  readonly bound: Endpoint | null;
}

export function encodeGreeting(hasCredentials: boolean): Uint8Array {
  return hasCredentials
    ? Uint8Array.of(VERSION, 2, SOCKS_METHOD.none, SOCKS_METHOD.credentials)
    : Uint8Array.of(VERSION, 1, SOCKS_METHOD.none);
}

/**
 * @param bytes 2 of them.
 * @returns the method that the proxy chose; 255 when it takes none.
 * @throws {NetError} `proxy-failed` when this is no SOCKS5.
 */
export function decodeChoice(bytes: Uint8Array): number {
  if (bytes[0] !== VERSION) throw new NetError("proxy-failed", "it does not speak SOCKS5");
  return bytes[1]!;
}

/** @param user and password: 255 bytes at most. */
export function encodeCredentials(user: string, password: string): Uint8Array {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  return Buffer.concat([
    Uint8Array.of(CREDENTIALS_VERSION, name.length),
    name,
    Uint8Array.of(secret.length),
    secret,
  ]);
}

/** @param bytes 2 of them. */
export function areCredentialsTaken(bytes: Uint8Array): boolean {
  return bytes[1] === 0;
}

/**
 * @param host An IP address or a name of at most 255 bytes.
 * @throws {RangeError} for a longer name.
 */
export function encodeRequest(command: number, host: string, port: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(VERSION, command, 0), encodeAddress(host, port)]);
}

/**
 * The whole length of a reply.
 * @param start Its first {@link REPLY_START_BYTES} bytes.
 * @throws {NetError} `proxy-failed` when it is none.
 */
export function replyLengthBytes(start: Uint8Array): number {
  const lengthBytes = addressLengthBytes(start, 3);
  if (start[0] !== VERSION || lengthBytes === null) {
    throw new NetError("proxy-failed", "it answered what is no SOCKS5 reply");
  }
  return 3 + lengthBytes;
}

/** @param bytes As many as {@link replyLengthBytes} says. */
export function decodeReply(bytes: Uint8Array): SocksReply {
  return { code: bytes[1]!, bound: decodeAddress(bytes, 3) };
}

/** What the payload of a datagram to `to` is preceded by. */
export function encodeDatagramHeader(to: Endpoint): Uint8Array {
  return Buffer.concat([Uint8Array.of(0, 0, 0), encodeAddress(to.address, to.port)]);
}

/**
 * Where a datagram comes from, and where its payload starts. Null when it is none, has a name for a
 * sender, or is a fragment, which nobody sends and an implementation may drop.
 */
export function decodeDatagram(
  bytes: Uint8Array,
): { readonly from: Endpoint; readonly payloadAt: number } | null {
  const lengthBytes = bytes[2] === 0 ? addressLengthBytes(bytes, 3) : null;
  if (lengthBytes === null || bytes.length < 3 + lengthBytes) return null;
  const from = decodeAddress(bytes, 3);
  return from === null ? null : { from, payloadAt: 3 + lengthBytes };
}

function encodeAddress(host: string, port: number): Uint8Array {
  const ip = ipToBytes(host);
  const name = ip === null ? Buffer.from(host) : null;
  if (name !== null && (name.length === 0 || name.length > 255)) {
    throw new RangeError(`a name has 1 to 255 bytes, not ${name.length}`);
  }
  return Buffer.concat([
    name === null
      ? Uint8Array.of(ip!.length === 4 ? IPV4 : IPV6)
      : Uint8Array.of(NAME, name.length),
    name ?? ip!,
    Uint8Array.of(port >> 8, port & 255),
  ]);
}

/** Of type, address and port together; null when the type is unknown. */
function addressLengthBytes(bytes: Uint8Array, at: number): number | null {
  const type = bytes[at];
  if (type === IPV4) return 7;
  if (type === IPV6) return 19;
  return type === NAME && bytes.length > at + 1 ? 4 + bytes[at + 1]! : null;
}

function decodeAddress(bytes: Uint8Array, at: number): Endpoint | null {
  if (bytes[at] === NAME) return null;
  const end = at + 1 + (bytes[at] === IPV4 ? 4 : 16);
  const port = (bytes[end]! << 8) | bytes[end + 1]!;
  return { address: bytesToIp(bytes.subarray(at + 1, end)), port };
}
