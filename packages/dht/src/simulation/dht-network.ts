import type { SimHost, SimWorld } from "@shoal/runtime/sim";
import { createDht, type Dht, type DhtOptions } from "../dht.ts";

export const DHT_PORT = 6881;

/** A node of a simulated network. */
export interface SimDht {
  readonly host: SimHost;
  readonly dht: Dht;
  readonly address: string;
}

/** The address of node `index`: public, and each in a /24 of its own. */
export function publicAddress(index: number): string {
  const block = index + 1;
  return `${20 + (block >>> 16)}.${(block >>> 8) & 0xff}.${block & 0xff}.${1 + (index % 250)}`;
}

/** One node more, which gets in by another. */
export async function addNode(
  world: SimWorld,
  address: string,
  options: Partial<DhtOptions> & { lossRate?: number } = {},
): Promise<SimDht> {
  const { lossRate = 0, ...rest } = options;
  const host = world.host({ address, latencyMs: 10 + (hashText(address) % 60), lossRate });
  let dht: Dht | null = null;
  const socket = await host.net.bindUdp({ host: address, port: DHT_PORT }, (bytes, from) => {
    dht?.receive(bytes, from);
  });
  const { clock, random } = host;
  dht = createDht({ clock, random, ports: [socket], ...rest });
  return { host, dht, address };
}

/**
 * A network of `count` nodes that came in one after the other, `perSecond` of them, each by an earlier one.
 * Resolves when the last one is in.
 */
export async function createNetwork(
  world: SimWorld,
  count: number,
  perSecond = 20,
): Promise<SimDht[]> {
  const nodes: SimDht[] = [];
  for (let index = 0; index < count; index++) {
    const entrance = nodes[(index * 7919) % Math.max(1, nodes.length)];
    const bootstrap = entrance === undefined ? [] : [{ host: entrance.address, port: DHT_PORT }];
    nodes.push(await addNode(world, publicAddress(index), { bootstrap }));
    if (index % perSecond === perSecond - 1) await world.run({ untilMs: world.timeMs + 1000 });
  }
  await world.complete(Promise.all(nodes.map(({ dht }) => dht.whenJoined())));
  return nodes;
}

function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0;
  return hash;
}
