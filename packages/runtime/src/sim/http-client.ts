import { HttpError, NetError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { HttpRequest, HttpResponse } from "../ports/http.ts";
import type { Net, StreamSocket } from "../ports/net.ts";
import { formatHead, readBody, readHead } from "./http-message.ts";
import type { SimProcess } from "./sim-process.ts";
import { connectUnix } from "./sim-unix.ts";
import { StreamReader } from "./stream-reader.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export type Connector = Pick<Net, "connect">;

/** Waits for one step, within a request's limits of time. */
export type Wait = <T>(promise: Promise<T>) => Promise<T>;

interface Answer {
  readonly response: HttpResponse;
  readonly socket: StreamSocket;
}

/** HTTP/1.1 over the simulated network, one connection per request. `https` is `http` at port 443: nothing is encrypted. */
export async function requestHttp(
  process: SimProcess,
  net: Connector,
  dns: Dns,
  request: HttpRequest,
): Promise<HttpResponse> {
  let url = parseUrl(request.url);
  let current = request;
  let redirectedFrom: URL | null = null;
  for (let redirects = 0; ; redirects++) {
    const wait = createWait(process, request, url);
    const { response, socket } =
      request.socketPath === undefined
        ? await send(net, dns, current, url, redirectedFrom, wait)
        : await sendOverSocket(process, request.socketPath, current, url, wait);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.status) || location === undefined) return response;
    socket.destroy();
    if (redirects >= (request.maxRedirects ?? 0)) {
      const text = `${url.href} redirects to ${location}, beyond ${redirects} redirects.`;
      throw new HttpError("too-many-redirects", text);
    }
    redirectedFrom = url;
    url = parseUrl(location, url);
    current = redirected(current, response.status, redirectedFrom, url);
  }
}

async function send(
  net: Connector,
  dns: Dns,
  request: HttpRequest,
  url: URL,
  redirectedFrom: URL | null,
  wait: Wait,
): Promise<Answer> {
  let socket: StreamSocket | null = null;
  let addresses: readonly string[];
  try {
    addresses = await wait(dns.resolve(url.hostname.replace(/^\[|\]$/g, "")));
  } catch (error) {
    throw toHttpError(error, url);
  }
  for (const address of addresses) request.allow?.({ url, address, redirectedFrom });
  try {
    socket = await connect(net, request, url, addresses, wait);
    return { response: await exchange(socket, request, url, wait), socket };
  } catch (error) {
    socket?.destroy();
    throw toHttpError(error, url);
  }
}

async function sendOverSocket(
  process: SimProcess,
  path: string,
  request: HttpRequest,
  url: URL,
  wait: Wait,
): Promise<Answer> {
  if (url.protocol !== "http:") {
    throw new HttpError("failed", `${url.href} is not asked over a Unix socket: only http is.`);
  }
  let socket: StreamSocket | null = null;
  try {
    socket = await wait(connectUnix(process, path));
    return { response: await exchange(socket, request, url, wait), socket };
  } catch (error) {
    socket?.destroy();
    throw toHttpError(error, url);
  }
}

/** Tries the addresses in their order. */
export async function connect(
  net: Connector,
  { localAddress }: { readonly localAddress?: string },
  url: URL,
  addresses: readonly string[],
  wait: Wait,
): Promise<StreamSocket> {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  let lastError: unknown = null;
  for (const host of addresses) {
    const connecting = net.connect({
      host,
      port,
      ...(localAddress !== undefined && { localAddress }),
    });
    try {
      return await wait(connecting);
    } catch (error) {
      // When the deadline came first, the connection may still come into being.
      connecting.then(
        (socket) => socket.destroy(),
        () => {},
      );
      if (error instanceof HttpError) throw error;
      lastError = error;
    }
  }
  throw lastError;
}

async function exchange(
  socket: StreamSocket,
  request: HttpRequest,
  url: URL,
  wait: Wait,
): Promise<HttpResponse> {
  const method = request.method ?? "GET";
  const headers = {
    host: url.host,
    connection: "close",
    ...request.headers,
    ...(request.body !== undefined && { "content-length": String(request.body.length) }),
  };
  const reader = new StreamReader(socket);
  socket.write(formatHead(`${method} ${url.pathname}${url.search} HTTP/1.1`, headers));
  if (request.body !== undefined) socket.write(request.body);
  const head = await wait(readHead(reader));
  const match = /^HTTP\/1\.[01] (\d{3})( |$)/.exec(head?.startLine ?? "");
  if (head === null || match === null) {
    throw new HttpError("bad-response", `${url.origin} did not answer in HTTP.`);
  }
  const status = Number(match[1]);
  const isEmpty = method === "HEAD" || status === 204 || status === 304;
  const parts = isEmpty ? noParts() : readBody(reader, head.headers);
  return {
    status,
    headers: head.headers,
    url: url.href,
    body: readParts(parts, socket, url, wait),
  };
}

async function* readParts(
  parts: AsyncGenerator<Uint8Array>,
  socket: StreamSocket,
  url: URL,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const part = await wait(parts.next());
      if (part.done === true) return;
      yield part.value;
    }
  } catch (error) {
    throw toHttpError(error, url);
  } finally {
    socket.destroy();
  }
}

async function* noParts(): AsyncGenerator<Uint8Array> {}

/** Waits for one step of a request, for at most its timeout and until it is aborted. */
export function createWait(
  process: SimProcess,
  request: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  url: URL,
): Wait {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = request;
  return async (promise) => {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    const onAbort = () => {
      const text = `The request to ${url.host} was cancelled.`;
      reject(new HttpError("aborted", text, { cause: signal?.reason }));
    };
    const timer = process.later(timeoutMs, () => {
      reject(new HttpError("timeout", `${url.host} sent nothing for ${timeoutMs} ms.`));
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      return await Promise.race([promise, cut]);
    } finally {
      process.world.loop.cancel(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
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

export function toHttpError(cause: unknown, url: URL): HttpError {
  if (cause instanceof HttpError) return cause;
  const { message, code } = cause as NetError;
  const isKnown = code === "refused" || code === "timeout" || code === "aborted";
  const text = `The request to ${url.origin} failed: ${message}`;
  return new HttpError(cause instanceof NetError && isKnown ? code : "failed", text, { cause });
}
