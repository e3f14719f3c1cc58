import { sourceOf } from "../address/source-of.ts";
import type {
  AcceptWebSocket,
  Http,
  HttpRequestHead,
  HttpServerRequest,
  HttpServerResponse,
  ServeOptions,
} from "../ports/http.ts";
import type { Listener, Net, StreamSocket } from "../ports/net.ts";
import { formatHead, type Head, readHead } from "./http-message.ts";
import { sendResponse } from "./http-response.ts";
import type { SimProcess } from "./sim-process.ts";
import { listenUnix } from "./sim-unix.ts";
import { wrapWebSocket } from "./sim-web-socket.ts";
import { StreamReader } from "./stream-reader.ts";

type Handle = Parameters<Http["serve"]>[1];

/** As in the real world. */
const REQUEST_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 4096;

/** Serves requests, one per connection; a body that is too long is answered 413. */
export async function serveHttp(
  process: SimProcess,
  net: Net,
  ...[options, handle, accept]: Parameters<Http["serve"]>
): Promise<Listener> {
  const sockets = new Set<StreamSocket>();
  const onConnection = (socket: StreamSocket) => {
    if (!hasRoom(sockets, socket, options)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const exchange = new Exchange(process, options, socket);
    exchange
      .answer(handle, accept)
      .catch(() => socket.destroy())
      .finally(() => {
        exchange.end();
        sockets.delete(socket);
      });
  };
  const listener =
    "path" in options
      ? listenUnix(process, options.path, onConnection)
      : await net.listen(options, onConnection);
  return {
    local: listener.local,
    async close() {
      await listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function hasRoom(
  sockets: ReadonlySet<StreamSocket>,
  { remote }: StreamSocket,
  { maxConnections = MAX_CONNECTIONS, maxConnectionsPerAddress = maxConnections }: ServeOptions,
): boolean {
  if (sockets.size >= maxConnections) return false;
  if (maxConnectionsPerAddress >= maxConnections) return true;
  const source = sourceOf(remote.address);
  const same = [...sockets].filter((other) => sourceOf(other.remote.address) === source);
  return same.length < maxConnectionsPerAddress;
}

/** One request and its answer. */
class Exchange {
  readonly #process: SimProcess;
  readonly #options: ServeOptions;
  readonly #socket: StreamSocket;
  readonly #reader: StreamReader;
  readonly #gone = new AbortController();
  #deadline;

  constructor(process: SimProcess, options: ServeOptions, socket: StreamSocket) {
    this.#process = process;
    this.#options = options;
    this.#socket = socket;
    this.#reader = new StreamReader(socket);
    const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    this.#deadline = this.#cutAfter(Math.min(requestTimeoutMs, REQUEST_TIMEOUT_MS));
  }

  async answer(handle: Handle, accept: AcceptWebSocket | undefined): Promise<void> {
    const head = await readHead(this.#reader);
    const match = /^([!-~]+) ([!-~]+) HTTP\/1\.[01]$/.exec(head?.startLine ?? "");
    if (head === null || match === null) {
      this.#socket.destroy();
      return;
    }
    const [, method = "", target = ""] = match;
    const request = await this.#receive(method, target, head);
    if (request === null) {
      this.#socket.destroy();
      return;
    }
    this.end();
    if (!("long" in request) && head.headers["upgrade"] === "websocket") {
      const onOpen = accept?.(request) ?? null;
      if (onOpen !== null) {
        this.#socket.write(
          formatHead("HTTP/1.1 101 Switching Protocols", { upgrade: "websocket" }),
        );
        const { promise, resolve } = Promise.withResolvers<void>();
        onOpen(wrapWebSocket(this.#socket, this.#reader, resolve));
        return await promise;
      }
    }
    const left = this.#readToEnd();
    const { idleTimeoutMs = IDLE_TIMEOUT_MS } = this.#options;
    const response = await respond(request, handle, this.#options.refuseLong);
    const client = { process: this.#process, socket: this.#socket, gone: this.#gone.signal };
    await sendResponse(client, method, response, idleTimeoutMs);
    await left;
  }

  end(): void {
    this.#process.world.loop.cancel(this.#deadline);
  }

  async #receive(
    method: string,
    target: string,
    { headers }: Head,
  ): Promise<HttpServerRequest | LongRequest | null> {
    const { requestTimeoutMs = REQUEST_TIMEOUT_MS, maxBodyBytes = 0 } = this.#options;
    const { remote } = this.#socket;
    const transport = "path" in this.#options ? ("unix" as const) : ("tcp" as const);
    const request = { method, target, headers, remote, transport };
    const lengthBytes = Number(headers["content-length"] ?? "0");
    const most = typeof maxBodyBytes === "number" ? maxBodyBytes : await maxBodyBytes(request);
    // Nobody in a simulated world sends in chunks.
    if (lengthBytes > most || headers["transfer-encoding"] !== undefined) return { long: request };
    if (requestTimeoutMs > REQUEST_TIMEOUT_MS) {
      this.end();
      this.#deadline = this.#cutAfter(requestTimeoutMs);
    }
    const body = await this.#reader.readExactly(lengthBytes);
    if (body === null) return null;
    return { ...request, body, signal: this.#gone.signal };
  }

  /** The client closes when it has read all, or does not want more. */
  async #readToEnd(): Promise<void> {
    try {
      while ((await this.#reader.readSome(Infinity)) !== null);
    } catch {
      // It is as gone as one that closed.
    }
    this.#gone.abort();
  }

  #cutAfter(delayMs: number) {
    return this.#process.later(delayMs, () => this.#socket.destroy());
  }
}

/** A request whose body is too long to be read. */
interface LongRequest {
  readonly long: HttpRequestHead;
}

async function respond(
  request: HttpServerRequest | LongRequest,
  handle: Handle,
  refuseLong: ServeOptions["refuseLong"],
): Promise<HttpServerResponse> {
  try {
    if (!("long" in request)) return await handle(request);
    return (await refuseLong?.(request.long)) ?? { status: 413, body: new Uint8Array() };
  } catch {
    return { status: 500, body: new Uint8Array() };
  }
}
