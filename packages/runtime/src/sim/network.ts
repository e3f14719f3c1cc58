import { SimEvent } from "./event-queue.ts";
import { Link } from "./link.ts";
import { isIpv6 } from "./machine.ts";
import type { Datagram, DatagramCarrier, Machine } from "./machine.ts";
import type { HeldUp, Path } from "./path.ts";
import type { World } from "./world-state.ts";

const LOOPBACK_LATENCY_MS = 0.02;

/** Linux gives up on a connection whose data is not acknowledged after about a quarter of an hour. */
const DEFAULT_TCP_TIMEOUT_MS = 924_000;

/** Who is where, and what lies between them. */
export class Network implements DatagramCarrier {
  readonly #world: World;
  readonly #machines = new Map<string, Machine>();
  readonly #loopback: Link;
  readonly #latencyMs: ((from: string, to: string) => number) | null;
  #partitions: (readonly [ReadonlySet<Machine>, ReadonlySet<Machine>])[] = [];
  readonly #heldUp = new Set<HeldUp>();
  readonly #groups = new Map<string, Set<Machine>>();
  readonly #tcpTimeoutMs: number;

  constructor(
    world: World,
    options: { latencyMs?: (from: string, to: string) => number; tcpTimeoutMs?: number },
  ) {
    this.#world = world;
    this.#loopback = new Link(world.loop, "up", Infinity);
    this.#latencyMs = options.latencyMs ?? null;
    this.#tcpTimeoutMs = options.tcpTimeoutMs ?? DEFAULT_TCP_TIMEOUT_MS;
  }

  /** Hears what is sent to a group, from the hosts of its own /24 or /64. */
  join(group: string, machine: Machine): void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(machine));
  }

  leave(group: string, machine: Machine): void {
    this.#groups.get(group)?.delete(machine);
  }

  /** The members of a group that a sender reaches, with the address of each; null when it is no group. */
  members(group: string, from: string): { machine: Machine; address: string }[] | null {
    const members = this.#groups.get(group);
    if (members === undefined) return null;
    return [...members].flatMap((machine) => {
      const isSelf = machine.has(from);
      const address = isSelf ? from : machine.addresses.find((one) => lanOf(one) === lanOf(from));
      return address === undefined ? [] : [{ machine, address }];
    });
  }

  add(machine: Machine): void {
    for (const address of machine.addresses) {
      if (this.#machines.has(address)) throw new TypeError(`The address ${address} is taken`);
    }
    for (const address of machine.addresses) this.#machines.set(address, machine);
  }

  find(from: Machine, address: string): Machine | undefined {
    return from.has(address) ? from : this.#machines.get(address);
  }

  path(from: Machine, to: Machine): Path {
    const waiting = { heldUp: this.#heldUp, tcpTimeoutMs: this.#tcpTimeoutMs };
    if (from === to) {
      const link = this.#loopback;
      return {
        up: link,
        down: link,
        latencyMs: LOOPBACK_LATENCY_MS,
        lossRate: 0,
        isBlocked: () => !to.isOn,
        ...waiting,
      };
    }
    return {
      up: from.up,
      down: to.down,
      latencyMs: this.latencyMs(from, to),
      lossRate: lossBetween(from, to),
      isBlocked: () => !to.isOn || this.isCut(from, to),
      ...waiting,
    };
  }

  latencyMs(from: Machine, to: Machine): number {
    if (from === to) return LOOPBACK_LATENCY_MS;
    const between = this.#latencyMs === null ? 0 : this.#latencyMs(from.address, to.address);
    return from.latencyMs + to.latencyMs + between;
  }

  /** Whether a partition lies between two machines. */
  isCut(a: Machine, b: Machine): boolean {
    for (const [left, right] of this.#partitions) {
      if ((left.has(a) && right.has(b)) || (left.has(b) && right.has(a))) return true;
    }
    return false;
  }

  partition(left: readonly Machine[], right: readonly Machine[]): void {
    this.#partitions.push([new Set(left), new Set(right)]);
  }

  heal(): void {
    this.#partitions = [];
    this.retryHeldUp();
  }

  /** Something that was in the way is gone: held-up flows try again. */
  retryHeldUp(): void {
    for (const flow of [...this.#heldUp]) flow.resume();
  }

  /** A datagram has passed its sender's line. */
  sendDatagram(datagram: Datagram): boolean {
    const { source, target } = datagram;
    const loop = this.#world.loop;
    const lossRate = source === target ? 0 : lossBetween(source, target);
    if (lossRate > 0 && this.#world.random.fraction() < lossRate) this.#lose(datagram);
    else loop.schedule(new DatagramEvent(this, datagram), this.latencyMs(source, target));
    return false;
  }

  /** A datagram has reached the other end's line. */
  arriveDatagram(datagram: Datagram): boolean {
    const { source, target } = datagram;
    if (!target.isOn || this.isCut(source, target)) {
      this.#lose(datagram);
      return false;
    }
    if (source === target) return this.deliverDatagram(datagram);
    const woke = target.udpDown.add(datagram);
    if (woke === null) this.#lose(datagram);
    return woke ?? false;
  }

  /** A datagram has passed its receiver's line. */
  deliverDatagram(datagram: Datagram): boolean {
    const { to, from, target, bytes, source } = datagram;
    const socket = target.udp
      .get(to.port)
      ?.find(({ address }) => address === null || address === to.address);
    const isWelcome =
      target.options.isNatted !== true || source === target || socket?.hasContacted(from) === true;
    if (socket === undefined || !isWelcome) {
      this.#lose(datagram);
      return false;
    }
    this.#world.counters.datagramsDelivered++;
    socket.deliver(bytes, from);
    return true;
  }

  /** A datagram enters the network. */
  enter(datagram: Datagram): void {
    const { source, target, to, bytes } = datagram;
    const headerBytes = isIpv6(to.address) ? 48 : 28;
    const mtuBytes = source === target ? 65_535 : (source.options.mtuBytes ?? 1500);
    if (bytes.length + headerBytes > mtuBytes) this.#lose(datagram);
    else if (source === target) this.sendDatagram(datagram);
    else if (source.udpUp.add(datagram) === null) this.#lose(datagram);
  }

  #lose(datagram: Datagram): void {
    this.#world.counters.datagramsLost++;
    datagram.source.process?.trace("datagram-lost", datagram.bytes.length);
  }
}

function lossBetween(a: Machine, b: Machine): number {
  return a.lossRate === 0 && b.lossRate === 0 ? 0 : 1 - (1 - a.lossRate) * (1 - b.lossRate);
}

class DatagramEvent extends SimEvent {
  readonly #network: Network;
  readonly #datagram: Datagram;

  constructor(network: Network, datagram: Datagram) {
    super();
    this.#network = network;
    this.#datagram = datagram;
  }

  override fire(): boolean {
    return this.#network.arriveDatagram(this.#datagram);
  }
}

/** The local network that an address is in: hosts of one hear each other's multicasts. */
function lanOf(address: string): string {
  return isIpv6(address)
    ? address.split(":").slice(0, 4).join(":")
    : address.split(".").slice(0, 3).join(".");
}
