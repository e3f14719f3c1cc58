import type { Endpoint } from "../ports/net.ts";
import type { Database } from "./database.ts";
import { FileSystem } from "./file-system.ts";
import type { Flow } from "./flow.ts";
import { Link } from "./link.ts";
import type { RunningProgram } from "./running-program.ts";
import { UdpQueue } from "./udp-queue.ts";
import type { World } from "./world-state.ts";

export interface HostOptions {
  /** IP address, or several. The first names the host in traces and is what it connects from. */
  readonly address: string | readonly string[];
  /** Rates of the access line, in payload bytes per second; unlimited when absent. */
  readonly upBytesPerSecond?: number;
  readonly downBytesPerSecond?: number;
  /** From the host to the middle of the network, one way; 10 when absent. A path costs both ends' latencies. */
  readonly latencyMs?: number;
  /** Share of packets that the access line loses, 0 to below 1; 0 when absent. */
  readonly lossRate?: number;
  /** Largest IP packet; datagrams beyond it (less 28 bytes of headers, 48 for IPv6) are dropped. 1500 when absent. */
  readonly mtuBytes?: number;
  /** Behind a NAT: takes no connections, and datagrams only from endpoints that it sent to. */
  readonly isNatted?: boolean;
  /** Address of the router that it is told of; none when absent. Packets do not care. */
  readonly gateway?: string;
  /** Room on the disk; unlimited when absent. */
  readonly diskBytes?: number;
  /** Time of one disk operation before its first byte; 0 when absent. */
  readonly diskSeekMs?: number;
  /** Rate of the disk, reading and writing; unlimited when absent. */
  readonly diskBytesPerSecond?: number;
  /** Budget of the slab pool; 8 MiB when absent. Memory that is never used costs nothing. */
  readonly poolBytes?: number;
  /** Time of a `full` commit; 2 when absent. `normal` ones and look-ups take a tenth. */
  readonly storeSyncMs?: number;
}

/** One end of a connection: where it is, and the flows from and to it. */
export interface ConnectionEnd {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly out: Flow;
  readonly in: Flow;
}

/** Something that takes connections. */
export interface ListeningPort {
  /** Null for every address. */
  readonly address: string | null;
  readonly port: number;
  /** Whose it is. */
  readonly process: RunningProgram;
  /** Takes its end of a connection that somebody opened. */
  accept(end: ConnectionEnd): void;
}

/** A datagram socket as the network sees it. */
export interface BoundUdp {
  /** Null for every address. */
  readonly address: string | null;
  /** Whether it sent to that endpoint, so that a NAT lets the endpoint's datagrams in. */
  hasContacted(remote: Endpoint): boolean;
  deliver(bytes: Uint8Array, from: Endpoint): void;
}

/** A datagram on its way between two machines. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly source: Machine;
  readonly target: Machine;
}

/** Takes datagrams that have passed a machine's line. Its calls return true when foreign code ran. */
export interface DatagramCarrier {
  /** Out of the sender's. */
  sendDatagram(datagram: Datagram): boolean;
  /** Through the receiver's. */
  deliverDatagram(datagram: Datagram): boolean;
}

/** What of a host outlives its program: line, disk, store, clock. */
export class Machine {
  readonly options: HostOptions;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly up: Link;
  readonly down: Link;
  readonly latencyMs: number;
  readonly lossRate: number;
  readonly udpUp: UdpQueue<Datagram>;
  readonly udpDown: UdpQueue<Datagram>;
  readonly files: FileSystem;
  /** Paths of journals that its program has open. */
  readonly journals = new Set<string>();
  readonly wall: { offsetMs: number };
  readonly listening = new Map<number, ListeningPort[]>();
  /** By path. What a killed program leaves stays, and refuses. */
  readonly unixSockets = new Map<string, ListeningPort>();
  readonly udp = new Map<number, BoundUdp[]>();
  database: Database | null = null;
  /** The last run of its program; null before the first. */
  process: RunningProgram | null = null;
  /** False from a power cut to the restart: packets to it vanish. */
  isOn = true;
  /** How often the power came back. */
  boots = 0;
  /** How often the program was started. */
  runs = 0;
  #nextPort = 49_152;

  constructor(world: World, network: DatagramCarrier, options: HostOptions) {
    const { loop } = world;
    this.options = options;
    this.addresses = typeof options.address === "string" ? [options.address] : options.address;
    const first = this.addresses[0];
    if (first === undefined) throw new TypeError("A host needs at least one address");
    this.address = first;
    this.up = new Link(loop, "up", options.upBytesPerSecond ?? Infinity, world.quantumMs);
    this.down = new Link(loop, "down", options.downBytesPerSecond ?? Infinity, world.quantumMs);
    this.latencyMs = options.latencyMs ?? 10;
    this.lossRate = options.lossRate ?? 0;
    if (!(this.lossRate >= 0 && this.lossRate < 1)) {
      throw new RangeError(`A loss rate from 0 to below 1 was expected, not ${this.lossRate}`);
    }
    this.udpUp = new UdpQueue(this.up, (datagram) => network.sendDatagram(datagram));
    this.udpDown = new UdpQueue(this.down, (datagram) => network.deliverDatagram(datagram));
    this.files = new FileSystem(world, options.diskBytes ?? Infinity);
    this.wall = { offsetMs: world.startMs };
  }

  has(address: string): boolean {
    return this.addresses.includes(address) || isLoopback(address);
  }

  /** The address that a packet to `target` comes from; undefined when the host does not speak that family. */
  addressFor(target: string): string | undefined {
    if (isLoopback(target)) return target;
    return this.addresses.find((address) => isIpv6(address) === isIpv6(target));
  }

  /** A port that `isFree`, from the range for outgoing connections, in turn. */
  pickPort(isFree: (port: number) => boolean): number | null {
    for (let tries = 0; tries < 16_384; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port === 65_535 ? 49_152 : port + 1;
      if (isFree(port)) return port;
    }
    return null;
  }
}

export function isIpv6(address: string): boolean {
  return address.includes(":");
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
