import type { AddressFamily } from "@shoal/protocol";
import type { Endpoint, ListenOptions, Net } from "@shoal/runtime";
import type { UdpTransport } from "@shoal/tracker";

/** One that takes the datagrams of its protocol. */
export interface UdpConsumer {
  /**
   * Takes a datagram, whose bytes stay valid only during the call.
   * @returns Whether it was of this consumer's protocol; otherwise the next one is asked.
   */
  receive(bytes: Uint8Array, from: Endpoint): boolean;
  /** The datagrams at hand were handed out: the moment to answer them together. */
  onTurnEnd?(): void;
}

/** A session's UDP socket, shared by all that speak over it: uTP, UDP trackers, the DHT. */
export interface UdpHub extends UdpTransport {
  readonly local: Endpoint;
  /** Datagrams that nobody took: of no protocol, or answers that nothing was asked for. */
  readonly unclaimed: number;
  /** @returns False while the system may still read the memory. */
  send(bytes: Uint8Array, to: Endpoint): boolean;
  /** Lets a consumer take part; those that came first are asked first. Returns a function that removes it. */
  register(consumer: UdpConsumer): () => void;
  /** Calls `listener` with what nobody has registered for: the answers of UDP trackers. */
  onDatagram(listener: (bytes: Uint8Array, from: Endpoint) => boolean): () => void;
  close(): Promise<void>;
}

/**
 * Opens a session's UDP socket.
 * @throws {NetError} when the port cannot be had.
 */
export async function openUdpHub(net: Net, options: ListenOptions): Promise<UdpHub> {
  const consumers = new Set<UdpConsumer>();
  const listeners = new Set<(bytes: Uint8Array, from: Endpoint) => boolean>();
  let unclaimed = 0;

  const socket = await net.bindUdp(
    options,
    (bytes, from) => {
      for (const consumer of consumers) if (consumer.receive(bytes, from)) return;
      for (const listener of listeners) if (listener(bytes, from)) return;
      unclaimed++;
    },
    () => {
      for (const consumer of consumers) consumer.onTurnEnd?.();
    },
  );
  const { local } = socket;
  const families: readonly AddressFamily[] =
    local.address === "::" ? [4, 6] : [local.address.includes(":") ? 6 : 4];

  return {
    local,
    families,
    get unclaimed() {
      return unclaimed;
    },
    send: (bytes, to) => socket.send(bytes, to),
    register(consumer) {
      consumers.add(consumer);
      return () => consumers.delete(consumer);
    },
    onDatagram(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}
