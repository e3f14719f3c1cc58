import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { HttpError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../ports/http.ts";
import type { Net } from "../ports/net.ts";
import type { WebSocketConnection, WebSocketRequest } from "../ports/web-socket.ts";
import { toHttpError } from "./http-errors.ts";
import { plainAddress } from "./tcp-socket.ts";
import { createAgentsOver } from "./way-agents.ts";
import type { Agents } from "./way-agents.ts";
import { openWebSocket } from "./web-socket.ts";

const DEFAULT_TIMEOUT_MS = 30_000;

/** The answer's headers may be this long, as a server's may. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Idle connections kept per host: web seeds use a few at once. */
const KEPT_SOCKETS = 4;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface NodeHttpClient extends HttpClient {
  close(): void;
}

/**
 * A client that keeps connections and connects only to addresses that the request allows.
 * @param connect Makes every connection; Node's own when absent.
 */
export function createHttpClient(dns: Dns, connect?: Net["connect"]): NodeHttpClient {
  const agentOptions = { keepAlive: true, maxFreeSockets: KEPT_SOCKETS };
  const plain = new HttpAgent(agentOptions);
  const agents: Agents =
    connect === undefined
      ? { "http:": plain, "https:": new HttpsAgent(agentOptions) }
      : createAgentsOver(connect, agentOptions);

  async function follow(request: HttpRequest): Promise<HttpResponse> {
    let url = parseUrl(request.url);
    let current = request;
    let redirectedFrom: URL | null = null;
    for (let redirects = 0; ; redirects++) {
      const message = await send(current, url, redirectedFrom);
      const location = message.headers.location;
      if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) {
        return toResponse(message, url, current);
      }
      message.destroy();
      if (redirects >= (request.maxRedirects ?? 0)) {
        throw new HttpError(
          "too-many-redirects",
          `${url.href} redirects to ${location}, beyond ${redirects} redirects.`,
        );
      }
      redirectedFrom = url;
      url = parseUrl(location, url);
      current = redirected(current, message.statusCode ?? 0, redirectedFrom, url);
    }
  }

  /**
   * A server may close a kept connection at any time, also while a request is on its way: what changes nothing is sent
   * again (RFC 9112, 9.3.1), at last over a new connection.
   */
  async function send(request: HttpRequest, url: URL, redirectedFrom: URL | null) {
    for (;;) {
      const message = await sendOnce(request, url, redirectedFrom);
      if (message !== "stale-connection") return message;
    }
  }

  async function sendOnce(
    request: HttpRequest,
    url: URL,
    redirectedFrom: URL | null,
  ): Promise<IncomingMessage | "stale-connection"> {
    const wait = createDeadline(request, url);
    let refusal: { readonly error: unknown } | null = null;
    const allow = (address: string) => {
      try {
        request.allow?.({ url, address, redirectedFrom });
      } catch (error) {
        refusal = { error };
        throw error;
      }
    };
    let outgoing: ClientRequest | null = null;
    try {
      if (request.socketPath === undefined) {
        const addresses = await wait(dns.resolve(url.hostname.replace(/^\[|\]$/g, "")));
        for (const address of addresses) allow(address);
        outgoing = start(request, url, waysTo(request, url, addresses));
        guardReused(outgoing, allow);
      } else {
        if (url.protocol !== "http:") throw notOverSocket(url);
        outgoing = start(request, url, { agent: plain, socketPath: request.socketPath });
      }
      return await wait(receive(outgoing, request.body));
    } catch (error) {
      outgoing?.destroy();
      // What the caller's `allow` threw reaches the caller as it is.
      if (refusal !== null) throw (refusal as { readonly error: unknown }).error;
      if (outgoing !== null && isStale(outgoing, error)) return "stale-connection";
      throw toHttpError(error, url);
    }
  }

  function waysTo(request: HttpRequest, url: URL, addresses: readonly string[]): RequestOptions {
    return {
      agent: agents[url.protocol as "http:" | "https:"],
      // Only addresses that were allowed are connected to: a second look-up could answer differently.
      lookup: (_host, { all }, callback) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        if (all === true) callback(null, found);
        else callback(null, found[0]?.address ?? "", found[0]?.family ?? 4);
      },
      ...(request.localAddress !== undefined && { localAddress: request.localAddress }),
    };
  }

  return {
    request: follow,
    openWebSocket: (request: WebSocketRequest): Promise<WebSocketConnection> =>
      openWebSocket(dns, request, connect === undefined ? null : agents),
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
      plain.destroy();
    },
  };
}

function start(request: HttpRequest, url: URL, ways: RequestOptions): ClientRequest {
  const options: RequestOptions = {
    ...ways,
    method: request.method ?? "GET",
    headers: {
      ...request.headers,
      ...(request.body !== undefined && { "content-length": request.body.length }),
    },
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  return url.protocol === "https:" ? requestHttps(url, options) : requestHttp(url, options);
}

function notOverSocket(url: URL): HttpError {
  return new HttpError("failed", `${url.href} is not asked over a Unix socket: only http is.`);
}

/** A kept connection was allowed to another request; this one may be stricter. */
function guardReused(outgoing: ClientRequest, allow: (address: string) => void): void {
  outgoing.on("socket", (socket) => {
    if (!outgoing.reusedSocket) return;
    try {
      allow(plainAddress(socket.remoteAddress));
    } catch (error) {
      outgoing.destroy(error as Error);
    }
  });
}

function isStale(outgoing: ClientRequest, error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  const isReset = code === "ECONNRESET" || code === "EPIPE";
  const isSafe = outgoing.method === "GET" || outgoing.method === "HEAD";
  return outgoing.reusedSocket && isReset && isSafe;
}

async function receive(
  outgoing: ClientRequest,
  body: Uint8Array | undefined,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", resolve);
  outgoing.on("error", reject);
  outgoing.end(body);
  return await promise;
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new HttpError("failed", `${text} is not an http or https address.`);
  }
  return url;
}

/** RFC 9110, 15.4: 303, and by custom 301 and 302, turn a POST into a GET. Credentials stay with their host. */
function redirected(request: HttpRequest, status: number, from: URL, to: URL): HttpRequest {
  const { body, method, headers, ...rest } = request;
  const keepsBody = status === 307 || status === 308 || method === "GET" || method === "HEAD";
  const kept = Object.entries(headers ?? {}).filter(
    ([name]) => from.host === to.host || !/^(authorization|cookie|host)$/i.test(name),
  );
  return {
    ...rest,
    headers: Object.fromEntries(kept),
    ...(keepsBody && body !== undefined && { body }),
    ...(keepsBody && method !== undefined && { method }),
  };
}

type Wait = <T>(promise: Promise<T>) => Promise<T>;

/** Waits for one step of a request, for at most its timeout and until it is aborted. */
function createDeadline({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: HttpRequest, url: URL): Wait {
  return async (promise) => {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(aborted(url, signal));
    const timer = setTimeout(() => reject(timedOut(url, timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      return await Promise.race([promise, cut]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
}

function toResponse(message: IncomingMessage, url: URL, request: HttpRequest): HttpResponse {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(", ");
  }
  return {
    status: message.statusCode ?? 0,
    headers,
    url: url.href,
    body: readBody(message, url, request),
  };
}

/**
 * The iterator reads on only when asked: back-pressure reaches the server. One timer and one listener
 * serve all parts: measured, one of each for every part costs a fifth of the main thread's time.
 */
async function* readBody(
  message: IncomingMessage,
  url: URL,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: HttpRequest,
): AsyncGenerator<Uint8Array> {
  const parts = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let isAwaited = false;
  const onAbort = () => message.destroy(aborted(url, signal));
  const timer = setTimeout(() => {
    if (isAwaited) message.destroy(timedOut(url, timeoutMs));
  }, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    for (;;) {
      isAwaited = true;
      timer.refresh();
      const part = await parts.next();
      isAwaited = false;
      if (part.done === true) return;
      yield part.value;
    }
  } catch (error) {
    throw toHttpError(error, url);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    if (!message.complete || message.readableLength > 0) message.destroy();
  }
}

function aborted(url: URL, signal: AbortSignal | undefined): HttpError {
  const text = `The request to ${url.host} was cancelled.`;
  return new HttpError("aborted", text, { cause: signal?.reason });
}

function timedOut(url: URL, timeoutMs: number): HttpError {
  return new HttpError("timeout", `${url.host} sent nothing for ${timeoutMs} ms.`);
}
