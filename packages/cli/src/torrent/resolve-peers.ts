import type { Dns, Endpoint } from "@shoal/runtime";
import type { HostPort } from "../arguments/parse-endpoint.ts";

/**
 * The addresses of peers that were named by host.
 * @throws {DnsError} when a name has no address.
 */
export async function resolvePeers(
  peers: readonly HostPort[],
  dns: Dns,
  signal: AbortSignal,
): Promise<Endpoint[]> {
  const resolved = peers.map(async ({ host, port }) =>
    (await dns.resolve(host, { signal })).map((address) => ({ address, port })),
  );
  return (await Promise.all(resolved)).flat();
}
