import { NetError } from "../errors.ts";
import type { Endpoint, ListenOptions } from "../ports/net.ts";
import type { Machine } from "./machine.ts";

/**
 * The endpoint for something that listens.
 * @throws {NetError} `address-unavailable` or `address-in-use`.
 */
export function claimPort(
  machine: Machine,
  taken: ReadonlyMap<number, readonly { readonly address: string | null }[]>,
  options: ListenOptions,
): Endpoint {
  const { host } = options;
  assertPort(options.port, 0);
  if (host !== undefined && !isAny(host) && !machine.has(host)) {
    const text = `This host does not have the address ${host}. Choose one that it has.`;
    throw new NetError("address-unavailable", text);
  }
  const address = host === undefined || isAny(host) ? null : host;
  const isFree = (port: number) =>
    !(taken.get(port) ?? []).some(
      (entry) => entry.address === null || address === null || entry.address === address,
    );
  const port = options.port === 0 ? machine.pickPort(isFree) : options.port;
  if (port === null || !isFree(port)) {
    const text = `Port ${port ?? 0} is taken. Choose another port, or 0 for a free one.`;
    throw new NetError("address-in-use", text);
  }
  return { address: host ?? "0.0.0.0", port };
}

/** Takes one entry off a port. */
export function releasePort<T>(taken: Map<number, T[]>, port: number, entry: T): void {
  const left = (taken.get(port) ?? []).filter((other) => other !== entry);
  if (left.length === 0) taken.delete(port);
  else taken.set(port, left);
}

export function isAny(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

export function assertPort(port: number, least: number): void {
  if (!Number.isInteger(port) || port < least || port > 65_535) {
    throw new RangeError(`A port from ${least} to 65535 was expected, not ${port}`);
  }
}
