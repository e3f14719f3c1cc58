import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { BindUdpOptions, Endpoint, MulticastOptions, UdpSocket } from "../ports/net.ts";
import { joinGroup, type SendToGroup } from "./multicast.ts";
import { toNetError } from "./net-errors.ts";
import { plainAddress } from "./tcp-socket.ts";

/** Room for bursts: a tracker gets thousands of packets between two turns of the event loop. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Opens a datagram socket. Without a host it takes IPv4 and IPv6, or IPv4 alone on a machine
 * without IPv6.
 */
export async function bindUdp(
  options: BindUdpOptions,
  onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
  onTurnEnd?: () => void,
): Promise<UdpSocket> {
  const { host, port, reusePort = false, multicast } = options;
  const handlers = { onDatagram, onTurnEnd, reusePort };
  if (multicast !== undefined) {
    const isV6 = isIPv6(multicast.group);
    return await bind(isV6 ? "::" : "0.0.0.0", port, isV6, { ...handlers, multicast, host });
  }
  if (host !== undefined) return await bind(host, port, isIPv6(host), handlers);
  try {
    return await bind("::", port, true, handlers);
  } catch (error) {
    const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL" && code !== "EINVAL") throw error;
    return await bind("0.0.0.0", port, false, handlers);
  }
}

interface Handlers {
  readonly onDatagram: (bytes: Uint8Array, from: Endpoint) => void;
  readonly onTurnEnd: (() => void) | undefined;
  readonly reusePort: boolean;
  readonly multicast?: MulticastOptions;
  /** The address of the interface to join the group on; all when undefined. */
  readonly host?: string | undefined;
}

async function bind(
  host: string,
  port: number,
  isV6: boolean,
  { onDatagram, onTurnEnd, reusePort, multicast, host: joinAt }: Handlers,
): Promise<UdpSocket> {
  const socket = createSocket({
    type: isV6 ? "udp6" : "udp4",
    reusePort,
    ...(multicast !== undefined && { reuseAddr: true, ipv6Only: isV6 }),
    // Addresses come in numbers only; answering at once saves a turn of the event loop per packet.
    lookup: (address, _options, callback) => callback(null, address, isV6 ? 6 : 4),
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let toGroup: SendToGroup | null = null;
  socket.once("error", reject);
  socket.bind({ address: host, port }, resolve);
  try {
    await promise;
    if (multicast !== undefined) toGroup = joinGroup(socket, multicast, joinAt, isV6);
  } catch (error) {
    socket.close();
    throw toNetError(error, "listen at", { address: host, port });
  }
  socket.off("error", reject);
  // Errors of single packets (an ICMP answer) are losses, as on any network.
  socket.on("error", () => {});
  enlargeBuffers(socket);
  let isTurnOpen = false;
  const endTurn = () => {
    isTurnOpen = false;
    onTurnEnd?.();
  };
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    if (!isTurnOpen && onTurnEnd !== undefined) {
      isTurnOpen = true;
      setImmediate(endTurn);
    }
    onDatagram(bytes, { address: plainAddress(from.address), port: from.port });
  });
  const bound = wrap(socket, isV6);
  if (toGroup === null) return bound;
  const sendToGroup = toGroup;
  return {
    ...bound,
    send(bytes, to) {
      if (to.address !== multicast?.group) return bound.send(bytes, to);
      sendToGroup(bytes, to.port);
      return socket.getSendQueueCount() === 0;
    },
  };
}

function wrap(socket: Socket, isV6: boolean): UdpSocket {
  const { address, port } = socket.address();
  let isClosed = false;
  return {
    local: { address: plainAddress(address), port },
    send(bytes, to) {
      // Ports come from the network: one that does not exist is a loss, not a fault.
      if (isClosed || !(to.port >= 1 && to.port <= 65_535)) return true;
      const target = isV6 && !to.address.includes(":") ? `::ffff:${to.address}` : to.address;
      if (!isV6 && to.address.includes(":")) return true;
      // Without a callback: it would cost a tick of its own for each datagram.
      socket.send(bytes, to.port, target);
      // Usually it is sent within the call; only while the system takes no more does it wait.
      return socket.getSendQueueCount() === 0;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.close(resolve);
      await promise;
    },
  };
}

/** The system may allow less; then it stays with what it allows. */
function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
  } catch {}
}
