import type { Clock } from "@shoal/runtime";

import { HalfSipHash } from "./half-sip-hash.ts";

/** BEP 15: a tracker accepts a connection ID for two minutes after it was sent, here up to four. */
const WINDOW_MS = 120_000;

/**
 * Connection IDs of the UDP tracker protocol (BEP 15). They prove that a client receives what is
 * sent to its address, so that nobody announces, or has answers sent to, an address that is not
 * theirs. An ID is a keyed hash of address and time: nothing is stored.
 */
export interface ConnectionIds {
  /** @param endpoint A compact endpoint. The port is not looked at: address translators change it. */
  issue(endpoint: Uint8Array): bigint;
  /** @param datagram What came from the endpoint; its first 8 bytes are the connection ID. */
  accepts(endpoint: Uint8Array, datagram: Uint8Array): boolean;
}

/**
 * @param key 8 bytes: threads that share a port share it, and the machine's time, so that each accepts
 *   the others' IDs. When the time jumps, clients connect anew.
 */
export function createConnectionIds(clock: Clock, key: Uint8Array): ConnectionIds {
  const hash = new HalfSipHash(key);
  /** The window's number and an address. */
  const message = new Uint8Array(4 + 16);

  /** @returns the ID's second half; the first is then `hash.high`. */
  function compute(endpoint: Uint8Array, window: number): number {
    const addressBytes = endpoint.length - 2;
    for (let i = 0; i < 4; i++) message[i] = window >>> (8 * i);
    for (let i = 0; i < addressBytes; i++) message[4 + i] = endpoint[i]!;
    return hash.hash64(message, 0, 4 + addressBytes);
  }

  function isIdOf(endpoint: Uint8Array, window: number, datagram: Uint8Array): boolean {
    const low = compute(endpoint, window);
    return uint32At(datagram, 4) === low && uint32At(datagram, 0) === hash.high;
  }

  const currentWindow = (): number => Math.floor(clock.nowMs() / WINDOW_MS);

  return {
    issue(endpoint) {
      const low = compute(endpoint, currentWindow());
      return (BigInt(hash.high) << 32n) | BigInt(low);
    },
    accepts(endpoint, datagram) {
      const window = currentWindow();
      return isIdOf(endpoint, window, datagram) || isIdOf(endpoint, window - 1, datagram);
    },
  };
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
