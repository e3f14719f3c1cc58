import type { Dns } from "./dns.ts";
import type { Endpoint, Listener, ListenOptions, Net } from "./net.ts";
import type { WebSocketConnection, WebSocketRequest } from "./web-socket.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Time until the response's headers, and again between parts of the body. */
  readonly timeoutMs?: number;
  /**
   * How many redirects to follow; 0 when absent.
   */
  readonly maxRedirects?: number;
  /**
   * Asked with each address before it is connected to, the first and every redirect's. What it
   * throws ends the request: the guard against requests to private networks is kept here.
   */
  readonly allow?: (target: { url: URL; address: string; redirectedFrom: URL | null }) => void;
  readonly localAddress?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. Repeated headers are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The address after redirects. */
  readonly url: string;
  /** The body, once, in parts of any size. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpServerRequest {
  readonly method: string;
  /** Path and query as sent: percent-encoding is kept (an infohash is not valid UTF-8). */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: Uint8Array;
  readonly remote: Endpoint;
}

export interface HttpServerResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Decides about a request to open a WebSocket at a served port.
 * @returns what takes the open connection, or null to refuse.
 */
export type AcceptWebSocket = (
  request: HttpServerRequest,
) => ((connection: WebSocketConnection) => void) | null;

/** Asks servers over HTTP/1.1 and WebSockets. */
export interface HttpClient {
  /**
   * Sends a request; answers as soon as the headers are there.
   * @throws {HttpError} `refused`, `timeout`, `aborted`, `tls`, `bad-response`, `too-many-redirects` or `failed`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Opens a WebSocket.
   * @throws {HttpError} as `request` does; `bad-response` when the server does not speak WebSocket.
   */
  openWebSocket(request: WebSocketRequest): Promise<WebSocketConnection>;
}

export interface ServeOptions extends ListenOptions {
  /** The longest body that a request may bring; one that is longer is answered 413. None when absent. */
  readonly maxBodyBytes?: number;
}

/** HTTP/1.1, both sides. */
export interface Http extends HttpClient {
  /**
   * Serves small requests, without bodies unless they are allowed, and WebSockets where `accept` takes them. Bounds:
   * 16 KiB of headers, 10 s for a request to arrive.
   */
  serve(
    options: ServeOptions,
    handle: (request: HttpServerRequest) => HttpServerResponse | Promise<HttpServerResponse>,
    accept?: AcceptWebSocket,
  ): Promise<Listener>;
  /** A client that asks `dns` for every name and connects by `net` alone; what it keeps open ends with this world. */
  over(ways: { readonly net: Pick<Net, "connect">; readonly dns: Dns }): HttpClient;
}
