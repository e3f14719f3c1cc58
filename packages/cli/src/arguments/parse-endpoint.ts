import { parseIp } from "@shoal/protocol";
import { InvalidArgumentError } from "commander";

/** A peer as the user names it. */
export interface HostPort {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @throws {InvalidArgumentError} when it is no whole number from 0 to 65535. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("Expected a port from 0 to 65535.");
  return port;
}

/** @throws {InvalidArgumentError} when it is no IP address. */
export function parseAddress(text: string): string {
  if (parseIp(text) === null) throw new InvalidArgumentError("Expected an IP address.");
  return text;
}

/**
 * `HOST:PORT`; an IPv6 address stands in brackets.
 * @throws {InvalidArgumentError} for anything else.
 */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d+)$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) {
    throw new InvalidArgumentError(
      "Expected HOST:PORT, such as 192.0.2.1:6881, [2001:db8::1]:6881 or peer.example:6881.",
    );
  }
  const port = parsePort(match?.[3] ?? "");
  if (port === 0) throw new InvalidArgumentError("Expected a port from 1 to 65535.");
  return { host, port };
}
