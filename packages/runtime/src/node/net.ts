import { createServer, Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { NetError } from "../errors.ts";
import type {
  ConnectOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Net,
  StreamSocket,
} from "../ports/net.ts";
import { findGateways } from "./gateways.ts";
import { formatEndpoint, toNetError } from "./net-errors.ts";
import { createReader, plainAddress, takeOver, TcpSocket } from "./tcp-socket.ts";
import { bindUdp } from "./udp-socket.ts";

/** Half a minute more than the slowest handshake seen; callers with a deadline of their own pass it. */
const CONNECT_TIMEOUT_MS = 30_000;

/** Connections that the system keeps until they are accepted. */
const BACKLOG = 1024;

/** The machine's network. `bind` is the local address for everything that names none. */
export function createNet(bind?: string): Net {
  return {
    async gateways() {
      const found = await findGateways();
      return found.filter(({ localAddress }) => bind === undefined || localAddress === bind);
    },
    connect: (options) =>
      connect(bind === undefined ? options : { localAddress: bind, ...options }),
    listen: (options, onConnection) => listen(withHost(options, bind), onConnection),
    bindUdp: (options, onDatagram, onTurnEnd) =>
      bindUdp(withHost(options, bind), onDatagram, onTurnEnd),
  };
}

function withHost(options: ListenOptions, bind: string | undefined): ListenOptions {
  return options.host === undefined && bind !== undefined ? { ...options, host: bind } : options;
}

async function connect(options: ConnectOptions): Promise<StreamSocket> {
  const endpoint: Endpoint = { address: options.host, port: options.port };
  const timeoutMs = options.timeoutMs ?? CONNECT_TIMEOUT_MS;
  const reader = createReader();
  const socket = new Socket({ allowHalfOpen: true, onread: reader.onread });
  // Reading starts with the owner's `receive`, not with the connection.
  socket.pause();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () =>
    reject(
      new NetError("aborted", `Connecting to ${formatEndpoint(endpoint)} was cancelled.`, {
        cause: options.signal?.reason,
      }),
    );
  const timer = setTimeout(() => {
    const text = `${formatEndpoint(endpoint)} did not answer within ${timeoutMs} ms.`;
    reject(new NetError("timeout", text));
  }, timeoutMs);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  socket.once("error", reject);
  try {
    if (options.signal?.aborted === true) onAbort();
    else {
      const { host, port, localAddress } = options;
      socket.connect({ host, port, ...(localAddress !== undefined && { localAddress }) }, resolve);
    }
    await promise;
    return new TcpSocket(socket, reader);
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw toNetError(error, "connect to", endpoint);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
    socket.off("error", reject);
  }
}

async function listen(
  options: ListenOptions,
  onConnection: (socket: StreamSocket) => void,
): Promise<Listener> {
  const { host, port } = options;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.on("connection", (accepted) => takeOver(accepted, onConnection));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) }, resolve);
  try {
    await promise;
  } catch (error) {
    throw toNetError(error, "listen at", { address: host ?? "0.0.0.0", port });
  }
  server.off("error", reject);
  // Out of descriptors: this connection is lost, the listener lives.
  server.on("error", () => {});
  const local = server.address() as AddressInfo;
  return {
    local: { address: plainAddress(local.address), port: local.port },
    async close() {
      if (!server.listening) return;
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}
