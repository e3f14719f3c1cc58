import { NetError } from "../errors.ts";
import type {
  BindUdpOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Net,
  StreamSocket,
  UdpSocket,
} from "../ports/net.ts";
import type { InterfaceGuard } from "./interface-guard.ts";
import { TcpSocket } from "./tcp-socket.ts";

/** Of connections that a look at the interface closes. */
interface Bound {
  readonly address: string;
  end(): void;
}

/**
 * A network of one interface: every socket has its address, and is closed once that has gone. A listener, or a
 * datagram socket, opens again at the new one. Those that name no host have one family: IPv4 where there is that.
 */
export function createInterfaceNet(net: Net, guard: InterfaceGuard): Net {
  const bound = new Set<Bound>();
  guard.watch(() => {
    for (const each of [...bound]) if (!guard.mayUse(each.address)) each.end();
  });

  /** Closes the connection when its address goes. */
  function keep(socket: StreamSocket): StreamSocket {
    const { address } = socket.local;
    if (!guard.mayUse(address)) {
      socket.destroy();
      throw new NetError("off", `The interface ${guard.name} no longer has ${address}.`);
    }
    // A plain close would have the system go on sending what is left, from the old address, by any way there is.
    const end = () => (socket instanceof TcpSocket ? socket.reset() : socket.destroy());
    const entry: Bound = { address, end };
    bound.add(entry);
    const receive = socket.receive.bind(socket);
    socket.receive = (sink) =>
      receive({
        buffer: () => sink.buffer(),
        received: (lengthBytes, buffer) => sink.received(lengthBytes, buffer),
        ended: () => sink.ended(),
        closed(error) {
          bound.delete(entry);
          sink.closed(error);
        },
      });
    return socket;
  }

  /** The address to open a listening socket at. */
  async function localHost(host: string | undefined): Promise<string> {
    await guard.ready();
    const address = guard.address(
      host === undefined ? (guard.families[0] ?? 4) : host.includes(":") ? 6 : 4,
    );
    if (host === undefined || host === address) return address;
    throw new NetError(
      "off",
      `${host} is not the address of the interface ${guard.name}: that is ${address}.`,
    );
  }

  return {
    isConfined: true,
    async gateways() {
      const found = await net.gateways();
      return found.filter(({ localAddress }) => guard.mayUse(localAddress));
    },
    async connect(options) {
      await guard.ready();
      const address = guard.addressFor(options.host);
      const { localAddress = address } = options;
      if (localAddress !== address) await localHost(localAddress);
      return keep(await net.connect({ ...options, localAddress }));
    },
    listen: (options, onConnection) =>
      reopening(
        guard,
        async (port) => {
          const host = await localHost(options.host);
          const listener = await net.listen({ ...options, port, host }, (socket) => {
            try {
              onConnection(keep(socket));
            } catch (error) {
              if (!(error instanceof NetError)) throw error;
            }
          });
          return { opened: listener, host };
        },
        options,
      ),
    async bindUdp(options: BindUdpOptions, onDatagram, onTurnEnd): Promise<UdpSocket> {
      const socket = await reopening(
        guard,
        async (port) => {
          const host = await localHost(options.host);
          const opened = await net.bindUdp({ ...options, port, host }, onDatagram, onTurnEnd);
          return { opened, host };
        },
        options,
      );
      return {
        get local() {
          return socket.local;
        },
        send(bytes, to) {
          guard.refresh();
          const { current } = socket;
          // As lost as on the way: nobody waits for an error of one datagram.
          if (current === null || !socket.mayUse() || !leads(guard, to)) return true;
          return current.send(bytes, to);
        },
        close: () => socket.close(),
      };
    },
  };
}

function leads(guard: InterfaceGuard, { address }: Endpoint): boolean {
  try {
    guard.addressFor(address);
    return true;
  } catch {
    return false;
  }
}

/** Something that is open at the interface's address, closed while it has none and opened again at the next. */
async function reopening<T extends Listener | UdpSocket>(
  guard: InterfaceGuard,
  open: (port: number) => Promise<{ readonly opened: T; readonly host: string }>,
  { port }: ListenOptions,
): Promise<Listener & { readonly current: T | null; mayUse(): boolean }> {
  const first = await open(port);
  let current: T | null = first.opened;
  let { host } = first;
  let { local } = first.opened;
  let isClosed = false;
  let isOpening = false;
  const unwatch = guard.watch(() => void look());

  async function look(): Promise<void> {
    if (current !== null && !guard.mayUse(host)) {
      const old = current;
      current = null;
      await old.close();
    }
    if (current !== null || isClosed || isOpening) return;
    isOpening = true;
    try {
      // The port is what others know.
      const next = await open(local.port);
      if (isClosed) {
        await next.opened.close();
        return;
      }
      current = next.opened;
      ({ host } = next);
      ({ local } = next.opened);
    } catch {
      // It is tried again when the interface changes.
    } finally {
      isOpening = false;
    }
  }

  return {
    get current() {
      return current;
    },
    get local() {
      return local;
    },
    mayUse: () => guard.mayUse(host),
    async close() {
      isClosed = true;
      unwatch();
      await current?.close();
    },
  };
}
