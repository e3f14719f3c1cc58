import { run } from "./child.ts";
import type { Scope } from "./scope.ts";

/** A network namespace, joined to this machine by a pair of virtual interfaces. */
export interface Namespace {
  readonly name: string;
  /** The address of this machine, as seen from inside. */
  readonly outsideAddress: string;
  /** The namespace's own address. */
  readonly insideAddress: string;
}

const PREFIX = "shoal";
let count = 0;
let others = 0;

/** A name that no other namespace has, and that those of killed processes are known by. */
export function newNamespaceName(): string {
  return `${PREFIX}-${process.pid}-${5000 + others++}`;
}

/**
 * Makes a namespace, for clients that refuse peers on the loopback interface. Needs root.
 * Its addresses are of 198.18.0.0/15, which is set aside for tests of networks (RFC 2544).
 */
export async function createNamespace(scope: Scope): Promise<Namespace> {
  await deleteLeftovers();
  const name = `${PREFIX}-${process.pid}-${count}`;
  const link = `sh${process.pid}-${count}`;
  // Every process has its own /30 networks, as far as process IDs go.
  const network = ((process.pid * 16 + count) % 32_768) * 4;
  count++;
  const address = (host: number): string =>
    `198.${18 + (network >> 16)}.${(network >> 8) & 255}.${(network & 255) + host}`;
  const [outsideAddress, insideAddress] = [address(1), address(2)];
  await run("ip", "netns", "add", name);
  // Takes both interfaces with it.
  scope.defer(() => run("ip", "netns", "delete", name));
  await run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
  await run("ip", "address", "add", `${outsideAddress}/30`, "dev", link);
  await run("ip", "link", "set", link, "up");
  await run("ip", "-n", name, "address", "add", `${insideAddress}/30`, "dev", "eth0");
  await run("ip", "-n", name, "link", "set", "lo", "up");
  await run("ip", "-n", name, "link", "set", "eth0", "up");
  return { name, outsideAddress, insideAddress };
}

/** Deletes namespaces of processes that were killed before they could. */
export async function deleteLeftovers(): Promise<void> {
  const names = (await run("ip", "netns", "list")).match(/\bshoal-\d+-\d+\b/g) ?? [];
  const orphans = names.filter((name) => !isAlive(Number(name.split("-")[1])));
  await Promise.all(orphans.map((name) => run("ip", "netns", "delete", name)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
