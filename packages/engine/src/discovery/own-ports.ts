import { isPublicAddress } from "@shoal/protocol";
import type { PortMapping } from "../port-mapping/port-mapper.ts";

/** Who is to know that others reach this side elsewhere than before. */
export interface PortListener {
  onPortChange(): void;
}

/** Where others reach this side: at the port that it listens at, and from outside at the one that its router passes on. */
export class OwnPorts {
  /** Of TCP and UDP; 0 when nothing listens. */
  readonly local: number;
  readonly #listeners = new Set<PortListener>();
  #outside: { readonly tcp: number | null; readonly udp: number | null } = { tcp: null, udp: null };

  constructor(local: number) {
    this.local = local;
  }

  /** What peers and trackers outside are told. */
  get outside(): number {
    return this.#outside.tcp ?? this.#outside.udp ?? this.local;
  }
  /** The port outside of this side's datagrams; null when the router passes on none. */
  get mappedUdp(): number | null {
    return this.#outside.udp;
  }

  /** What a peer is told. IPv6 has no such routers. */
  towards(address: string): number {
    return isOutside(address) ? this.outside : this.local;
  }

  /** Where a peer's DHT node reaches this side's. */
  udpTowards(address: string): number {
    return isOutside(address) ? (this.#outside.udp ?? this.local) : this.local;
  }

  /** Tells `listener` whenever {@link outside} has changed. */
  follow(listener: PortListener): void {
    this.#listeners.add(listener);
  }

  unfollow(listener: PortListener): void {
    this.#listeners.delete(listener);
  }

  /** What the router passes on now. One that has no public address is itself behind another, which passes on nothing. */
  setMappings(mappings: readonly PortMapping[]): void {
    const before = this.outside;
    const portOf = (wanted: PortMapping["protocol"]): number | null =>
      mappings.find(
        ({ protocol, externalAddress }) =>
          protocol === wanted && (externalAddress === null || isPublicAddress(externalAddress)),
      )?.externalPort ?? null;
    this.#outside = { tcp: portOf("tcp"), udp: portOf("udp") };
    if (this.outside !== before) {
      for (const listener of [...this.#listeners]) listener.onPortChange();
    }
  }
}

function isOutside(address: string): boolean {
  return !address.includes(":") && isPublicAddress(address);
}
