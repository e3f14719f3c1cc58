import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../bench/clients/child.ts";
import { deleteLeftovers, newNamespaceName } from "../bench/clients/namespace.ts";
import type { Scope } from "../bench/clients/scope.ts";

/** A machine that others see at the address of its router, which lets nobody in. */
export interface Hidden {
  readonly namespace: string;
  readonly address: string;
  /** The router's, of RFC 5737's networks for examples. */
  readonly seenAs: string;
}

/** Two machines behind routers with NAT, and one that everybody reaches. */
export interface HiddenPair {
  readonly open: { readonly namespace: string; readonly address: string };
  readonly hidden: readonly [Hidden, Hidden];
}

/** What home routers do: who is inside may call anybody, and only whom he called may answer. */
const RULES = `
table ip nat {
  chain out {
    type nat hook postrouting priority 100
    oifname "wan" masquerade
  }
}
table ip filter {
  chain through {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain in {
    type filter hook input priority 0; policy accept;
    iifname "wan" ct state new drop
  }
}
`;

/** Makes the namespaces, with routers of nftables. Needs root. */
export async function createHiddenPair(scope: Scope): Promise<HiddenPair> {
  await deleteLeftovers();
  const net = await namespace();
  await run("ip", "-n", net, "link", "add", "switch", "type", "bridge");
  await run("ip", "-n", net, "link", "set", "switch", "up");
  const rules = join(await scope.folder(), "router.nft");
  await writeFile(rules, RULES);

  async function namespace(): Promise<string> {
    const name = newNamespaceName();
    await run("ip", "netns", "add", name);
    scope.defer(() => run("ip", "netns", "delete", name));
    await run("ip", "-n", name, "link", "set", "lo", "up");
    return name;
  }

  async function up(name: string, link: string, address: string): Promise<void> {
    await run("ip", "-n", name, "address", "add", `${address}/24`, "dev", link);
    await run("ip", "-n", name, "link", "set", link, "up");
  }

  async function plugIn(name: string, link: string, address: string): Promise<void> {
    const port = `port${address.split(".")[3]}`;
    await run("ip", "-n", name, "link", "add", link, "type", "veth", "peer", port, "netns", net);
    await run("ip", "-n", net, "link", "set", port, "master", "switch");
    await run("ip", "-n", net, "link", "set", port, "up");
    await up(name, link, address);
  }

  async function hide(index: number): Promise<Hidden> {
    const [router, inside] = [await namespace(), await namespace()];
    const seenAs = `203.0.113.${20 + index}`;
    const address = `10.0.${index}.2`;
    await plugIn(router, "wan", seenAs);
    const peer = ["type", "veth", "peer", "eth0", "netns", inside];
    await run("ip", "-n", router, "link", "add", "lan", ...peer);
    await up(router, "lan", `10.0.${index}.1`);
    await up(inside, "eth0", address);
    await run("ip", "-n", inside, "route", "add", "default", "via", `10.0.${index}.1`);
    await run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    await run("ip", "netns", "exec", router, "nft", "-f", rules);
    return { namespace: inside, address, seenAs };
  }

  const open = { namespace: await namespace(), address: "203.0.113.10" };
  await plugIn(open.namespace, "eth0", open.address);
  return { open, hidden: [await hide(1), await hide(2)] };
}
