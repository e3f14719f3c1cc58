import type { Endpoint, Net, UdpSocket } from "@shoal/runtime";
import { askRouter, type RouterLine } from "./ask-router.ts";
import { type IgdService, readIgdDescription } from "./igd-description.ts";
import { decodeSearchAnswer, encodeSearch, SSDP_GROUP, SSDP_PORT } from "./ssdp-codec.ts";

/** Routers answer the search for one of these. Later versions answer for earlier ones, as far as they keep to the rules. */
const TARGETS = [
  "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
  "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
  "urn:schemas-upnp-org:service:WANIPConnection:1",
  "urn:schemas-upnp-org:service:WANPPPConnection:1",
] as const;
/** Answers are spread over a second; datagrams get lost. */
const MX_S = 1;
const SEARCHES_MS = [1000, 2000] as const;
/** A router tells of one description or two. */
const MAX_DESCRIPTIONS = 4;
const DESCRIPTION_MS = 5000;

/**
 * Finds the services of the default router that map ports: searches (SSDP), and reads what it says of itself.
 * @returns The better ones first; none when it has no UPnP.
 * @throws {NetError} when there can be no socket at this side's address.
 */
export async function findIgd(
  line: RouterLine & { readonly net: Net },
  signal: AbortSignal,
): Promise<readonly IgdService[]> {
  const { net, clock, gateway } = line;
  const locations = new Set<string>();
  let asked = 0;
  let heard: () => void = () => {};
  const receive = (bytes: Uint8Array, { address }: Endpoint): void => {
    // Anybody in the local network may answer a search: the router alone is listened to, and speaks of itself alone.
    const location = address === gateway.address ? decodeSearchAnswer(bytes) : null;
    if (location === null || !isAt(location, gateway.address)) return;
    if (locations.has(location) || locations.size === MAX_DESCRIPTIONS) return;
    locations.add(location);
    heard();
  };
  const hears = async (waitMs: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    heard = resolve;
    const timer = clock.setTimer(waitMs, resolve);
    await promise;
    timer.cancel();
  };
  const onAbort = (): void => heard();
  const socket = await net.bindUdp({ host: gateway.localAddress, port: 0 }, receive);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (const waitMs of SEARCHES_MS) {
      if (signal.aborted) return [];
      search(socket, gateway.address);
      await hears(waitMs);
      for (const url of [...locations].slice(asked)) {
        asked++;
        if (signal.aborted) return [];
        const answer = await askRouter(line, { url }, { timeoutMs: DESCRIPTION_MS, signal });
        const services = answer?.status === 200 ? readIgdDescription(answer.text, url) : [];
        if (services.length > 0) return services;
      }
    }
    return [];
  } finally {
    signal.removeEventListener("abort", onAbort);
    await socket.close();
  }
}

function search(socket: UdpSocket, router: string): void {
  for (const target of TARGETS) {
    const bytes = encodeSearch(target, MX_S);
    // Where the group is filtered, as between cable and radio, the router's own address may do (UDA 1.1, 1.3.2).
    for (const address of [SSDP_GROUP, router]) socket.send(bytes, { address, port: SSDP_PORT });
  }
}

function isAt(location: string, address: string): boolean {
  const url = URL.parse(location);
  return url !== null && url.protocol === "http:" && url.hostname === address;
}
