import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { HttpError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { Endpoint } from "../ports/net.ts";
import type { WebSocketConnection, WebSocketRequest, WebSocketSink } from "../ports/web-socket.ts";
import { toHttpError } from "./http-errors.ts";
import { plainAddress } from "./tcp-socket.ts";
import type { Agents } from "./way-agents.ts";

/** Ten WebRTC offers of a browser are about 30 KiB. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const OPEN_TIMEOUT_MS = 30_000;
/** Behind address translators a silent connection is soon forgotten. */
const PING_MS = 30_000;
/** How long the other side may take to say goodbye too. */
const CLOSE_MS = 3_000;

/** Both sides: a tracker sends small messages, which compression would only cost memory for. */
const OPTIONS = { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false } as const;

/** Turns an HTTP upgrade into an open WebSocket, or answers it with an error by itself. */
export function createUpgrade(): (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onOpen: (connection: WebSocketConnection) => void,
) => void {
  const server = new WebSocketServer({ ...OPTIONS, noServer: true, clientTracking: false });
  server.on("wsClientError", (_error, socket: Duplex) => socket.destroy());
  return (request, socket, head, onOpen) => {
    const { remoteAddress, remotePort } = request.socket;
    const remote = { address: plainAddress(remoteAddress), port: remotePort ?? 0 };
    server.handleUpgrade(request, socket, head, (opened) => onOpen(wrap(opened, remote)));
  };
}

/**
 * @param agents Make the connections; `ws` itself when null.
 * @throws {HttpError} as the port says.
 */
export async function openWebSocket(
  dns: Dns,
  request: WebSocketRequest,
  agents: Agents | null,
): Promise<WebSocketConnection> {
  const { timeoutMs = OPEN_TIMEOUT_MS, signal, allow, localAddress } = request;
  const url = URL.parse(request.url);
  if (url === null || (url.protocol !== "ws:" && url.protocol !== "wss:")) {
    throw new HttpError("failed", `${request.url} is not a ws or wss address.`);
  }
  let socket: WebSocket | null = null;
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new HttpError("timeout", `${url.host} did not answer within ${timeoutMs} ms.`));
  }, timeoutMs);
  const onAbort = () =>
    reject(
      new HttpError("aborted", `The connection to ${url.host} was cancelled.`, {
        cause: signal?.reason,
      }),
    );
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    const addresses = await Promise.race([cut, dns.resolve(url.hostname.replace(/^\[|\]$/g, ""))]);
    for (const address of addresses) allow?.({ url, address });
    socket = new WebSocket(url, {
      ...OPTIONS,
      followRedirects: false,
      // Only addresses that were allowed are connected to: a second look-up could answer differently.
      lookup: (_host, { all }, callback) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        if (all === true) callback(null, found);
        else callback(null, found[0]?.address ?? "", found[0]?.family ?? 4);
      },
      ...(localAddress !== undefined && { localAddress }),
      ...(agents !== null && { agent: agents[url.protocol === "wss:" ? "https:" : "http:"] }),
    });
    const opened = Promise.withResolvers<Endpoint>();
    socket.once("error", opened.reject);
    socket.once("upgrade", ({ socket: { remoteAddress, remotePort } }) => {
      const remote = { address: plainAddress(remoteAddress), port: remotePort ?? 0 };
      socket?.once("open", () => opened.resolve(remote));
    });
    const remote = await Promise.race([cut, opened.promise]);
    socket.off("error", opened.reject);
    return wrap(socket, remote);
  } catch (error) {
    socket?.on("error", () => {});
    socket?.terminate();
    // What the caller's `allow` threw reaches the caller as it is.
    if (socket === null) throw error;
    const isAnswer = (error as Error).message.startsWith("Unexpected server response");
    if (!isAnswer) throw toHttpError(error, url);
    const text = `${url.host} does not speak WebSocket: ${(error as Error).message}.`;
    throw new HttpError("bad-response", text, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function wrap(socket: WebSocket, remote: Endpoint): WebSocketConnection {
  let sink: WebSocketSink | null = null;
  let error: Error | null = null;
  let isAlive = true;
  const pinging = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  pinging.unref();
  socket.on("pong", () => (isAlive = true));
  socket.on("error", (caught) => (error = caught));
  socket.on("message", (data: RawData) => {
    isAlive = true;
    sink?.message((data as Buffer).toString());
  });
  socket.on("close", () => {
    clearInterval(pinging);
    sink?.closed(error);
  });
  return {
    remote,
    get queuedBytes() {
      return socket.bufferedAmount;
    },
    receive(taker) {
      sink = taker;
    },
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => {});
    },
    close() {
      socket.close(1000);
      setTimeout(() => socket.terminate(), CLOSE_MS).unref();
    },
    destroy: () => socket.terminate(),
  };
}
