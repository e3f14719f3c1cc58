import type { BindUdpOptions, Endpoint, UdpSocket } from "../ports/net.ts";
import { claimPort, isAny, releasePort } from "./local-ports.ts";
import type { BoundUdp } from "./machine.ts";
import type { SimProcess } from "./sim-process.ts";

export function bindSimUdp(
  process: SimProcess,
  options: BindUdpOptions,
  onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
  onTurnEnd?: () => void,
): UdpSocket {
  const { machine, network, world } = process;
  const local = claimPort(machine, machine.udp, options);
  const isAnyAddress = isAny(local.address);
  const group = options.multicast?.group;
  if (group !== undefined) network.join(group, machine);
  /** Kept only behind a NAT. */
  const contacted = new Set<string>();
  let isOpen = true;
  let isTurnOpen = false;
  const endTurn = () => {
    isTurnOpen = false;
    if (isOpen) onTurnEnd?.();
  };
  const entry: BoundUdp = {
    address: isAnyAddress ? null : local.address,
    hasContacted: (remote) => contacted.has(key(remote)),
    deliver(bytes, from) {
      process.trace("datagram", bytes.length);
      if (!isTurnOpen && onTurnEnd !== undefined) {
        isTurnOpen = true;
        // Datagrams that arrive at the same time are of one turn.
        process.later(0, endTurn);
      }
      onDatagram(bytes, from);
    },
  };
  machine.udp.set(local.port, [...(machine.udp.get(local.port) ?? []), entry]);
  const close = () => {
    isOpen = false;
    if (group !== undefined) network.leave(group, machine);
    process.held.delete(holder);
    releasePort(machine.udp, local.port, entry);
  };
  const holder = { release: close, kill: close };
  process.held.add(holder);
  return {
    local,
    send(bytes, to) {
      if (!isOpen) return true;
      const address = isAnyAddress ? machine.addressFor(to.address) : local.address;
      const members = address === undefined ? null : network.members(to.address, address);
      if (members !== null && address !== undefined) {
        const from = { address, port: local.port };
        for (const member of members) {
          const at = { address: member.address, port: to.port };
          const datagram = { bytes: bytes.slice(), from, to: at, source: machine };
          network.enter({ ...datagram, target: member.machine });
        }
        return true;
      }
      const target = network.find(machine, to.address);
      if (machine.options.isNatted === true) contacted.add(key(to));
      if (target === undefined || address === undefined) {
        world.counters.datagramsLost++;
        return true;
      }
      const from = { address, port: local.port };
      // Copied: the caller may use its memory again at once.
      network.enter({ bytes: bytes.slice(), from, to: { ...to }, source: machine, target });
      return true;
    },
    close: async () => close(),
  };
}

function key({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}
