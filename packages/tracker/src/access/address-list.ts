import { parseIp } from "@shoal/protocol";
import { TrackerListError } from "../errors.ts";
import { linesOf } from "./torrent-list.ts";

/** Addresses and networks. */
export interface AddressList {
  readonly size: number;
  /** @param address IPv4 or IPv6; whatever is no address is not on any list. */
  has(address: string): boolean;
}

/**
 * Reads a list of addresses: one address or network a line, such as `192.0.2.7` or `2001:db8::/32`;
 * `#` begins a remark. Networks are kept by their length, so that a look-up costs one step for each
 * length in use, however long the list is.
 * @throws {TrackerListError} that names the line.
 */
export function parseAddressList(text: string): AddressList {
  const networks = { 4: new Map<number, Set<string>>(), 16: new Map<number, Set<string>>() };
  let size = 0;
  for (const { content, line } of linesOf(text)) {
    const [address = "", lengthText] = content.split("/");
    const bytes = parseIp(address);
    const bits = (bytes?.length ?? 0) * 8;
    const length = lengthText === undefined ? bits : Number(lengthText);
    if (bytes === null || !Number.isInteger(length) || length < 0 || length > bits) {
      throw new TrackerListError(
        "bad-line",
        line,
        "expected an address, or a network as 10.0.0.0/8",
      );
    }
    const byLength = networks[bytes.length as 4 | 16];
    const known = byLength.get(length) ?? new Set();
    byLength.set(length, known.add(prefixOf(bytes, length)));
    size++;
  }
  return {
    size,
    has(address) {
      if (size === 0) return false;
      const bytes = parseIp(address);
      if (bytes === null) return false;
      for (const [length, known] of networks[bytes.length as 4 | 16]) {
        if (known.has(prefixOf(bytes, length))) return true;
      }
      return false;
    },
  };
}

function prefixOf(bytes: Uint8Array, length: number): string {
  const whole = length >> 3;
  const rest = length & 7;
  const kept = String.fromCharCode(...bytes.subarray(0, whole));
  return rest === 0 ? kept : kept + String.fromCharCode(bytes[whole]! & (0xff << (8 - rest)));
}
