import { run } from "./child.ts";
import { deleteLeftovers, type Namespace, newNamespaceName } from "./namespace.ts";
import type { Scope } from "./scope.ts";

/** Machines in one local network: what one sends to a group, all get. */
export interface Lan {
  readonly machines: readonly Namespace[];
}

let count = 0;

/**
 * Makes a switch with machines at it, and with this machine, which is everybody's router. Needs root. The addresses are
 * of 100.64.0.0/10, which no network of the internet has (RFC 6598).
 * @param addresses How many addresses each machine has; one when absent.
 */
export async function createLan(
  scope: Scope,
  machines: readonly { readonly addresses?: number }[],
): Promise<Lan> {
  await deleteLeftovers();
  const lan = newNamespaceName();
  const link = `sl${process.pid}-${count}`;
  const network = `100.${64 + ((process.pid >> 8) & 63)}.${(process.pid + 97 * count++) & 255}`;
  await run("ip", "netns", "add", lan);
  scope.defer(() => run("ip", "netns", "delete", lan));
  // Snooping would pass datagrams to a group on to nobody until a router has asked who is in it.
  await run("ip", "-n", lan, "link", "add", "switch", "type", "bridge", "mcast_snooping", "0");
  await run("ip", "-n", lan, "link", "set", "switch", "up");
  await run("ip", "link", "add", link, "type", "veth", "peer", "name", "port", "netns", lan);
  await run("ip", "address", "add", `${network}.1/24`, "dev", link);
  await run("ip", "link", "set", link, "up");
  await plugIn(lan, "port");

  const made: Namespace[] = [];
  let host = 10;
  for (const [index, { addresses = 1 }] of machines.entries()) {
    const name = newNamespaceName();
    await run("ip", "netns", "add", name);
    scope.defer(() => run("ip", "netns", "delete", name));
    const port = `port${index}`;
    await run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", port, "netns", lan);
    const insideAddress = `${network}.${host}`;
    for (let more = 0; more < addresses; more++) {
      await run("ip", "-n", name, "address", "add", `${network}.${host++}/24`, "dev", "eth0");
    }
    await run("ip", "-n", name, "link", "set", "lo", "up");
    await run("ip", "-n", name, "link", "set", "eth0", "up");
    await plugIn(lan, port);
    await run("ip", "-n", name, "route", "add", "default", "via", `${network}.1`);
    made.push({ name, insideAddress, outsideAddress: `${network}.1` });
  }
  return { machines: made };
}

async function plugIn(lan: string, port: string): Promise<void> {
  await run("ip", "-n", lan, "link", "set", port, "master", "switch");
  await run("ip", "-n", lan, "link", "set", port, "up");
}
