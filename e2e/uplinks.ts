import { readFile } from "node:fs/promises";
import { Child, run } from "../bench/clients/child.ts";
import type { Scope } from "../bench/clients/scope.ts";

/** The server's address, behind both uplinks. Of RFC 5737's networks for examples. */
export const SERVER = "203.0.113.10";
/** What the server's name server calls it. */
export const SERVER_NAME = "server.test";

/** A machine with two ways to one server. */
export interface Uplinks {
  /** The namespace of the machine. By default it sends by `up0`; `up1` takes over when that is down. */
  readonly machine: string;
  /** The namespace of the server. */
  readonly server: string;
  /** Packets that have left by `up1` so far. */
  spilled(): Promise<number>;
  /** `gone`: it has lost its address, as when a tunnel ends. */
  setUp0(state: "up" | "down" | "gone"): Promise<void>;
}

let count = 0;

/** Makes two namespaces, joined by two pairs of virtual interfaces. Needs root. */
export async function createUplinks(scope: Scope): Promise<Uplinks> {
  // As of bench/clients/namespace.ts, which deletes what killed processes left.
  const name = () => `shoal-${process.pid}-${9000 + count++}`;
  const [machine, server] = [name(), name()];
  for (const name of [machine, server]) {
    await run("ip", "netns", "add", name);
    scope.defer(() => run("ip", "netns", "delete", name));
    // Neighbours and routers would be asked for, and every packet is counted here.
    await run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    await run("ip", "-n", name, "link", "set", "lo", "up");
  }
  for (const index of [0, 1]) {
    const [here, there] = [`up${index}`, `down${index}`];
    const peer = ["type", "veth", "peer", "name", there, "netns", server];
    await run("ip", "-n", machine, "link", "add", here, ...peer);
    await run("ip", "-n", machine, "address", "add", `198.51.100.${index * 4 + 1}/30`, "dev", here);
    await run("ip", "-n", server, "address", "add", `198.51.100.${index * 4 + 2}/30`, "dev", there);
    await run("ip", "-n", machine, "link", "set", here, "up");
    await run("ip", "-n", server, "link", "set", there, "up");
  }
  await run("ip", "-n", server, "address", "add", `${SERVER}/32`, "dev", "lo");
  const setRoutes = async (): Promise<void> => {
    await run(...route(machine, 0, 10));
    await run(...route(machine, 1, 20));
  };
  await setRoutes();
  return {
    machine,
    server,
    async spilled() {
      const path = "/sys/class/net/up1/statistics/tx_packets";
      return Number(await run("ip", "netns", "exec", machine, "cat", path));
    },
    async setUp0(state) {
      const address = ["198.51.100.1/30", "dev", "up0"];
      if (state === "gone") await run("ip", "-n", machine, "address", "delete", ...address);
      else await run("ip", "-n", machine, "link", "set", "up0", state);
      if (state !== "up") return;
      await run("ip", "-n", machine, "address", "replace", ...address);
      await setRoutes();
    },
  };
}

function route(machine: string, index: number, metric: number): [string, ...string[]] {
  const via = `198.51.100.${index * 4 + 2}`;
  const where = ["default", "via", via, "dev", `up${index}`, "metric", String(metric)];
  return ["ip", "-n", machine, "route", "replace", ...where];
}

/** Starts a name server that knows {@link SERVER_NAME}, and a web server for a folder, at port 80 of the server. */
export async function startServices(
  scope: Scope,
  namespace: string,
  folder: string,
): Promise<void> {
  const script = new URL("./uplink-services.ts", import.meta.url).pathname;
  await readFile(script);
  const child = new Child(process.execPath, [script, folder], { scope, namespace });
  await child.waitFor("the services start", (line) => (line === "ready" ? true : undefined));
}
