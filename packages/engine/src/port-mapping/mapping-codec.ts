import { formatIp, parseIp } from "@shoal/protocol";

/**
 * The bytes of NAT-PMP (RFC 6886) and of its successor PCP (RFC 6887), as far as port mapping needs them. A router
 * with NAT-PMP alone answers PCP with version 0.
 */

export type MappedProtocol = "tcp" | "udp";

/** What a router is asked for. A lifetime of 0 ends a mapping. */
export interface MappingRequest {
  readonly protocol: MappedProtocol;
  readonly internalPort: number;
  /** The port outside that is wished for; 0 where it does not matter. */
  readonly externalPort: number;
  readonly lifetimeS: number;
}

export interface MappingAnswer {
  readonly by: "pcp" | "nat-pmp";
  readonly protocol: MappedProtocol;
  readonly internalPort: number;
  /** 0: done. Others are the protocol's result codes. */
  readonly result: number;
  readonly externalPort: number;
  readonly lifetimeS: number;
  /** Null where the protocol does not tell it with the mapping. */
  readonly externalAddress: string | null;
}

/** What a datagram from a router says; `other-version`: it speaks NAT-PMP, not PCP. */
export type RouterAnswer = MappingAnswer | "other-version" | null;

/** Identifies a mapping: only who made it can end it. 12 bytes. */
export type PcpNonce = Uint8Array;

const PCP_VERSION = 2;
const PCP_MAP_REQUEST = 1;
const ANSWER_BIT = 0x80;
const PCP_BYTES = 60;
const PCP_PROTOCOLS = { tcp: 6, udp: 17 } as const;
const NAT_PMP_OPCODES = { udp: 1, tcp: 2 } as const;
const NAT_PMP_ANSWER_BYTES = 16;

/** @param clientAddress This side's own address, as the router sees it (RFC 6887, 8.1). */
export function encodePcpMap(
  request: MappingRequest,
  nonce: PcpNonce,
  clientAddress: string,
): Uint8Array {
  const bytes = new Uint8Array(PCP_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = PCP_VERSION;
  bytes[1] = PCP_MAP_REQUEST;
  view.setUint32(4, request.lifetimeS);
  bytes.set(mapped(clientAddress), 8);
  bytes.set(nonce, 24);
  bytes[36] = PCP_PROTOCOLS[request.protocol];
  view.setUint16(40, request.internalPort);
  view.setUint16(42, request.externalPort);
  // No wish for an address: all zeros, of the family of the mapping (RFC 6887, 11.1).
  bytes.set(mapped("0.0.0.0"), 44);
  return bytes;
}

export function encodeNatPmpMap(request: MappingRequest): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  bytes[1] = NAT_PMP_OPCODES[request.protocol];
  view.setUint16(4, request.internalPort);
  view.setUint16(6, request.externalPort);
  view.setUint32(8, request.lifetimeS);
  return bytes;
}

/**
 * @param nonce Of the PCP requests that were sent: an answer without it is not ours.
 * @returns null for what is no answer to a mapping request.
 */
export function decodeRouterAnswer(bytes: Uint8Array, nonce: PcpNonce): RouterAnswer {
  if (bytes.length < 4) return null;
  if (bytes[0] === PCP_VERSION) return decodePcp(bytes, nonce);
  if (bytes[0] !== 0) return null;
  return decodeNatPmp(bytes);
}

function decodePcp(bytes: Uint8Array, nonce: PcpNonce): RouterAnswer {
  if (bytes.length < PCP_BYTES || bytes[1] !== (PCP_MAP_REQUEST | ANSWER_BIT)) return null;
  if (!nonce.every((value, index) => bytes[24 + index] === value)) return null;
  const protocol = bytes[36] === 6 ? "tcp" : bytes[36] === 17 ? "udp" : null;
  if (protocol === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    by: "pcp",
    protocol,
    internalPort: view.getUint16(40),
    result: bytes[3]!,
    externalPort: view.getUint16(42),
    lifetimeS: view.getUint32(4),
    externalAddress: unmapped(bytes.subarray(44, 60)),
  };
}

function decodeNatPmp(bytes: Uint8Array): RouterAnswer {
  const opcode = bytes[1]! & ~ANSWER_BIT;
  if ((bytes[1]! & ANSWER_BIT) === 0) return null;
  const protocol = opcode === 1 ? "udp" : opcode === 2 ? "tcp" : null;
  // What PCP asked for is none of its opcodes, or a request for a mapping that is too long: it says its version.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const UNSUPPORTED_VERSION = 1;
  if (view.getUint16(2) === UNSUPPORTED_VERSION) return "other-version";
  if (protocol === null || bytes.length < NAT_PMP_ANSWER_BYTES) return null;
  return {
    by: "nat-pmp",
    protocol,
    internalPort: view.getUint16(8),
    result: view.getUint16(2),
    externalPort: view.getUint16(10),
    lifetimeS: view.getUint32(12),
    externalAddress: null,
  };
}

/** An IPv4 address within IPv6, or an IPv6 address. */
function mapped(address: string): Uint8Array {
  const ip = parseIp(address)!;
  if (ip.length === 16) return ip;
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(ip, 12);
  return bytes;
}

function unmapped(bytes: Uint8Array): string {
  const isIpv4 = bytes.subarray(0, 10).every((value) => value === 0) && bytes[10] === 0xff;
  return isIpv4 ? formatIp(bytes, 4, 12) : formatIp(bytes, 16);
}
