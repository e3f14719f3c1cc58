import { type OpenDht, openDht } from "@shoal/dht";
import type { SimWorld } from "@shoal/runtime/sim";

/** A small DHT in a simulated world, and how to get in. */
export interface SmallDht {
  readonly bootstrap: { readonly host: string; readonly port: number }[];
  readonly nodes: readonly OpenDht[];
  close(): Promise<void>;
}

/** Starts so many nodes, at `172.16.NET.1` and on. */
export async function startDht(world: SimWorld, count: number, net = 0): Promise<SmallDht> {
  const nodes: OpenDht[] = [];
  const bootstrap = [{ host: `172.16.${net}.1`, port: 6881 }];
  for (let index = 1; index <= count; index++) {
    const address = `172.16.${net}.${index}`;
    const host = world.host({ address });
    const options = {
      ...host,
      hosts: [address],
      port: 6881,
      bootstrap: index === 1 ? [] : bootstrap,
    };
    const { net: ports, clock, random, dns } = host;
    nodes.push(await world.complete(openDht({ ...options, net: ports, clock, random, dns })));
  }
  for (const node of nodes) await world.complete(node.whenJoined());
  return {
    bootstrap,
    nodes,
    close: async () => {
      await world.complete(Promise.all(nodes.map((node) => node.closeSockets())));
    },
  };
}
