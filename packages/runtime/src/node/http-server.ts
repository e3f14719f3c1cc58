import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { WebSocketConnection } from "../ports/web-socket.ts";
import type {
  Http,
  HttpRequestHead,
  HttpServerRequest,
  HttpServerResponse,
  ServeBounds,
  ServeOptions,
} from "../ports/http.ts";
import { admitWaiting, limitConnections } from "./connection-limit.ts";
import { readBody } from "./http-body.ts";
import { sendResponse } from "./http-response.ts";
import { toNetError } from "./net-errors.ts";
import { plainAddress } from "./tcp-socket.ts";
import { listenAtPath } from "./unix-listener.ts";
import { createUpgrade } from "./web-socket.ts";

const NOTHING = new Uint8Array();

type Handle = Parameters<Http["serve"]>[1];

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** Clients of a tracker ask every half hour: a kept connection is of no use for long. */
const KEEP_ALIVE_MS = 5_000;

/** Above the silence of any client that means well, at the pauses of a video player too. */
const IDLE_TIMEOUT_MS = 60_000;

/** Below the usual limit of open files, shared with peers. */
const MAX_CONNECTIONS = 4096;

/** Serves requests, and WebSockets where they are accepted; a body that is too long is answered 413. */
export async function serveHttp(
  ...[options, handle, accept]: Parameters<Http["serve"]>
): ReturnType<Http["serve"]> {
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const headersTimeout = Math.min(requestTimeoutMs, REQUEST_TIMEOUT_MS);
  const serving: Serving = {
    handle,
    transport: "path" in options ? "unix" : "tcp",
    idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
    maxBodyBytes: options.maxBodyBytes ?? 0,
    refuseLong: options.refuseLong ?? (() => ({ status: 413, body: NOTHING })),
  };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: headersTimeout / 2,
      noDelay: true,
    },
    (request, response) => void answer(serving, request, response),
  );
  const maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.maxConnections = maxConnections;
  const mostOfAddress = options.maxConnectionsPerAddress ?? maxConnections;
  if (mostOfAddress < maxConnections) limitConnections(server, mostOfAddress);
  const open = new Set<WebSocketConnection>();
  if (accept !== undefined) {
    const upgrade = createUpgrade();
    server.on("upgrade", (request, socket: Socket, head) => {
      socket.on("error", () => {});
      const onOpen = accept(describe(readHead(serving, request), NOTHING, socket));
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
  const place = await listen(server, options);
  server.on("error", () => {});
  return {
    local: place.local,
    async close() {
      const closed = Promise.withResolvers<void>();
      for (const connection of open) connection.destroy();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
      await place.leave();
    },
  };
}

async function listen(server: Server, options: ServeOptions) {
  if ("path" in options) {
    const leave = await listenAtPath(server, options.path);
    return { local: { address: options.path, port: 0 }, leave };
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
  const local = server.address() as AddressInfo;
  return {
    local: { address: plainAddress(local.address), port: local.port },
    leave: async () => {},
  };
}

/** What all requests at one listener have in common. */
interface Serving {
  readonly handle: Handle;
  readonly transport: HttpServerRequest["transport"];
  readonly idleTimeoutMs: number;
  readonly maxBodyBytes: NonNullable<ServeBounds["maxBodyBytes"]>;
  readonly refuseLong: NonNullable<ServeBounds["refuseLong"]>;
}

async function answer(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A response without a socket waits for those ahead of it.
  if (response.socket === null && !admitWaiting(request.socket, response)) return;
  const head = readHead(serving, request);
  const { maxBodyBytes } = serving;
  const maxBytes = typeof maxBodyBytes === "number" ? maxBodyBytes : await maxBodyBytes(head);
  const body = await readBody(request, head.headers, maxBytes);
  if (body === "broken") return;
  let result: HttpServerResponse;
  try {
    result =
      body === "too-long"
        ? await refuseLong(serving, head, request)
        : await serving.handle(describe(head, body, response));
  } catch {
    // The handler logs its own failures; the client learns no more than that there was one.
    result = { status: 500, body: NOTHING };
  }
  sendResponse(response, result, serving.idleTimeoutMs);
}

/** What comes of the body meanwhile is dropped, so that a client that still sends gets to read the answer. */
async function refuseLong(
  serving: Serving,
  head: HttpRequestHead,
  request: IncomingMessage,
): Promise<HttpServerResponse> {
  const refusal = await serving.refuseLong(head);
  request.resume();
  return { ...refusal, headers: { ...refusal.headers, connection: "close" } };
}

function readHead({ transport }: Serving, request: IncomingMessage): HttpRequestHead {
  const { remoteAddress, remotePort } = request.socket;
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    headers: readHeaders(request.rawHeaders),
    remote: { address: plainAddress(remoteAddress), port: remotePort ?? 0 },
    transport,
  };
}

/** From names and values in turn: measured, Node's own objects of the same take twice as long to make and to read. */
function readHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** @param way What closes when the client goes away. */
function describe(
  { method, target, headers, remote, transport }: HttpRequestHead,
  body: Uint8Array,
  way: ServerResponse | Socket,
): HttpServerRequest {
  let gone: AbortSignal | null = null;
  return {
    method,
    target,
    headers,
    body,
    remote,
    transport,
    // Made when it is asked for: most requests are answered before anybody could go away.
    get signal() {
      gone ??= signalGone(way);
      return gone;
    },
  };
}

function signalGone(way: ServerResponse | Socket): AbortSignal {
  const controller = new AbortController();
  const look = () => {
    if (!way.writableFinished) controller.abort();
  };
  if (way.destroyed) look();
  else way.once("close", look);
  return controller.signal;
}
