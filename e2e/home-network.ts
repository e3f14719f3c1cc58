import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, run } from "../bench/clients/child.ts";
import type { Scope } from "../bench/clients/scope.ts";

/** The router's address outside, and that of a machine there. Addresses set aside for tests are none to miniupnpd. */
export const ROUTER_OUTSIDE = "45.0.0.1";
export const OUTSIDE = "45.0.0.2";
const ROUTER_INSIDE = "192.168.77.1";

/** How the router may be asked for ports. */
export type RouterKind = "pcp" | "nat-pmp" | "igd-1" | "igd-2";

/** A home with a router, Debian's miniupnpd, that lets nobody in by itself; and a machine outside. */
export interface HomeNetwork {
  /** Namespaces of the machines inside, whose interface is `lan`. */
  readonly machines: readonly [string, string];
  readonly outside: string;
  /** The ports that lead inside now, as `6881 -> 192.168.77.2:6881`, for TCP and UDP each. */
  passedOn(): Promise<string[]>;
}

let count = 0;

/** Needs root. */
export async function createHomeNetwork(scope: Scope, kind: RouterKind): Promise<HomeNetwork> {
  // As of bench/clients/namespace.ts, which deletes what killed processes left.
  const name = () => `shoal-${process.pid}-${8000 + count++}`;
  const [router, outside, ...machines] = [name(), name(), name(), name()] as const;
  for (const each of [router, outside, ...machines]) {
    await run("ip", "netns", "add", each);
    scope.defer(() => run("ip", "netns", "delete", each));
    await run("ip", "netns", "exec", each, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    await run("ip", "-n", each, "link", "set", "lo", "up");
  }
  await run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
  await run("ip", "-n", router, "link", "add", "br0", "type", "bridge");
  await setUp(router, "br0", `${ROUTER_INSIDE}/24`);
  for (const [index, machine] of machines.entries()) {
    const port = `lan${index}`;
    await connect(machine, "lan", router, port);
    await run("ip", "-n", router, "link", "set", port, "master", "br0", "up");
    await setUp(machine, "lan", `192.168.77.${2 + index}/24`);
    await run("ip", "-n", machine, "route", "add", "default", "via", ROUTER_INSIDE);
  }
  await connect(outside, "eth0", router, "wan");
  await setUp(router, "wan", `${ROUTER_OUTSIDE}/24`);
  await setUp(outside, "eth0", `${OUTSIDE}/24`);
  const folder = await scope.folder();
  await setFirewall(router, folder, kind);
  await startRouter(scope, router, folder, kind);
  return {
    machines: machines,
    outside,
    async passedOn() {
      const rules = await run("ip", "netns", "exec", router, "nft", "list", "ruleset");
      const leads = / dport (\d+) dnat ip to ([\d.:]+)/g;
      return [...rules.matchAll(leads)].map(([, from, to]) => `${from} -> ${to}`);
    },
  };
}

async function connect(here: string, name: string, there: string, peer: string): Promise<void> {
  const pair = ["type", "veth", "peer", "name", peer, "netns", there];
  await run("ip", "-n", here, "link", "add", name, ...pair);
}

async function setUp(namespace: string, link: string, address: string): Promise<void> {
  await run("ip", "-n", namespace, "address", "add", address, "dev", link);
  await run("ip", "-n", namespace, "link", "set", link, "up");
}

/** Whoever is outside may answer those inside, and reach them where miniupnpd says so. */
async function setFirewall(router: string, folder: string, kind: RouterKind): Promise<void> {
  // The first byte of a request is the protocol's version, and PCP's is 2.
  const noPcp = kind === "nat-pmp" ? "udp dport 5351 @th,64,8 2 drop" : "accept";
  const rules = `
    table inet filter {
      chain input { type filter hook input priority 0; policy accept; ${noPcp}; }
      chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        iifname br0 accept
        jump miniupnpd
      }
      chain miniupnpd { }
      chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
      chain prerouting_miniupnpd { }
      chain postrouting {
        type nat hook postrouting priority 100;
        jump postrouting_miniupnpd
        oifname wan masquerade
      }
      chain postrouting_miniupnpd { }
    }`;
  const path = join(folder, "router.nft");
  await writeFile(path, rules);
  await run("ip", "netns", "exec", router, "nft", "-f", path);
}

async function startRouter(
  scope: Scope,
  router: string,
  folder: string,
  kind: RouterKind,
): Promise<void> {
  const isIgd = kind.startsWith("igd");
  const options = {
    ext_ifname: "wan",
    listening_ip: "br0",
    enable_upnp: isIgd ? "yes" : "no",
    enable_natpmp: isIgd ? "no" : "yes",
    force_igd_desc_v1: kind === "igd-1" ? "yes" : "no",
    secure_mode: "yes",
    uuid: "6c1d2a5e-0000-4000-8000-000000000001",
    upnp_table_name: "filter",
    upnp_nat_table_name: "filter",
    upnp_forward_chain: "miniupnpd",
    upnp_nat_chain: "prerouting_miniupnpd",
    upnp_nat_postrouting_chain: "postrouting_miniupnpd",
  };
  const path = join(folder, "miniupnpd.conf");
  const lines = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  await writeFile(path, `${lines.join("\n")}\n`);
  const args = ["-d", "-f", path, "-P", join(folder, "pid")];
  const child = new Child("miniupnpd", args, { scope, namespace: router });
  await child.waitFor("the router starts", (line) =>
    /Listening for NAT-PMP|HTTP listening on port/.test(line) ? true : undefined,
  );
}
