import { isPublicAddress } from "@shoal/protocol";

/**
 * Whether an address may be named to, or by, a partner. Private ones mean nothing on the internet, and who
 * could name them from there might have this machine speak to services on its own network.
 */
export function mayName(address: string, partner: string): boolean {
  if (isLoopback(address)) return isLoopback(partner);
  return isPublicAddress(address) || !isPublicAddress(partner);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
