import type { TestContext } from "node:test";
import { type OpenDht, openDht } from "../../packages/dht/src/index.ts";
import { fromHex } from "../../packages/protocol/src/index.ts";
import { createNodeRuntime } from "../../packages/runtime/src/node/index.ts";

/** Nodes over loopback that know each other, and the options of commands to get in. */
export interface SmallDht {
  readonly dht: OpenDht;
  readonly way: readonly string[];
}

/** Starts three nodes, which end with the test. */
export async function startSmallDht(t: TestContext): Promise<SmallDht> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const nodes: OpenDht[] = [];
  t.after(async () => {
    for (const node of nodes) await node.closeSockets();
    await runtime.close();
  });
  let bootstrap: { host: string; port: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const node = await openDht({ ...runtime, hosts: ["127.0.0.1"], bootstrap });
    nodes.push(node);
    bootstrap = [{ host: "127.0.0.1", port: nodes[0]!.locals[0]!.port }];
    await node.whenJoined();
  }
  const way = ["--host", "127.0.0.1", "--dht-bootstrap", `127.0.0.1:${bootstrap[0]!.port}`];
  return { dht: nodes[2]!, way };
}

/** Resolves once a peer of the torrent is in the DHT. */
export async function untilAnnounced(dht: OpenDht, infoHash: string): Promise<void> {
  for (;;) for await (const _peer of dht.findPeers(fromHex(infoHash))) return;
}
