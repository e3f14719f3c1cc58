import { HttpError, NetError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { StreamSocket } from "../ports/net.ts";
import type { WebSocketConnection, WebSocketRequest, WebSocketSink } from "../ports/web-socket.ts";
import { connect, type Connector, createWait, toHttpError } from "./http-client.ts";
import { formatHead, readHead } from "./http-message.ts";
import type { SimProcess } from "./sim-process.ts";
import { StreamReader } from "./stream-reader.ts";

const MAX_MESSAGE_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

/**
 * A WebSocket over a simulated stream, after the upgrade. Messages are framed by their length alone:
 * who speaks RFC 6455's frames to it speaks to the wrong world.
 */
export function wrapWebSocket(
  socket: StreamSocket,
  reader: StreamReader,
  onEnd: () => void = () => {},
): WebSocketConnection {
  let isClosed = false;
  let sink: WebSocketSink | null = null;

  async function read(): Promise<void> {
    for (;;) {
      const head = await reader.readExactly(LENGTH_BYTES);
      if (head === null) return;
      const lengthBytes = new DataView(head.buffer, head.byteOffset).getUint32(0);
      if (lengthBytes > MAX_MESSAGE_BYTES) throw new NetError("failed", "a message is too long");
      const body = await reader.readExactly(lengthBytes);
      if (body === null || isClosed) return;
      sink?.message(new TextDecoder("utf-8", { fatal: true }).decode(body));
    }
  }

  function end(error: Error | null): void {
    isClosed = true;
    socket.destroy();
    sink?.closed(error);
    onEnd();
  }

  return {
    remote: socket.remote,
    get queuedBytes() {
      return socket.queuedBytes;
    },
    receive(taker) {
      sink = taker;
      read().then(
        () => end(null),
        (error: unknown) => end(error as Error),
      );
    },
    send(text) {
      if (isClosed) return;
      const body = new TextEncoder().encode(text);
      const frame = new Uint8Array(LENGTH_BYTES + body.length);
      new DataView(frame.buffer).setUint32(0, body.length);
      frame.set(body, LENGTH_BYTES);
      socket.write(frame);
    },
    close() {
      isClosed = true;
      socket.end();
    },
    destroy() {
      isClosed = true;
      socket.destroy();
    },
  };
}

/** @throws {HttpError} as the port says. */
export async function openWebSocket(
  process: SimProcess,
  net: Connector,
  dns: Dns,
  request: WebSocketRequest,
): Promise<WebSocketConnection> {
  const url = URL.parse(request.url.replace(/^ws/, "http"));
  if (url === null || !/^wss?:/.test(request.url)) {
    throw new HttpError("failed", `${request.url} is not a ws or wss address.`);
  }
  const wait = createWait(process, request, url);
  let socket: StreamSocket | null = null;
  const addresses = await wait(dns.resolve(url.hostname.replace(/^\[|\]$/g, ""))).catch(
    (error: unknown) => {
      throw toHttpError(error, url);
    },
  );
  for (const address of addresses) request.allow?.({ url: new URL(request.url), address });
  try {
    socket = await connect(net, request, url, addresses, wait);
    const reader = new StreamReader(socket);
    const asked = { host: url.host, connection: "upgrade", upgrade: "websocket" };
    socket.write(formatHead(`GET ${url.pathname}${url.search} HTTP/1.1`, asked));
    const head = await wait(readHead(reader));
    if (head?.startLine.startsWith("HTTP/1.1 101 ") !== true) {
      throw new HttpError("bad-response", `${url.host} does not speak WebSocket.`);
    }
    return wrapWebSocket(socket, reader);
  } catch (error) {
    socket?.destroy();
    throw toHttpError(error, url);
  }
}
