import type { Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import type { MulticastOptions } from "../ports/net.ts";

/** Sends datagrams to a group out of every interface that it was joined on. */
export type SendToGroup = (bytes: Uint8Array, port: number) => void;

/**
 * Joins a group on the interface that has an address, or on all that have one of the family.
 * @param host The address; undefined for all interfaces.
 * @throws {Error} when it can be joined on none.
 */
export function joinGroup(
  socket: Socket,
  { group, hops }: MulticastOptions,
  host: string | undefined,
  isV6: boolean,
): SendToGroup {
  socket.setMulticastTTL(hops);
  // Other programs of this machine are neighbours too.
  socket.setMulticastLoopback(true);
  const joined: string[] = [];
  let failure: unknown = new Error(`no interface has an IPv${isV6 ? 6 : 4} address`);
  for (const name of interfacesOf(host, isV6)) {
    try {
      socket.addMembership(group, name);
      joined.push(name);
    } catch (error) {
      failure = error;
    }
  }
  if (joined.length === 0) throw failure as Error;
  return (bytes, port) => {
    for (const name of joined) {
      try {
        socket.setMulticastInterface(name);
        socket.send(bytes, port, group);
      } catch {
        // An interface that is gone in the meantime loses what is sent to it.
      }
    }
  };
}

/** As the system names them: by an IPv4 address, or by the interface's name behind IPv6's `any`. */
function interfacesOf(host: string | undefined, isV6: boolean): Set<string> {
  const found = new Set<string>();
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { address, family, internal } of addresses) {
      if ((family === "IPv6") !== isV6) continue;
      if (host === undefined ? internal : address !== host) continue;
      found.add(isV6 ? `::%${name}` : address);
    }
  }
  return found;
}
