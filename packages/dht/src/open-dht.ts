import type { Endpoint, Net, Store, UdpSocket } from "@shoal/runtime";
import { NetError } from "@shoal/runtime";
import { createDht, type Dht, type DhtOptions } from "./dht.ts";
import type { DatagramPort } from "./node/datagram-port.ts";
import { type DhtStore, openDhtStore } from "./state/dht-store.ts";

/** How often a program that goes on keeps what it knows. */
const SAVE_MS = 10 * 60_000;

export interface OpenDhtOptions extends Omit<DhtOptions, "ports" | "state"> {
  readonly net: Net;
  /** Where node IDs and tables outlive the program; without it nothing is kept. */
  readonly store?: Store;
  /**
   * The addresses to be a node at; when absent every IPv4 and every IPv6 address, or what `net` leaves of them behind
   * a proxy or on one interface.
   */
  readonly hosts?: readonly string[];
  /** The same at every address; 0, the default, takes a free one of each. */
  readonly port?: number;
}

/** A DHT with sockets of its own. */
export interface OpenDht extends Dht {
  /** Where its nodes listen, in their order. */
  readonly locals: readonly Endpoint[];
  /** Saves the state, and closes DHT and sockets. */
  closeSockets(): Promise<void>;
}

/**
 * Opens UDP sockets and a DHT on them: for programs that have nothing else to do over UDP.
 * @throws {NetError} as `Net.bindUdp` does; a family that the machine does not have is left out unless it
 * was asked for by an address.
 * @throws {StoreError} as `Store.open` does.
 */
export async function openDht(options: OpenDhtOptions): Promise<OpenDht> {
  const { net, clock, store, hosts, port = 0, ...rest } = options;
  const sockets: UdpSocket[] = [];
  const closeAll = async (): Promise<void> => {
    await Promise.all(sockets.map((socket) => socket.close()));
  };
  let dht: Dht | null = null;
  const receiveAt = (index: number) => (bytes: Uint8Array, from: Endpoint) => {
    dht?.nodes[index]?.receive(bytes, from);
  };
  try {
    if (hosts === undefined && net.isConfined === true) {
      // A way that is not chosen here has the addresses that it has.
      sockets.push(await net.bindUdp({ port }, (bytes, from) => dht?.receive(bytes, from)));
    }
    const everywhere = net.isConfined === true ? [] : ["0.0.0.0", "::"];
    for (const host of hosts ?? everywhere) {
      const shared = port === 0 || hosts !== undefined ? port : (sockets[0]?.local.port ?? port);
      try {
        sockets.push(await net.bindUdp({ host, port: shared }, receiveAt(sockets.length)));
      } catch (error) {
        // `::` takes IPv4 as well on some systems, or there is no IPv6: IPv4 alone serves.
        const isOptional = hosts === undefined && host === "::" && error instanceof NetError;
        if (!isOptional) throw error;
      }
    }
    const saved: DhtStore | null = store === undefined ? null : await openDhtStore(store);
    const state = await saved?.load();
    const ports = sockets.flatMap((socket) => portsOf(socket, net.isConfined === true));
    const opened = createDht({
      ...rest,
      clock,
      ports,
      ...(state === undefined ? {} : { state }),
    });
    dht = opened;
    const save = async (): Promise<void> => {
      const exported = opened.exportState();
      // A run that never got in knows less than the one before.
      if (exported.some(({ nodes }) => nodes.length > 0)) await saved?.save(exported);
    };
    const saving = clock.setRepeating(SAVE_MS, () => void save().catch(() => {}));
    return {
      ...opened,
      locals: ports.map(({ local }) => local),
      async closeSockets() {
        saving.cancel();
        try {
          await save();
        } finally {
          opened.close();
          await closeAll();
        }
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** A confined socket of both families is two ports: a node has one family. */
function portsOf(socket: UdpSocket, isConfined: boolean): DatagramPort[] {
  const { local } = socket;
  if (!isConfined || local.address !== "::") return [socket];
  const send: DatagramPort["send"] = (bytes, to) => void socket.send(bytes, to);
  return ["0.0.0.0", "::"].map((address) => ({ local: { address, port: local.port }, send }));
}
