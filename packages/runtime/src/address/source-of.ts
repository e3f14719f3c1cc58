import { ipToBytes } from "./ip-bytes.ts";

/** What to count an address's connections by: one customer has a /64 network of IPv6 at least, which counts as one. */
export function sourceOf(address: string): string {
  if (!address.includes(":")) return address;
  const bytes = ipToBytes(address);
  return bytes === null ? address : Buffer.from(bytes.subarray(0, 8)).toString("hex");
}
