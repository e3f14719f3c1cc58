import { isKrpcDatagram } from "@shoal/protocol";
import {
  createDht,
  createNodeId,
  type DatagramPort,
  type Dht,
  type DhtState,
  type DhtStore,
  type HostPort,
  openDhtStore,
} from "@shoal/dht";
import type { Runtime } from "@shoal/runtime";
import type { UdpHub } from "../transport/udp-hub.ts";

/** How often a session that goes on keeps what it knows of the DHT. */
const SAVE_MS = 10 * 60_000;

/** How a session takes part in the DHT. */
export interface SessionDhtOptions {
  /** Hosts to get in by, beside nodes of earlier runs and those that torrents and peers name. */
  readonly bootstrap?: readonly HostPort[];
  /** The same, asked only when nobody of those lets us in: `PUBLIC_BOOTSTRAP` of `@shoal/dht`, perhaps. */
  readonly fallback?: readonly HostPort[];
  /** Asks and never answers (BEP 43); false when absent. */
  readonly isReadOnly?: boolean;
  /** Goes on as the same node from run to run; where absent, if the session's port was asked for. */
  readonly keepsId?: boolean;
}

/** A DHT on a session's UDP socket. */
export interface SessionDht {
  readonly dht: Dht;
  /** Keeps the state, and closes the DHT. */
  close(): Promise<void>;
}

/**
 * Opens a DHT on a session's UDP socket: a node of each family that the socket has.
 * @param init.keepsId Whether node IDs go on from run to run. An ID is one program's: it is kept where a port was
 * asked for, which no two programs have, and otherwise drawn anew; nodes of earlier runs are known in any case.
 * @param init.keepsState Whether anything outlives the session.
 * @throws {StoreError} as `Store.open` does.
 */
export async function openSessionDht(init: {
  runtime: Runtime;
  hub: UdpHub;
  options: SessionDhtOptions;
  keepsId: boolean;
  keepsState: boolean;
}): Promise<SessionDht> {
  const { runtime, hub, options } = init;
  const keepsId = options.keepsId ?? init.keepsId;
  const { clock, random, dns, store, log } = runtime;
  const saved: DhtStore | null = init.keepsState ? await openDhtStore(store) : null;
  const known = (await saved?.load()) ?? [];
  const state: DhtState = keepsId
    ? known
    : known.map((node) => ({ ...node, id: createNodeId(node.externalAddress, random) }));
  const dht = createDht({ ...options, clock, random, dns, ports: portsOf(hub), state });
  const unregister = hub.register({
    receive(bytes, from) {
      if (!isKrpcDatagram(bytes)) return false;
      dht.receive(bytes, from);
      return true;
    },
  });

  const save = async (): Promise<void> => {
    const exported = dht.exportState();
    // A run that never got in knows less than the one before.
    if (exported.every(({ nodes }) => nodes.length === 0)) return;
    await saved?.save(keepsId ? exported : exported.map((node) => withKnownId(node, known)));
  };
  const saveOrWarn = (): Promise<void> =>
    save().catch((error: unknown) =>
      log.warn("could not save what is known of the DHT", { error }),
    );
  const saving = clock.setRepeating(SAVE_MS, () => void saveOrWarn());

  return {
    dht,
    async close() {
      saving.cancel();
      unregister();
      const isSaved = saveOrWarn();
      dht.close();
      await isSaved;
    },
  };
}

/** A socket of both families is two ports: a node has one family. */
function portsOf(hub: UdpHub): DatagramPort[] {
  const { address, port } = hub.local;
  const send: DatagramPort["send"] = (bytes, to) => void hub.send(bytes, to);
  return hub.families.map((family) => {
    const isBoth = hub.families.length > 1;
    return { local: { address: isBoth ? (family === 6 ? "::" : "0.0.0.0") : address, port }, send };
  });
}

/** The ID of who has a port of its own stays in the store. */
function withKnownId(node: DhtState[number], known: DhtState): DhtState[number] {
  const id = known.find(({ family }) => family === node.family)?.id ?? node.id;
  return { ...node, id };
}
