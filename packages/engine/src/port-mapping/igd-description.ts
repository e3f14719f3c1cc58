import { readXml, textOf, withDescendants } from "./xml.ts";

/** Types of services that map ports, the better ones first. */
const SERVICE_TYPES = [
  "urn:schemas-upnp-org:service:WANIPConnection:2",
  "urn:schemas-upnp-org:service:WANIPConnection:1",
  "urn:schemas-upnp-org:service:WANPPPConnection:1",
] as const;

export type IgdServiceType = (typeof SERVICE_TYPES)[number];

/** A router's connection to the internet, as a service that can be asked. */
export interface IgdService {
  readonly type: IgdServiceType;
  readonly controlUrl: string;
}

/** A router has one or two; a description could name thousands. */
const MAX_SERVICES = 4;

/**
 * Reads a device's description (UPnP Device Architecture 1.1, 2.3).
 * @param url Where it was fetched.
 * @returns The services that map ports, the better ones first. Those that are not on the host of `url` are left out:
 * a router speaks for itself alone.
 */
export function readIgdDescription(text: string, url: string): readonly IgdService[] {
  const root = readXml(text);
  if (root === null) return [];
  // Version 1.0 may name another base.
  const base = textOf(root, "URLBase") ?? "";
  const from = URL.parse(base === "" ? url : base)?.href ?? url;
  const found: IgdService[] = [];
  for (const element of withDescendants(root)) {
    if (element.name !== "service") continue;
    const named = textOf(element, "serviceType");
    const type = SERVICE_TYPES.find((each) => each === named);
    const control = textOf(element, "controlURL") ?? "";
    const controlUrl = control === "" ? null : URL.parse(control, from);
    if (type === undefined || controlUrl === null) continue;
    if (controlUrl.protocol !== "http:" || controlUrl.hostname !== new URL(url).hostname) continue;
    if (found.length < MAX_SERVICES) found.push({ type, controlUrl: controlUrl.href });
  }
  return found.toSorted((a, b) => SERVICE_TYPES.indexOf(a.type) - SERVICE_TYPES.indexOf(b.type));
}
