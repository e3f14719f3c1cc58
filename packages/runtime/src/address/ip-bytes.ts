/** The 4 or 16 bytes of an IP address; null when the text is none. */
export function ipToBytes(text: string): Uint8Array | null {
  return text.includes(":") ? ipv6ToBytes(text) : ipv4ToBytes(text);
}

/** @param bytes 4 or 16 of them. */
export function bytesToIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  // The URL parser writes IPv6 addresses in their shortest form.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function ipv4ToBytes(text: string): Uint8Array | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  return numbers.length === 4 && numbers.every((value) => value < 256)
    ? Uint8Array.from(numbers)
    : null;
}

function ipv6ToBytes(text: string): Uint8Array | null {
  // In its shortest form: no IPv4 at the end, and at most one "::".
  const host = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  if (host === undefined) return null;
  const [left = "", right = ""] = host.split("::");
  const groupsOf = (half: string) => (half === "" ? [] : half.split(":"));
  const [before, after] = [groupsOf(left), groupsOf(right)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (const [index, group] of [...before, ...zeros, ...after].entries()) {
    view.setUint16(index * 2, parseInt(group, 16));
  }
  return bytes;
}
