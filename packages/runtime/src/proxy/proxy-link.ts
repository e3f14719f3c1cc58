import { NetError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Dns } from "../ports/dns.ts";
import type { ConnectOptions, Endpoint, Net, StreamSocket } from "../ports/net.ts";
import { ipToBytes } from "../address/ip-bytes.ts";
import { ProxyStream } from "./proxy-stream.ts";
import { describeProxy } from "./proxy-url.ts";
import type { ProxyAddress } from "./proxy-url.ts";
import {
  areCredentialsTaken,
  decodeChoice,
  decodeReply,
  encodeCredentials,
  encodeGreeting,
  encodeRequest,
  REPLY_START_BYTES,
  replyLengthBytes,
  SOCKS_COMMAND,
  SOCKS_METHOD,
} from "./socks5.ts";

/** As of a direct connection. */
const CONNECT_TIMEOUT_MS = 30_000;
const MAX_HEAD_BYTES = 16 * 1024;

/** The proxy, and the ports by which it is reached. */
export interface ProxyLink {
  readonly proxy: ProxyAddress;
  readonly net: Net;
  readonly dns: Dns;
  readonly clock: Clock;
}

/** What limits one attempt. */
type Bounds = Pick<ConnectOptions, "localAddress" | "timeoutMs" | "signal">;

/**
 * Connects to `options.host`, an IP address or a name that the proxy looks up.
 * @throws {NetError} as `Net.connect`, and `proxy-failed`.
 */
export async function connectThrough(
  link: ProxyLink,
  options: ConnectOptions,
): Promise<StreamSocket> {
  const { host, port } = options;
  assertHost(host);
  return await withProxy(link, options, async (stream) => {
    if (link.proxy.kind === "http") await askHttp(stream, link.proxy, host, port);
    else {
      const code = (await askSocks(stream, link.proxy, SOCKS_COMMAND.connect, host, port)).code;
      if (code !== 0) throw socksError(code, link, `${host} port ${port}`);
    }
    stream.open({ address: host, port });
  });
}

/**
 * Has a SOCKS5 proxy pass on datagrams, as long as the connection lives.
 * @returns the connection, and where datagrams go.
 * @throws {NetError} `off` when the proxy does not do that, and as `connectThrough`.
 */
export async function associate(
  link: ProxyLink,
  bounds: Bounds,
): Promise<{ stream: ProxyStream; relay: Endpoint }> {
  let relay: Endpoint = { address: "", port: 0 };
  const stream = await withProxy(link, bounds, async (opened) => {
    // All zeros: the address and port as the proxy sees them are not known here (RFC 1928, 7).
    const { udpAssociate } = SOCKS_COMMAND;
    const { code, bound } = await askSocks(opened, link.proxy, udpAssociate, "0.0.0.0", 0);
    if (code !== 0 || bound?.port === 0) {
      throw new NetError(
        "off",
        `The proxy ${describeProxy(link.proxy)} passes on no datagrams (code ${code}): no UDP is sent.`,
      );
    }
    const isHere = bound === null || /^(0\.0\.0\.0|::)$/.test(bound.address);
    if (bound === null) throw new NetError("proxy-failed", "it gives a name for its relay");
    relay = isHere ? { address: opened.remote.address, port: bound.port } : bound;
  });
  return { stream, relay };
}

/**
 * Finds out whether the proxy is there and lets this side in.
 * @throws {NetError} `proxy-failed`.
 */
export async function checkProxy(link: ProxyLink, signal?: AbortSignal): Promise<void> {
  const bounds = signal === undefined ? {} : { signal };
  const stream = await withProxy(link, bounds, async (opened) => {
    if (link.proxy.kind === "socks5") await enter(opened, link.proxy);
  });
  stream.destroy();
}

/** Connects to the proxy and has `talk` speak with it, all within the time and until the signal. */
async function withProxy(
  { proxy, net, dns, clock }: ProxyLink,
  { localAddress, timeoutMs = CONNECT_TIMEOUT_MS, signal }: Bounds,
  talk: (stream: ProxyStream) => Promise<void>,
): Promise<ProxyStream> {
  const name = describeProxy(proxy);
  const stopping = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => stopping.abort());
  const both = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
  const { promise: cut, reject } = Promise.withResolvers<never>();
  cut.catch(() => {});
  const onAbort = () =>
    reject(
      signal?.aborted === true
        ? new NetError("aborted", `Connecting through ${name} was cancelled.`, {
            cause: signal.reason,
          })
        : new NetError("timeout", `Nothing came through ${name} within ${timeoutMs} ms.`),
    );
  both.addEventListener("abort", onAbort, { once: true });
  if (both.aborted) onAbort();
  let stream: ProxyStream | null = null;
  try {
    const from = localAddress === undefined ? {} : { localAddress };
    const where = { port: proxy.port, timeoutMs, signal: both, ...from };
    const socket = await Promise.race([cut, reach(proxy, net, dns, where)]);
    stream = new ProxyStream(socket);
    await Promise.race([cut, talk(stream)]);
    return stream;
  } catch (error) {
    stream?.destroy();
    if (!(error instanceof NetError)) throw error;
    const isOurs = stream === null || error.code === "proxy-failed";
    if (!isOurs || error.code === "aborted" || error.code === "timeout") throw error;
    const text = `The proxy ${name} cannot be used: ${error.message.replace(/\.$/, "")}. Nothing goes past it.`;
    throw new NetError("proxy-failed", text, { cause: error });
  } finally {
    timer.cancel();
    both.removeEventListener("abort", onAbort);
  }
}

/** The proxy's own name is the only one that is looked up here. */
async function reach(
  proxy: ProxyAddress,
  net: Net,
  dns: Dns,
  where: Omit<ConnectOptions, "host">,
): Promise<StreamSocket> {
  let failure: unknown;
  let addresses: readonly string[];
  try {
    addresses = await dns.resolve(proxy.host);
  } catch (error) {
    throw new NetError("unreachable", (error as Error).message, { cause: error });
  }
  for (const host of addresses) {
    try {
      return await net.connect({ ...where, host });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function enter(stream: ProxyStream, { credentials }: ProxyAddress): Promise<void> {
  stream.write(encodeGreeting(credentials !== null));
  const method = decodeChoice(await stream.readExactly(2));
  if (method === SOCKS_METHOD.none) return;
  if (method !== SOCKS_METHOD.credentials || credentials === null) {
    throw new NetError(
      "proxy-failed",
      credentials === null
        ? "it asks for a user and a password: give them as socks5://USER:PASSWORD@HOST:PORT"
        : "it takes neither no password nor a user and a password",
    );
  }
  stream.write(encodeCredentials(credentials.user, credentials.password));
  if (!areCredentialsTaken(await stream.readExactly(2))) {
    throw new NetError("proxy-failed", "it refuses the user or the password");
  }
}

async function askSocks(
  stream: ProxyStream,
  proxy: ProxyAddress,
  command: number,
  host: string,
  port: number,
) {
  await enter(stream, proxy);
  stream.write(encodeRequest(command, host, port));
  const start = await stream.readExactly(REPLY_START_BYTES);
  const rest = await stream.readExactly(replyLengthBytes(start) - REPLY_START_BYTES);
  return decodeReply(Buffer.concat([start, rest]));
}

/** RFC 9110, 9.3.6. */
async function askHttp(
  stream: ProxyStream,
  { credentials }: ProxyAddress,
  host: string,
  port: number,
): Promise<void> {
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (credentials !== null) {
    const secret = Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64");
    lines.push(`Proxy-Authorization: Basic ${secret}`);
  }
  stream.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
  const head = await stream.readUntil("\r\n\r\n", MAX_HEAD_BYTES);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(Buffer.from(head).toString("latin1"))?.[1]);
  if (status >= 200 && status < 300) return;
  if (status === 407) {
    const asked = "it asks for a user and a password: give them as http://USER:PASSWORD@HOST:PORT";
    throw new NetError(
      "proxy-failed",
      credentials === null ? asked : "it refuses the user or the password",
    );
  }
  if (Number.isNaN(status)) throw new NetError("proxy-failed", "it does not answer in HTTP");
  // What is in the way is not told apart: 502, 500 and 403 all come for a port where nobody listens.
  throw new NetError(
    status === 504 ? "timeout" : "refused",
    `Could not connect to ${target}: the proxy answers ${status}.`,
  );
}

/** RFC 1928, 6. */
function socksError(code: number, { proxy }: ProxyLink, target: string): NetError {
  const [kind, reason] = REPLIES[code] ?? (["failed", `it answers code ${code}`] as const);
  const text = `Could not connect to ${target} through ${describeProxy(proxy)}: ${reason}.`;
  return new NetError(kind, text);
}

const REPLIES: Readonly<Record<number, readonly [NetError["code"], string]>> = {
  1: ["failed", "it failed"],
  2: ["denied", "its rules do not allow it"],
  3: ["unreachable", "no way leads to that network"],
  4: ["unreachable", "no way leads to that host"],
  5: ["refused", "nothing listens there"],
  6: ["timeout", "no answer came in time"],
  7: ["off", "it does not connect for others"],
  8: ["unreachable", "it does not know that kind of address"],
};

/** Names come from strangers, and end up in the head of an HTTP request. */
function assertHost(host: string): void {
  if (ipToBytes(host) !== null || /^[\w.-]{1,255}$/.test(host)) return;
  throw new NetError("unreachable", `${JSON.stringify(host)} is no name of a host.`);
}
