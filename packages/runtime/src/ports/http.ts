import type { Dns } from "./dns.ts";
import type { Endpoint, Listener, ListenOptions, Net } from "./net.ts";
import type { WebSocketConnection, WebSocketRequest } from "./web-socket.ts";

export interface HttpRequest {
  /** With `socketPath` its host is only what the server is told. */
  readonly url: string;
  /** Asks over this Unix socket, of this machine; `allow` is not asked, and redirects stay on the socket. */
  readonly socketPath?: string;
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
  /** Names in lower case. Repeated headers are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: Uint8Array;
  /** Who asks. Over a Unix socket its address is empty and its port 0: programs of this machine have none. */
  readonly remote: Endpoint;
  /** `unix` when it came over a Unix socket, whose file says who may connect. */
  readonly transport: "tcp" | "unix";
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
}

export interface HttpServerResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * At once, or in parts, each asked for when the client's side took the one before: until then its memory belongs to
   * the server. With a `content-length` among the headers it has exactly that length, otherwise it is sent in chunks.
   * The headers are sent before the first part is there. Its iterator's `return` is called when the client goes away,
   * and when no body is sent, as to a HEAD; one that throws cuts the connection, so that nobody takes the rest for all.
   */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
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

/**
 * A Unix socket to listen at. Its file has mode 0600, in a folder that is made with 0700 when missing, and is removed
 * when the listener closes; one that a dead program left is taken over.
 */
export interface UnixListenOptions {
  /** Absolute. */
  readonly path: string;
}

/** What clients may do to a server. */
export interface ServeBounds {
  /**
   * The longest body that a request may bring, decided before it is read; one that is longer is answered 413. None when
   * absent.
   */
  readonly maxBodyBytes?: number | ((request: HttpRequestHead) => number | Promise<number>);
  /**
   * Answers a request whose body is too long, without reading it, and closes the connection; 413 when absent: for who has to be
   * told first that it must say who it is.
   */
  readonly refuseLong?: (
    request: HttpRequestHead,
  ) => HttpServerResponse | Promise<HttpServerResponse>;
  /** Time for a request to arrive, body and all; 10 s when absent. Its headers have 10 s at most. */
  readonly requestTimeoutMs?: number;
  /** A client that has taken nothing of its answer for so long, or up to twice as long, is cut off; 60 s when absent. */
  readonly idleTimeoutMs?: number;
  /** Connections at once; more are closed as they come. 4,096 when absent. */
  readonly maxConnections?: number;
  /** The same of one address, or of one /64 network of IPv6; as many as there may be in all when absent. */
  readonly maxConnectionsPerAddress?: number;
}

/** What is known of a request before its body. */
export type HttpRequestHead = Omit<HttpServerRequest, "body" | "signal">;

export type ServeOptions = (ListenOptions | UnixListenOptions) & ServeBounds;

/** HTTP/1.1, both sides. */
export interface Http extends HttpClient {
  /**
   * Serves requests, without bodies unless they are allowed, and WebSockets where `accept` takes them. Headers have
   * 16 KiB at most. A handler that throws is answered 500.
   * @returns a listener; of a Unix socket its `local` has the path as address, and port 0.
   * @throws {NetError} as `Net.listen` does; `address-in-use` when a live program has the Unix socket.
   */
  serve(
    options: ServeOptions,
    handle: (request: HttpServerRequest) => HttpServerResponse | Promise<HttpServerResponse>,
    accept?: AcceptWebSocket,
  ): Promise<Listener>;
  /** A client that asks `dns` for every name and connects by `net` alone; what it keeps open ends with this world. */
  over(ways: { readonly net: Pick<Net, "connect">; readonly dns: Dns }): HttpClient;
}
