import { type AddressFamily, canonicalIp } from "@shoal/protocol";
import type { Clock, Dns, Endpoint, Random } from "@shoal/runtime";
import type { NodeInfo } from "../routing/contact.ts";
import { K } from "../routing/routing-table.ts";
import { ItemStore } from "../server/item-store.ts";
import { PeerStore } from "../server/peer-store.ts";
import type { DhtNodeState, DhtState } from "../state/dht-state.ts";
import type { DatagramPort } from "./datagram-port.ts";
import { DhtNode, hasFewNodes } from "./dht-node.ts";
import { Maintenance } from "./maintenance.ts";

/** Nodes saved of each node: enough that some are there the next time. */
const MAX_SAVED_NODES = 200;

/** A host to get in by. */
export interface HostPort {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface NodeSetOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dns?: Dns;
  readonly ports: readonly DatagramPort[];
  readonly bootstrap?: readonly HostPort[];
  readonly fallback?: readonly HostPort[];
  readonly state?: DhtState;
  readonly isReadOnly?: boolean;
}

/**
 * The nodes of a DHT with what they share: storage, and what they tell each other of nodes of the other
 * family (BEP 32). Each has an ID and a table of its own (BEP 45).
 */
export class NodeSet {
  readonly nodes: readonly DhtNode[];
  readonly #options: NodeSetOptions;
  readonly #maintenance: readonly Maintenance[];
  /** What others stored here: what we look for may be among it. */
  readonly peers: PeerStore;
  readonly items = new ItemStore();
  readonly #joined: Promise<void>;

  constructor(options: NodeSetOptions) {
    const { clock, random, ports, state = [], isReadOnly = false } = options;
    this.#options = options;
    const peers = new PeerStore(random);
    const { items } = this;
    this.peers = peers;
    const saved = new Map<DatagramPort, DhtNodeState>();
    const left = [...state];
    for (const port of ports) {
      const index = left.findIndex(({ family }) => family === familyOf(port.local));
      if (index >= 0) saved.set(port, left.splice(index, 1)[0]!);
    }
    this.nodes = ports.map((port, index) => {
      return new DhtNode({
        clock,
        random,
        port,
        peers,
        items,
        isReadOnly,
        id: saved.get(port)?.id,
        externalAddress: saved.get(port)?.externalAddress,
        closestOf: (family, target) => this.first(family)?.closest(target, K) ?? [],
        lacksOther: (family) => this.nodes.some((n) => n.family !== family && hasFewNodes(n)),
        onOther: (family, found) => {
          for (const node of this.ofFamily(family)) {
            if (hasFewNodes(node)) for (const info of found) node.mention(info);
          }
        },
        onNewId: () => void this.#maintenance[index]?.join(),
      });
    });
    const onRound = (): void => {
      peers.expire(clock.monotonicMs());
      items.expire(clock.monotonicMs());
    };
    this.#maintenance = this.nodes.map(
      (node, index) =>
        new Maintenance({
          clock,
          random,
          node,
          saved: saved.get(ports[index]!)?.nodes ?? [],
          entrances: () => this.#resolve(options.bootstrap, node.family),
          fallback: () => this.#resolve(options.fallback, node.family),
          onRound: index === 0 ? onRound : () => {},
        }),
    );
    this.#joined = Promise.all(this.#maintenance.map((part) => part.join())).then(() => {});
  }

  whenJoined(): Promise<void> {
    return this.#joined;
  }

  first(family: AddressFamily): DhtNode | undefined {
    return this.nodes.find((node) => node.family === family);
  }

  ofFamily(family: AddressFamily): readonly DhtNode[] {
    return this.nodes.filter((node) => node.family === family);
  }

  /** All nodes, by family. */
  families(): readonly (readonly DhtNode[])[] {
    return [this.ofFamily(4), this.ofFamily(6)].filter((nodes) => nodes.length > 0);
  }

  /** A node of each family, by chance: one is enough to read and to put (BEP 45). */
  onePerFamily(): readonly DhtNode[] {
    return this.families().map((nodes) => nodes[this.#options.random.integer(nodes.length)]!);
  }

  /** The peers of a torrent that announced to us. */
  storedPeers(infoHash: Uint8Array, nowMs: number): Endpoint[] {
    return ([4, 6] as const).flatMap((family) => this.peers.peers(infoHash, family, 100, nowMs));
  }

  exportState(): DhtState {
    return this.nodes.map((node) => {
      const nodes = [...node.table.contacts()]
        .filter(({ failures }) => failures === 0)
        .sort((a, b) => b.answeredMs - a.answeredMs)
        .slice(0, MAX_SAVED_NODES)
        .map(({ id, address, port }): NodeInfo => ({ id, address, port }));
      const { family, id, externalAddress } = node;
      return { family, id, externalAddress, nodes };
    });
  }

  close(): void {
    for (const part of this.#maintenance) part.close();
    for (const node of this.nodes) node.close();
  }

  /** The addresses of hosts; names that cannot be resolved are left out. Behind a proxy names stay what they are. */
  async #resolve(hosts: readonly HostPort[] = [], family: AddressFamily): Promise<Endpoint[]> {
    const { dns } = this.#options;
    const found = await Promise.all(
      hosts.map(async ({ host, port }): Promise<Endpoint[]> => {
        const addresses =
          dns === undefined
            ? [canonicalIp(host)]
            : await dns.resolve(host, { family, mayStayName: true }).catch(() => []);
        return addresses.map((address) => ({ address, port }));
      }),
    );
    return found.flat().filter((endpoint) => familyOf(endpoint) === family);
  }
}

function familyOf({ address }: Endpoint): AddressFamily {
  return address.includes(":") ? 6 : 4;
}
