import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebSocketConnection } from "../ports/web-socket.ts";
import type { Http, HttpServerRequest, HttpServerResponse } from "../ports/http.ts";
import { toNetError } from "./net-errors.ts";
import { plainAddress } from "./tcp-socket.ts";
import { createUpgrade } from "./web-socket.ts";

const NOTHING = new Uint8Array();

type Handle = Parameters<Http["serve"]>[1];

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** Clients of a tracker ask every half hour: a kept connection is of no use for long. */
const KEEP_ALIVE_MS = 5_000;

/** Below the usual limit of open files, shared with peers. */
const MAX_CONNECTIONS = 4096;

/** Serves small requests, and WebSockets where they are accepted; a body that is too long is answered 413. */
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
    (request, response) => void answer(request, response, handle, options.maxBodyBytes ?? 0),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const open = new Set<WebSocketConnection>();
  if (accept !== undefined) {
    const upgrade = createUpgrade();
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => {});
      const onOpen = accept(describe(request, NOTHING));
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
  maxBodyBytes: number,
): Promise<void> {
  const body = await readBody(request, maxBodyBytes);
  if (body === "broken") return;
  if (body === "too-long") {
    send(response, { status: 413, headers: { connection: "close" }, body: NOTHING });
    return;
  }
  let result: HttpServerResponse;
  try {
    result = await handle(describe(request, body));
  } catch {
    // The handler logs its own failures; the client learns no more than that there was one.
    result = { status: 500, body: NOTHING };
  }
  send(response, result);
}

/** What is announced as too long is not waited for. */
async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array | "too-long" | "broken"> {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  if (Number(length) > maxBytes || (encoding !== undefined && maxBytes === 0)) return "too-long";
  if (length === "0" && encoding === undefined) {
    request.resume();
    return NOTHING;
  }
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  const { promise, resolve } = Promise.withResolvers<Uint8Array | "too-long" | "broken">();
  request.on("data", (part: Buffer) => {
    lengthBytes += part.length;
    if (lengthBytes > maxBytes) {
      request.pause();
      resolve("too-long");
    } else parts.push(part);
  });
  request.on("end", () => resolve(Buffer.concat(parts)));
  request.on("error", () => resolve("broken"));
  request.on("close", () => resolve("broken"));
  return await promise;
}

function describe(request: IncomingMessage, body: Uint8Array): HttpServerRequest {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(", ");
  }
  const { remoteAddress, remotePort } = request.socket;
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    headers,
    body,
    remote: { address: plainAddress(remoteAddress), port: remotePort ?? 0 },
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpServerResponse): void {
  response.on("error", () => {});
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}
