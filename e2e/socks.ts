import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, run } from "../bench/clients/child.ts";
import { deleteLeftovers, newNamespaceName } from "../bench/clients/namespace.ts";
import type { Scope } from "../bench/clients/scope.ts";

const CLIENT = "198.51.100.2";
const PROXY = "198.51.100.1";
/** The server's address. All are of RFC 5737's networks for examples. */
export const BEYOND = "203.0.113.10";

/** A machine that reaches a server by way of a SOCKS5 proxy alone: nobody routes between the two. */
export interface SocksPath {
  /** Namespace of the machine. */
  readonly client: string;
  /** Namespace of the server. */
  readonly server: string;
  readonly url: string;
}

/** Makes three namespaces in a row and starts Dante in the middle one. Needs root. */
export async function createSocksPath(scope: Scope): Promise<SocksPath> {
  await deleteLeftovers();
  const [client, proxy, server] = [newNamespaceName(), newNamespaceName(), newNamespaceName()];
  for (const name of [client, proxy, server]) {
    await run("ip", "netns", "add", name);
    scope.defer(() => run("ip", "netns", "delete", name));
    await run("ip", "-n", name, "link", "set", "lo", "up");
  }
  await connect(proxy, "inner", `${PROXY}/30`, client, `${CLIENT}/30`);
  await connect(proxy, "outer", "203.0.113.1/24", server, `${BEYOND}/24`);
  await run("ip", "netns", "exec", proxy, "sysctl", "-qw", "net.ipv4.ip_forward=0");
  await run("ip", "-n", client, "route", "add", "default", "via", PROXY);

  const config = join(await scope.folder(), "danted.conf");
  await writeFile(config, CONFIG);
  const dante = new Child("danted", ["-f", config], { scope, namespace: proxy });
  await dante.waitFor("Dante runs", (line) => (line.includes("running") ? true : undefined));
  return { client, server, url: `socks5://${PROXY}:1080` };
}

/** Any sender's datagrams come back, as SOCKS5 has it, not only those of whom the first was sent to. */
const CONFIG = `
logoutput: stderr
internal: ${PROXY} port = 1080
external: 203.0.113.1
clientmethod: none
socksmethod: none
udp.connectdst: no
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: connect udpassociate }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: udpreply }
`;

async function connect(
  here: string,
  link: string,
  address: string,
  there: string,
  other: string,
): Promise<void> {
  const peer = ["type", "veth", "peer", "name", "eth0", "netns", there];
  await run("ip", "-n", here, "link", "add", link, ...peer);
  await run("ip", "-n", here, "address", "add", address, "dev", link);
  await run("ip", "-n", there, "address", "add", other, "dev", "eth0");
  await run("ip", "-n", here, "link", "set", link, "up");
  await run("ip", "-n", there, "link", "set", "eth0", "up");
}
