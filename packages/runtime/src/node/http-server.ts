import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebSocketConnection } from "../ports/web-socket.ts";
import type { Http, HttpServerRequest, HttpServerResponse } from "../ports/http.ts";
import { toNetError } from "./net-errors.ts";
import { plainAddress } from "./tcp-socket.ts";
import { createUpgrade } from "./web-socket.ts";

type Handle = Parameters<Http["serve"]>[1];

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** Clients of a tracker ask every half hour: a kept connection is of no use for long. */
const KEEP_ALIVE_MS = 5_000;

/** Below the usual limit of open files, shared with peers. */
const MAX_CONNECTIONS = 4096;

/**
 * Serves small requests without bodies, and WebSockets where they are accepted; a request with a body
 * is answered 413.
 */
export async function serveHttp(
  ...[options, handle, accept]: Parameters<Http["serve"]>
): ReturnType<Http["serve"]> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2,
      noDelay: true,
    },
    (request, response) => void answer(request, response, handle),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const open = new Set<WebSocketConnection>();
  if (accept !== undefined) {
    const upgrade = createUpgrade();
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => {});
      const onOpen = accept(describe(request));
      if (onOpen === null) {
        socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
        return;
      }
      upgrade(request, socket, head, (connection) => {
        open.add(connection);
        socket.once("close", () => open.delete(connection));
        onOpen(connection);
      });
    });
  }
  const { host, port } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  try {
    await promise;
  } catch (error) {
    throw toNetError(error, "listen at", { address: host ?? "0.0.0.0", port });
  }
  server.off("error", reject);
  server.on("error", () => {});
  const local = server.address() as AddressInfo;
  return {
    local: { address: plainAddress(local.address), port: local.port },
    async close() {
      const closed = Promise.withResolvers<void>();
      for (const connection of open) connection.destroy();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
): Promise<void> {
  const { "content-length": lengthBytes = "0", "transfer-encoding": encoding } = request.headers;
  if (lengthBytes !== "0" || encoding !== undefined) {
    send(response, { status: 413, headers: { connection: "close" }, body: new Uint8Array() });
    return;
  }
  request.resume();
  let result: HttpServerResponse;
  try {
    result = await handle(describe(request));
  } catch {
    // The handler logs its own failures; the client learns no more than that there was one.
    result = { status: 500, body: new Uint8Array() };
  }
  send(response, result);
}

function describe(request: IncomingMessage): HttpServerRequest {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(", ");
  }
  const { remoteAddress, remotePort } = request.socket;
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    headers,
    remote: { address: plainAddress(remoteAddress), port: remotePort ?? 0 },
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpServerResponse): void {
  response.on("error", () => {});
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}
