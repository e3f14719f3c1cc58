import type { Dht } from "@shoal/dht";
import type { Runtime } from "@shoal/runtime";
import { PortMapper, type PortMapping } from "../port-mapping/port-mapper.ts";
import type { PeerTransport } from "../transport/peer-transport.ts";
import { DhtFinder } from "./dht-finder.ts";
import type { DhtLink } from "./dht-link.ts";
import { LocalDiscovery } from "./local-discovery.ts";
import { OwnPorts } from "./own-ports.ts";
import type { PeerFinder } from "./peer-finder.ts";
import { openSessionDht, type SessionDht, type SessionDhtOptions } from "./session-dht.ts";

/** Of the nodes that a torrent file names, so many are asked (BEP 5). */
const MAX_TORRENT_NODES = 20;

/** How a session finds peers without a server, and is found, in figures. */
export interface DiscoveryStatus {
  /** Ports that the router passes on to this side. */
  readonly portMappings: readonly PortMapping[];
  /** Null when the DHT is off. */
  readonly dht: {
    /** Nodes that are known; 0 when nobody has let us in. */
    readonly nodes: number;
    /** Searches of torrents so far, under way, and due but waiting for their turn. */
    readonly searches: DhtFinder["searches"];
  } | null;
  /** Announces to the local network; null when that is off. */
  readonly lsd: LocalDiscovery["counters"] | null;
}

/** Of a session's options, what matters to {@link Discovery}. */
export interface DiscoveryOptions {
  readonly runtime: Runtime;
  readonly host?: string;
  readonly port?: number;
  readonly dht?: SessionDhtOptions | false;
  readonly lsd?: boolean;
  readonly portMapping?: boolean;
  readonly resume?: boolean;
}

/** What finding peers asks and tells its session. */
export interface DiscoveryHooks {
  /** Whether one more torrent that sleeps may be woken for a peer. */
  readonly mayWake: () => boolean;
  readonly onPortsMapped: (mappings: readonly PortMapping[]) => void;
}

/** All that finds peers of a session's torrents without a server, and that lets them find it. */
export class Discovery {
  readonly finders: readonly PeerFinder[];
  readonly link: DhtLink | null;
  readonly ports: OwnPorts;
  readonly #sessionDht: SessionDht | null;
  readonly #dhtFinder: DhtFinder | null;
  readonly #local: LocalDiscovery | null;
  readonly #runtime: Runtime;
  readonly #portMapper: PortMapper | null;
  readonly #stopping = new AbortController();

  private constructor(
    { runtime, host }: { runtime: Runtime; host: string | undefined },
    { port, hub, utp }: PeerTransport,
    sessionDht: SessionDht | null,
    local: LocalDiscovery | null,
    onPortsMapped: ((mappings: readonly PortMapping[]) => void) | null,
  ) {
    this.#runtime = runtime;
    const ports = new OwnPorts(port);
    this.ports = ports;
    this.#sessionDht = sessionDht;
    this.#local = local;
    const dht = this.dht;
    this.link = dht === null ? null : { addNode: (endpoint) => dht.addNode(endpoint) };
    this.#dhtFinder =
      dht === null
        ? null
        : new DhtFinder({
            dht,
            random: runtime.random,
            nowMs: runtime.clock.monotonicMs(),
            // The port that others see our datagrams come from is a peer's port only where uTP listens at it, and where
            // no router was told to take others in at another.
            announcement: () => ({
              port: ports.outside,
              impliedPort: utp !== null && ports.mappedUdp === null,
            }),
          });
    this.finders = [this.#dhtFinder, local].filter((finder) => finder !== null);
    ports.follow({ onPortChange: () => this.#dhtFinder?.announceAgain() });
    this.#portMapper =
      onPortsMapped === null || port === 0
        ? null
        : new PortMapper({
            ...runtime,
            host,
            port,
            protocols: hub === null ? ["tcp"] : ["tcp", "udp"],
            onChange(mappings) {
              ports.setMappings(mappings);
              onPortsMapped(mappings);
            },
          });
  }

  /** @throws {StoreError} when what is known of the DHT cannot be read. */
  static async open(
    options: DiscoveryOptions,
    transport: PeerTransport,
    hooks: DiscoveryHooks,
  ): Promise<Discovery> {
    const {
      runtime,
      host,
      port = 0,
      dht = false,
      lsd = false,
      portMapping = false,
      resume = true,
    } = options;
    const { hub } = transport;
    const keeping = { keepsId: port !== 0, keepsState: resume };
    const sessionDht =
      dht === false || hub === null
        ? null
        : await openSessionDht({ runtime, hub, options: dht, ...keeping });
    const local = lsd
      ? await LocalDiscovery.open({ runtime, host, port: transport.port, mayWake: hooks.mayWake })
      : null;
    const onPortsMapped = portMapping ? hooks.onPortsMapped : null;
    return new Discovery({ runtime, host }, transport, sessionDht, local, onPortsMapped);
  }

  get dht(): Dht | null {
    return this.#sessionDht?.dht ?? null;
  }

  get status(): DiscoveryStatus {
    const finder = this.#dhtFinder;
    return {
      portMappings: this.#portMapper?.mappings ?? [],
      dht: finder === null ? null : { nodes: finder.nodes, searches: finder.searches },
      lsd: this.#local?.counters ?? null,
    };
  }

  /** A torrent file names nodes to get in by (BEP 5). Names are resolved; what has no address is passed over. */
  async learnNodes(
    nodes: readonly { readonly host: string; readonly port: number }[],
  ): Promise<void> {
    const { dht } = this;
    const { signal } = this.#stopping;
    if (dht === null) return;
    for (const { host, port } of nodes.slice(0, MAX_TORRENT_NODES)) {
      const addresses = await this.#runtime.dns.resolve(host, { signal }).catch(() => []);
      if (signal.aborted) return;
      const address = addresses[0];
      if (address !== undefined) dht.addNode({ address, port });
    }
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.#dhtFinder?.tick(nowMs);
    this.#local?.tick(nowMs);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#sessionDht?.close(), this.#local?.close(), this.#portMapper?.close()]);
  }
}
