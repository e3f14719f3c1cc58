import { PUBLIC_BOOTSTRAP } from "@shoal/dht";
import { Option } from "commander";
import { type HostPort, parseHostPort } from "../arguments/parse-endpoint.ts";

/**
 * `--dht-bootstrap`, or `SHOAL_DHT_BOOTSTRAP` in its place: hosts, several of them separated by commas or spaces, or
 * `none`.
 */
export function createBootstrapOption(): Option {
  return new Option(
    "--dht-bootstrap <host:port>",
    "a node to get into the DHT by in place of the public ones, or none; may be repeated, and nodes met are remembered",
  )
    .argParser((text: string, earlier: readonly HostPort[] | undefined) => [
      ...(earlier ?? []),
      ...(text.trim() === "none"
        ? []
        : text
            .trim()
            .split(/[\s,]+/)
            .map(parseHostPort)),
    ])
    .env("SHOAL_DHT_BOOTSTRAP");
}

/**
 * By whom to get into the DHT. What the user names is asked at once, and nobody else; otherwise the public hosts, when
 * no node of an earlier run answers. Who keeps to a loopback address is not looking for the world.
 */
export function chooseBootstrap(flags: {
  readonly dhtBootstrap?: readonly HostPort[];
  readonly host?: string;
}): { readonly bootstrap: readonly HostPort[]; readonly fallback: readonly HostPort[] } {
  const { dhtBootstrap, host = "" } = flags;
  if (dhtBootstrap !== undefined) return { bootstrap: dhtBootstrap, fallback: [] };
  const isWithin = host === "::1" || host.startsWith("127.");
  return { bootstrap: [], fallback: isWithin ? [] : PUBLIC_BOOTSTRAP };
}
