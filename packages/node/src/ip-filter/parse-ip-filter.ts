import { parseIp } from "@shoal/protocol";
import type { RangeBuilder } from "./address-ranges.ts";

/** eMule lets an address through whose level is above this. */
const LAST_BLOCKED_LEVEL = 127;
/** Nothing that means something is as long; names in P2P lists have some dozens of characters. */
const MAX_LINE_LENGTH = 1000;

const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
/** `name:1.2.3.4-5.6.7.8` of P2P (PeerGuardian), `001.002.003.004 - 005.006.007.008 , 100 , name` of DAT (eMule), plain ranges. */
const IPV4_RANGE = new RegExp(
  String.raw`(?:^|:)[ \t]{0,9}(${IPV4})[ \t]{0,9}-[ \t]{0,9}(${IPV4})[ \t]{0,9}(?:,[ \t]{0,9}(\d{1,5})[ \t]{0,9}(?:,.*)?)?$`,
);

/**
 * Takes one line of a list of blocked addresses: P2P, DAT, CIDR (`10.0.0.0/8`, `2001:db8::/32`), a range, or an address.
 * @returns False when it means nothing. Empty lines, comments, and what DAT lets through mean nothing by intent: `null`.
 */
export function parseIpFilterLine(line: string, ranges: RangeBuilder): boolean | null {
  if (line.length > MAX_LINE_LENGTH) return false;
  const text = line.trim();
  if (text === "" || text.startsWith("#") || text.startsWith("//") || text.startsWith(";"))
    return null;
  const match = IPV4_RANGE.exec(text);
  if (match !== null) {
    if (match[3] !== undefined && Number(match[3]) > LAST_BLOCKED_LEVEL) return null;
    const [start, end] = [decimalIpv4(match[1]!), decimalIpv4(match[2]!)];
    if (start === null || end === null || start > end) return false;
    ranges.addIpv4(start, end);
    return true;
  }
  const range = /^([\da-f:.]{2,45})\s{0,9}-\s{0,9}([\da-f:.]{2,45})$/i.exec(text);
  if (range !== null) return addRange(parseIp(range[1]!), parseIp(range[2]!), ranges);
  const network = /^([\da-f:.]{2,45})(?:\/(\d{1,3}))?$/i.exec(text);
  if (network === null) return false;
  const address = /^[\d.]+$/.test(network[1]!)
    ? toBytes(decimalIpv4(network[1]!))
    : parseIp(network[1]!);
  return addNetwork(address, network[2], ranges);
}

/** Lists fill up with zeros, and mean decimal digits. */
function decimalIpv4(text: string): number | null {
  let address = 0;
  let parts = 0;
  for (const part of text.split(".")) {
    const byte = Number(part);
    if (part === "" || byte > 255) return null;
    address = address * 256 + byte;
    parts++;
  }
  return parts === 4 ? address : null;
}

function toBytes(address: number | null): Uint8Array | null {
  if (address === null) return null;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes;
}

function addRange(start: Uint8Array | null, end: Uint8Array | null, ranges: RangeBuilder): boolean {
  if (start === null || end === null || start.length !== end.length) return false;
  const [from, to] = [toNumber(start), toNumber(end)];
  if (from > to) return false;
  if (start.length === 4) ranges.addIpv4(Number(from), Number(to));
  else ranges.addIpv6(from, to);
  return true;
}

function addNetwork(
  address: Uint8Array | null,
  prefix: string | undefined,
  ranges: RangeBuilder,
): boolean {
  if (address === null) return false;
  const bits = 8 * address.length;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return false;
  const rest = (1n << BigInt(bits - length)) - 1n;
  const start = toNumber(address) & ~rest;
  if (bits === 32) ranges.addIpv4(Number(start), Number(start | rest));
  else ranges.addIpv6(start, start | rest);
  return true;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
