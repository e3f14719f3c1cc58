import type { Clock } from "@shoal/runtime";

import { halfSipHash } from "./half-sip-hash.ts";

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
  accepts(endpoint: Uint8Array, connectionId: bigint): boolean;
}

/**
 * @param key 8 bytes: threads that share a port share it, and the machine's time, so that each accepts
 *   the others' IDs. When the time jumps, clients connect anew.
 */
export function createConnectionIds(clock: Clock, key: Uint8Array): ConnectionIds {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  const keyLow = view.getUint32(0);
  const keyHigh = view.getUint32(4);
  const words4 = new Uint32Array(2);
  const words6 = new Uint32Array(5);
  const out = new Uint32Array(2);

  function compute(endpoint: Uint8Array, window: number): bigint {
    const words = endpoint.length === 6 ? words4 : words6;
    const last = words.length - 1;
    for (let i = 0; i < last; i++) {
      const at = i * 4;
      words[i] =
        endpoint[at]! |
        (endpoint[at + 1]! << 8) |
        (endpoint[at + 2]! << 16) |
        (endpoint[at + 3]! << 24);
    }
    words[last] = window;
    halfSipHash(keyLow, keyHigh, words, out);
    return (BigInt(out[1]!) << 32n) | BigInt(out[0]!);
  }

  const currentWindow = (): number => Math.floor(clock.nowMs() / WINDOW_MS);

  return {
    issue: (endpoint) => compute(endpoint, currentWindow()),
    accepts(endpoint, connectionId) {
      const window = currentWindow();
      return (
        compute(endpoint, window) === connectionId || compute(endpoint, window - 1) === connectionId
      );
    },
  };
}
