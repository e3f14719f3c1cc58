import type { AcceptWebSocket, Http, HttpServerResponse } from "../ports/http.ts";
import type { Listener, Net, StreamSocket } from "../ports/net.ts";
import { formatHead, readHead } from "./http-message.ts";
import type { SimProcess } from "./sim-process.ts";
import { wrapWebSocket } from "./sim-web-socket.ts";
import { StreamReader } from "./stream-reader.ts";

type Handle = Parameters<Http["serve"]>[1];

const REQUEST_TIMEOUT_MS = 10_000;

/** Serves small requests, one per connection; a body that is too long is answered 413. */
export async function serveHttp(
  process: SimProcess,
  net: Net,
  ...[options, handle, accept]: Parameters<Http["serve"]>
): Promise<Listener> {
  const sockets = new Set<StreamSocket>();
  const listener = await net.listen(options, (socket) => {
    sockets.add(socket);
    const timer = process.later(REQUEST_TIMEOUT_MS, () => socket.destroy());
    answer(socket, handle, accept, options.maxBodyBytes ?? 0, () =>
      process.world.loop.cancel(timer),
    )
      .catch(() => socket.destroy())
      .finally(() => {
        process.world.loop.cancel(timer);
        sockets.delete(socket);
      });
  });
  return {
    local: listener.local,
    async close() {
      await listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function answer(
  socket: StreamSocket,
  handle: Handle,
  accept: AcceptWebSocket | undefined,
  maxBodyBytes: number,
  arrived: () => void,
): Promise<void> {
  const reader = new StreamReader(socket);
  const head = await readHead(reader);
  const match = /^([!-~]+) ([!-~]+) HTTP\/1\.[01]$/.exec(head?.startLine ?? "");
  if (head === null || match === null) {
    socket.destroy();
    return;
  }
  const { headers } = head;
  const [, method = "", target = ""] = match;
  const lengthBytes = Number(headers["content-length"] ?? "0");
  // Nobody in a simulated world sends in chunks.
  const isTooLong = lengthBytes > maxBodyBytes || headers["transfer-encoding"] !== undefined;
  const body = isTooLong ? new Uint8Array() : await reader.readExactly(lengthBytes);
  if (body === null) {
    socket.destroy();
    return;
  }
  arrived();
  const request = { method, target, headers, body, remote: socket.remote };
  if (headers["upgrade"] === "websocket") {
    const onOpen = accept?.(request) ?? null;
    if (onOpen !== null) {
      socket.write(formatHead("HTTP/1.1 101 Switching Protocols", { upgrade: "websocket" }));
      const { promise, resolve } = Promise.withResolvers<void>();
      onOpen(wrapWebSocket(socket, reader, resolve));
      return await promise;
    }
  }
  let result: HttpServerResponse;
  try {
    result = isTooLong ? { status: 413, body: new Uint8Array() } : await handle(request);
  } catch {
    result = { status: 500, body: new Uint8Array() };
  }
  const answerHeaders = {
    ...result.headers,
    connection: "close",
    "content-length": String(result.body.length),
  };
  socket.write(formatHead(`HTTP/1.1 ${result.status} `, answerHeaders));
  if (method !== "HEAD") socket.write(result.body);
  socket.end();
  // The client closes when it has read all.
  while ((await reader.readSome(Infinity)) !== null);
}
