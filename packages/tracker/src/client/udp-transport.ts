import type { AddressFamily } from "@shoal/protocol";
import type { Endpoint, Net } from "@shoal/runtime";

/** Where UDP announces go out and answers come in. An engine hands in its own socket. */
export interface UdpTransport {
  /** The address families that datagrams can be sent to. */
  readonly families: readonly AddressFamily[];
  send(bytes: Uint8Array, to: Endpoint): void;
  /**
   * Calls `listener` with each datagram, whose bytes stay valid only during the call. It says whether the datagram
   * answered anything.
   * Returns a function that removes it.
   */
  onDatagram(listener: DatagramListener): () => void;
}

export type DatagramListener = (bytes: Uint8Array, from: Endpoint) => boolean;

export interface OwnedUdpTransport extends UdpTransport {
  close(): Promise<void>;
}

/**
 * A transport with a socket of its own, of both families where the machine has IPv6.
 * @throws {NetError} when it cannot be opened.
 */
export async function openUdpTransport(net: Net): Promise<OwnedUdpTransport> {
  const listeners = new Set<DatagramListener>();
  const socket = await net.bindUdp({ port: 0 }, (bytes, from) => {
    for (const listener of listeners) listener(bytes, from);
  });
  const { address } = socket.local;
  return {
    families: address === "::" ? [4, 6] : [familyOf(address)],
    send: (bytes, to) => socket.send(bytes, to),
    onDatagram(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}

/** The family of an IP address. */
export function familyOf(address: string): AddressFamily {
  return address.includes(":") ? 6 : 4;
}
