import type { Dns, Endpoint } from "@shoal/runtime";
import { NodeError } from "../errors.ts";

const HOST_PORT = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/i;

/**
 * Where named peers are.
 * @param peers As `host:port`, `[IPv6]:port`.
 * @throws {NodeError} `bad-request` when one is neither; {DnsError} when a host is not found.
 */
export async function resolvePeers(
  peers: readonly string[],
  dns: Pick<Dns, "resolve">,
): Promise<Endpoint[]> {
  const named = peers.map((text) => {
    const [, v6, host = v6, port] = HOST_PORT.exec(text.trim()) ?? [];
    if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
      throw new NodeError("bad-request", `Expected host:port, got ${JSON.stringify(text)}.`);
    }
    return { host, port: Number(port) };
  });
  const found = await Promise.all(
    named.map(async ({ host, port }) => {
      return (await dns.resolve(host)).map((address) => ({ address, port }));
    }),
  );
  return found.flat();
}
