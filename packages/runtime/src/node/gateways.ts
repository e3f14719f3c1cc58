import { readFile } from "node:fs/promises";
import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import type { Gateway } from "../ports/net.ts";

const ROUTES = "/proc/net/route";

/** The routers of Linux's default routes, IPv4; none on other systems. */
export async function findGateways(): Promise<readonly Gateway[]> {
  const text = await readFile(ROUTES, "utf8").catch(() => "");
  const found: (Gateway & { metric: number })[] = [];
  for (const line of text.split("\n").slice(1)) {
    const [name = "", target, gateway = "", , , , metric, mask] = line.split(/\s+/);
    if (target !== "00000000" || mask !== "00000000" || gateway === "00000000") continue;
    // The kernel writes the address as a number of this machine's byte order.
    const address = [...Buffer.from(gateway, "hex").reverse()].join(".");
    const localAddress = localAddressFor(name, address);
    if (localAddress !== null) found.push({ address, localAddress, metric: Number(metric) });
  }
  found.sort((a, b) => a.metric - b.metric);
  return found.map(({ address, localAddress }) => ({ address, localAddress }));
}

/** The interface's address in the router's network. */
function localAddressFor(name: string, gateway: string): string | null {
  for (const { address, family, cidr } of networkInterfaces()[name] ?? []) {
    if (family !== "IPv4" || cidr === null) continue;
    const network = new BlockList();
    network.addSubnet(address, Number(cidr.split("/")[1]));
    if (network.check(gateway)) return address;
  }
  return null;
}
