import { NetError } from "../errors.ts";
import type { Timer } from "../ports/clock.ts";
import type { BindUdpOptions, Endpoint, UdpSocket } from "../ports/net.ts";
import { ipToBytes } from "../address/ip-bytes.ts";
import { associate } from "./proxy-link.ts";
import type { ProxyLink } from "./proxy-link.ts";
import { describeProxy } from "./proxy-url.ts";
import { decodeDatagram, encodeDatagramHeader } from "./socks5.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;

/**
 * A datagram socket behind a SOCKS5 proxy. While the proxy is away datagrams are lost, as on any network, and
 * it is tried again. Nobody out there knows a port of it, so its own is 0.
 * @throws {NetError} `off` when the proxy passes on no datagrams, `proxy-failed` when it cannot be used.
 */
export async function bindThrough(
  link: ProxyLink,
  { host, multicast }: BindUdpOptions,
  onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
  onTurnEnd?: () => void,
): Promise<UdpSocket> {
  if (link.proxy.kind !== "socks5") {
    throw new NetError(
      "off",
      `The proxy ${describeProxy(link.proxy)} passes on no datagrams: no UDP is sent. SOCKS5 can do that.`,
    );
  }
  if (multicast !== undefined) {
    throw new NetError("off", "Nothing is sent to the local network past a proxy.");
  }
  const closing = new AbortController();
  let current: { readonly relay: Endpoint; readonly socket: UdpSocket } | null = null;
  let retryMs = FIRST_RETRY_MS;
  let timer: Timer | null = null;

  async function begin(): Promise<void> {
    const from = host === undefined ? {} : { localAddress: host };
    const { stream, relay } = await associate(link, { ...from, signal: closing.signal });
    let socket: UdpSocket;
    try {
      const local = { host: stream.local.address, port: 0 };
      socket = await link.net.bindUdp(
        local,
        (bytes, sender) => take(relay, bytes, sender),
        onTurnEnd,
      );
    } catch (error) {
      stream.destroy();
      throw error;
    }
    const mine = { relay, socket };
    const end = (): void => {
      closing.signal.removeEventListener("abort", end);
      if (current === mine) current = null;
      stream.destroy();
      void socket.close();
      if (!closing.signal.aborted && timer === null) later();
    };
    stream.receive({
      buffer: () => new Uint8Array(256),
      received() {},
      ended: end,
      closed: end,
    });
    closing.signal.addEventListener("abort", end, { once: true });
    if (closing.signal.aborted) end();
    else current = mine;
  }

  function later(): void {
    timer = link.clock.setTimer(retryMs, () => {
      begin().then(
        () => {
          timer = null;
          retryMs = FIRST_RETRY_MS;
        },
        () => {
          timer = null;
          retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
          if (!closing.signal.aborted) later();
        },
      );
    });
  }

  /** Others than the relay have no business here. */
  function take(relay: Endpoint, bytes: Uint8Array, sender: Endpoint): void {
    if (sender.port !== relay.port || sender.address !== relay.address) return;
    const datagram = decodeDatagram(bytes);
    if (datagram !== null) onDatagram(bytes.subarray(datagram.payloadAt), datagram.from);
  }

  await begin();
  return {
    // Of both families: the proxy is told addresses of either.
    local: { address: "::", port: 0 },
    send(bytes, to) {
      if (current === null || !isSendable(to)) return true;
      const datagram = Buffer.concat([encodeDatagramHeader(to), bytes]);
      current.socket.send(datagram, current.relay);
      // What was sent is a copy.
      return true;
    },
    async close() {
      const socket = current?.socket;
      timer?.cancel();
      closing.abort();
      await socket?.close();
    },
  };
}

/** Addresses and ports come from the network: those that do not exist are losses, not faults. */
function isSendable({ address, port }: Endpoint): boolean {
  return (
    port >= 1 && port <= 65_535 && (ipToBytes(address) !== null || /^[\w.-]{1,255}$/.test(address))
  );
}
