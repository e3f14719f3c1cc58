import { networkInterfaces } from "node:os";
import { type OpenDht, openDht } from "../packages/dht/src/index.ts";
import { createNodeRuntime } from "../packages/runtime/src/node/index.ts";

/** A program of its own: a node of the DHT at every address of this machine's `eth0`. Writes where they are. */

const runtime = await createNodeRuntime({ logLevel: "error" });
const nodes: OpenDht[] = [];
for (const { address, family } of networkInterfaces()["eth0"] ?? []) {
  if (family !== "IPv4") continue;
  const bootstrap = nodes.slice(0, 1).map((node) => node.locals[0]!);
  const options = { bootstrap: bootstrap.map(({ address: host, port }) => ({ host, port })) };
  const node = await openDht({ ...runtime, hosts: [address], ...options });
  nodes.push(node);
  await node.whenJoined();
}
const endpoints = nodes.map(({ locals }) => locals[0]!);
process.stdout.write(`${JSON.stringify({ event: "ready", endpoints })}\n`);
