import { isPublicAddress } from "@shoal/protocol";
import type { Clock, Gateway, Http, Log, Net, Random, Timer } from "@shoal/runtime";
import type { MappedProtocol } from "./mapping-codec.ts";
import { PcpRouter } from "./pcp-router.ts";
import type { Mapped, MappingRouter, MappingWay } from "./router.ts";
import { UpnpRouter } from "./upnp-router.ts";

/** RFC 6886, 3.3: what a mapping is asked to last. It is renewed when half of that has passed, */
const LIFETIME_S = 7200;
/** but not more often than for this: no router is to make this side ask all the time. */
const MIN_LIFETIME_S = 120;
/** A router that has restarted has forgotten, and tells nobody: it is told again so often. */
const RENEW_MS = 20 * 60_000;
/** Networks change, and routers restart. */
const RETRY_MS = 10 * 60_000;

/** A port that the router passes on to this side. */
export interface PortMapping {
  readonly by: MappingWay;
  readonly protocol: MappedProtocol;
  readonly internalPort: number;
  readonly externalPort: number;
  /** Null where the router did not tell. */
  readonly externalAddress: string | null;
}

/**
 * Has the router pass a port on to this side, as long as it lives: by PCP or NAT-PMP, and by UPnP where that
 * brings nothing. TCP and UDP get the same port outside if that can be had, since peers are told one for both.
 */
export class PortMapper {
  readonly #init: PortMapperInit;
  readonly #mappings = new Map<MappedProtocol, Mapped>();
  readonly #stopping = new AbortController();
  #gateway: Gateway | null = null;
  #routers: readonly MappingRouter[] = [];
  /** The one that has mapped. */
  #router: MappingRouter | null = null;
  #timer: Timer | null = null;
  #work: Promise<void>;

  /** Begins at once. */
  constructor(init: PortMapperInit) {
    this.#init = init;
    this.#work = this.#renew();
  }

  /** What the router passes on now. */
  get mappings(): readonly PortMapping[] {
    return [...this.#mappings].map(([protocol, { by, externalPort, externalAddress }]) => {
      return { by, protocol, internalPort: this.#init.port, externalPort, externalAddress };
    });
  }

  /** Ends the mappings; takes two seconds at most. */
  async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#work;
    const made = [...this.#mappings];
    this.#mappings.clear();
    const router = this.#router;
    if (router !== null) {
      await Promise.all(made.map(([protocol, each]) => router.unmap(protocol, each.externalPort)));
    }
    await this.#closeRouters();
  }

  async #renew(): Promise<void> {
    const { clock, log, onChange } = this.#init;
    const before = JSON.stringify(this.mappings);
    let againMs = RETRY_MS;
    try {
      await this.#findRouter();
      if (await this.#mapAll()) {
        const lifetimes = [...this.#mappings.values()].map(
          ({ lifetimeS }) => lifetimeS ?? Infinity,
        );
        const lifetimeS = Math.max(MIN_LIFETIME_S, Math.min(...lifetimes));
        againMs = Math.min((lifetimeS / 2) * 1000, RENEW_MS);
      }
    } catch (error) {
      log.debug("no port mapping", { error });
    }
    if (this.#stopping.signal.aborted) return;
    this.#timer = clock.setTimer(againMs, () => {
      this.#work = this.#renew();
    });
    if (JSON.stringify(this.mappings) !== before) onChange(this.mappings);
  }

  /** Looks which router there is; another one knows nothing of what was mapped. */
  async #findRouter(): Promise<void> {
    const { net, host } = this.#init;
    const isAnyHost = host === undefined || host === "0.0.0.0" || host === "::";
    // What is public is no router of a home, and no business of ours.
    const gateway = (await net.gateways()).find(
      ({ address, localAddress }) =>
        !isPublicAddress(address) && (isAnyHost || host === localAddress),
    );
    const known = this.#gateway;
    if (known?.address === gateway?.address && known?.localAddress === gateway?.localAddress)
      return;
    this.#gateway = null;
    this.#router = null;
    this.#mappings.clear();
    await this.#closeRouters();
    if (gateway === undefined) return;
    this.#routers = [
      await PcpRouter.open({ ...this.#init, gateway }),
      new UpnpRouter({ ...this.#init, gateway }),
    ];
    this.#gateway = gateway;
  }

  async #closeRouters(): Promise<void> {
    const routers = this.#routers;
    this.#routers = [];
    await Promise.all(routers.map((router) => router.close()));
  }

  /** @returns whether anything is mapped. */
  async #mapAll(): Promise<boolean> {
    const known = this.#router;
    const others = this.#routers.filter((router) => router !== known);
    for (const router of known === null ? others : [known, ...others]) {
      if (this.#stopping.signal.aborted) return this.#mappings.size > 0;
      if (await this.#mapBy(router)) return true;
      this.#mappings.clear();
      this.#router = null;
    }
    if (this.#gateway !== null) {
      this.#init.log.debug("the router maps no port", { router: this.#gateway.address });
    }
    return false;
  }

  async #mapBy(router: MappingRouter): Promise<boolean> {
    const [first, second] = this.#init.protocols;
    const wish = this.#mappings.get(first)?.externalPort ?? this.#init.port;
    const one = await this.#map(router, first, wish);
    // What is refused for one is refused for the other.
    if (one === null) return false;
    if (second === undefined) return true;
    const other = await this.#map(router, second, one.externalPort);
    if (other === null || other.externalPort === one.externalPort) return true;
    // Once more, with the port that was free for the other. If that does not help there are two.
    await router.unmap(first, one.externalPort);
    await this.#map(router, first, other.externalPort);
    return true;
  }

  async #map(
    router: MappingRouter,
    protocol: MappedProtocol,
    externalPort: number,
  ): Promise<Mapped | null> {
    const { port: internalPort } = this.#init;
    const request = { protocol, internalPort, externalPort, lifetimeS: LIFETIME_S };
    const mapped = await router.map(request, this.#stopping.signal);
    if (mapped === null) this.#mappings.delete(protocol);
    else {
      this.#mappings.set(protocol, mapped);
      this.#router = router;
    }
    return mapped;
  }
}

/** What a {@link PortMapper} takes. */
export interface PortMapperInit {
  readonly net: Net;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly port: number;
  /** Peers are told the port of the first. */
  readonly protocols: readonly [MappedProtocol, MappedProtocol?];
  /** The address listened at; every one when absent. */
  readonly host: string | undefined;
  /** Called whenever the router passes on others than before. */
  readonly onChange: (mappings: readonly PortMapping[]) => void;
}
