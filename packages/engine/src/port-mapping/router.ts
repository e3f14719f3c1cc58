import type { MappedProtocol, MappingRequest } from "./mapping-codec.ts";

/** How a router was asked: PCP (RFC 6887), NAT-PMP (RFC 6886), or UPnP's Internet Gateway Device. */
export type MappingWay = "pcp" | "nat-pmp" | "upnp";

/** A port that a router passes on. */
export interface Mapped {
  readonly by: MappingWay;
  readonly externalPort: number;
  /** Null where the router did not tell. */
  readonly externalAddress: string | null;
  /** Null: until it is taken back, or the router forgets. */
  readonly lifetimeS: number | null;
}

/** The default router of the local network, asked in one family of protocols. */
export interface MappingRouter {
  /**
   * Has a port passed on to this side, or goes on with that. Never throws.
   * @returns Null when it is not passed on. The port may be another one than was wished for.
   */
  map(request: MappingRequest, signal: AbortSignal): Promise<Mapped | null>;
  /** Takes a mapping back, in two seconds at most. Never throws. */
  unmap(protocol: MappedProtocol, externalPort: number): Promise<void>;
  close(): Promise<void>;
}
