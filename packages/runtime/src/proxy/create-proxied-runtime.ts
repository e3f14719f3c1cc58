import { DnsError, NetError } from "../errors.ts";
import type { Dns } from "../ports/dns.ts";
import type { Net } from "../ports/net.ts";
import type { Runtime } from "../ports/runtime.ts";
import { ipToBytes } from "../address/ip-bytes.ts";
import { checkProxy, connectThrough } from "./proxy-link.ts";
import type { ProxyLink } from "./proxy-link.ts";
import { describeProxy, parseProxyUrl } from "./proxy-url.ts";
import { bindThrough } from "./proxy-udp.ts";

export interface ProxyOptions {
  /** `socks5://` or `http://`, then `[USER:PASSWORD@]HOST[:PORT]`. */
  readonly url: string;
}

/**
 * The same world, in which everything that leaves goes through a proxy, and what cannot is refused with
 * `off`: connections that others open, name look-ups, multicast, and datagrams where the proxy has no UDP associate.
 * Names go to the proxy as they are; the proxy's own is the only one that is looked up here. Closing it closes
 * `runtime`.
 * @throws {TypeError} when `url` names no proxy.
 */
export function createProxiedRuntime(runtime: Runtime, { url }: ProxyOptions): Runtime {
  const link = linkOf(runtime, url);
  const net = createProxiedNet(link);
  const client = runtime.http.over({ net, dns: createProxiedDns(true) });
  const { clock, random, disk, store, log } = runtime;
  return {
    clock,
    random,
    net,
    dns: createProxiedDns(false),
    http: {
      request: (request) => client.request(request),
      openWebSocket: (request) => client.openWebSocket(request),
      serve: () => Promise.reject(listeningIsOff(link)),
      over: (ways) => runtime.http.over(ways),
    },
    disk,
    store,
    log,
    close: () => runtime.close(),
  };
}

/**
 * Finds out whether the proxy is there and, for SOCKS5, lets this side in.
 * @param runtime The world in which the proxy is reached directly.
 * @throws {NetError} `proxy-failed` or `timeout`, with words for the user.
 * @throws {TypeError} when the URL names no proxy.
 */
export async function reachProxy(
  runtime: Runtime,
  { url, signal }: ProxyOptions & { readonly signal?: AbortSignal },
): Promise<void> {
  await checkProxy(linkOf(runtime, url), signal);
}

function linkOf({ net, dns, clock }: Runtime, url: string): ProxyLink {
  return { proxy: parseProxyUrl(url), net, dns, clock };
}

function createProxiedNet(link: ProxyLink): Net {
  return {
    isConfined: true,
    // What is behind the proxy is not this side's network.
    gateways: () => Promise.resolve([]),
    connect: (options) => connectThrough(link, options),
    listen: () => Promise.reject(listeningIsOff(link)),
    bindUdp: (options, onDatagram, onTurnEnd) => bindThrough(link, options, onDatagram, onTurnEnd),
  };
}

function createProxiedDns(alwaysNames: boolean): Dns {
  return {
    async resolve(host, { family, mayStayName = alwaysNames } = {}) {
      if (ipToBytes(host) !== null) {
        if (family === undefined || (family === 6) === host.includes(":")) return [host];
        throw new DnsError("not-found", `${host} is not an IPv${family} address.`);
      }
      if (mayStayName) return [host];
      throw new DnsError(
        "failed",
        `${host} is not looked up: that would not go through the proxy. Give an IP address.`,
      );
    },
  };
}

function listeningIsOff({ proxy }: ProxyLink): NetError {
  const text = `Nobody can connect to this side through ${describeProxy(proxy)}: nothing listens.`;
  return new NetError("off", text);
}
