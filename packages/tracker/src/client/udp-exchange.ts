import { canonicalIp, decodeUdpResponse, encodeUdpConnectRequest, parseIp } from "@shoal/protocol";
import type { UdpTrackerResponse } from "@shoal/protocol";
import { type Clock, type Endpoint, type Random, unlessAborted } from "@shoal/runtime";

import { familyOf } from "./udp-transport.ts";
import type { UdpTransport } from "./udp-transport.ts";

/**
 * How long each attempt waits for its answer. BEP 15 starts at 15 s, doubles eight times and so
 * gives up after more than two hours. What a retry repairs is a lost datagram, which no user
 * should wait 15 s for, so the first is faster; and the caller has other trackers and a back-off
 * of its own, so the third is the last.
 */
const ATTEMPT_TIMEOUTS_MS = [5_000, 15_000, 30_000] as const;

/** BEP 15: a client may use a connection ID until one minute after it has received it. */
const CONNECTION_LIFETIME_MS = 60_000;

/** Connection IDs kept at most; a session has a few dozen trackers. */
const MAX_CONNECTIONS = 1000;

/** Builds a request for the connection and the transaction at hand. */
export type BuildUdpRequest = (connectionId: bigint, transactionId: number) => Uint8Array;

/** Requests and answers of the UDP tracker protocol over one transport (BEP 15). */
export interface UdpExchange {
  /**
   * Connects where needed, sends the request and waits for its answer.
   * @returns The tracker's answer, or null when none came within every attempt's time.
   * @throws {TrackerWireError} when the answer cannot be read.
   * @throws the signal's reason when it fires.
   */
  request(
    to: Endpoint,
    build: BuildUdpRequest,
    signal: AbortSignal,
  ): Promise<UdpTrackerResponse | null>;
  close(): void;
}

interface Transaction {
  readonly to: Endpoint;
  /** Takes the answer, read when it is waited for; null when none comes. */
  settle(read: (() => UdpTrackerResponse) | null): void;
}

interface Connection {
  readonly id: bigint;
  readonly expiresMs: number;
}

export function createUdpExchange(parts: {
  transport: UdpTransport;
  clock: Clock;
  random: Random;
}): UdpExchange {
  const { transport, clock, random } = parts;
  const transactions = new Map<number, Transaction>();
  const connections = new Map<string, Connection>();
  const connecting = new Map<string, Promise<bigint | null>>();
  const removeListener = transport.onDatagram(receive);

  /** The transaction ID is unguessable and the sender is checked: nobody off the path can answer. */
  function receive(bytes: Uint8Array, from: Endpoint): boolean {
    if (bytes.length < 8) return false;
    const transactionId = new DataView(bytes.buffer, bytes.byteOffset, 8).getUint32(4);
    const transaction = transactions.get(transactionId);
    if (transaction === undefined || from.port !== transaction.to.port) return false;
    const { address } = transaction.to;
    // What was sent to a name, for a proxy to look up, is answered from an address that nobody here knows.
    const isName = parseIp(address) === null;
    if (!isName && canonicalIp(from.address) !== canonicalIp(address)) return false;
    const family = familyOf(isName ? from.address : address);
    // What cannot be read is the waiter's to hear of: the datagram is not valid for so long.
    const copy = new Uint8Array(bytes);
    transaction.settle(() => decodeUdpResponse(copy, family));
    return true;
  }

  /** Sends once. Gives null when no answer comes in time. */
  async function sendOnce(
    to: Endpoint,
    build: (transactionId: number) => Uint8Array,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<UdpTrackerResponse | null> {
    signal?.throwIfAborted();
    let transactionId = random.integer(2 ** 32);
    while (transactions.has(transactionId)) transactionId = random.integer(2 ** 32);
    const { promise, resolve } = Promise.withResolvers<(() => UdpTrackerResponse) | null>();
    const timer = clock.setTimer(timeoutMs, () => resolve(null));
    transactions.set(transactionId, { to, settle: resolve });
    transport.send(build(transactionId), to);
    try {
      const read = await (signal === undefined ? promise : unlessAborted(promise, signal));
      return read === null ? null : read();
    } finally {
      transactions.delete(transactionId);
      timer.cancel();
    }
  }

  function cachedConnection(key: string): bigint | null {
    const connection = connections.get(key);
    if (connection === undefined) return null;
    if (connection.expiresMs > clock.monotonicMs()) return connection.id;
    connections.delete(key);
    return null;
  }

  /** Announces to one tracker share a connect request; so it is not bound to any one's signal. */
  function connect(key: string, to: Endpoint, timeoutMs: number): Promise<bigint | null> {
    const underWay = connecting.get(key);
    if (underWay !== undefined) return underWay;
    const attempt = sendOnce(to, encodeUdpConnectRequest, timeoutMs)
      .then((response) => {
        if (response?.action !== "connect") return null;
        if (connections.size >= MAX_CONNECTIONS) connections.clear();
        connections.set(key, {
          id: response.connectionId,
          expiresMs: clock.monotonicMs() + CONNECTION_LIFETIME_MS,
        });
        return response.connectionId;
      })
      .finally(() => connecting.delete(key));
    connecting.set(key, attempt);
    return attempt;
  }

  return {
    async request(to, build, signal) {
      const key = `${to.address} ${to.port}`;
      for (const timeoutMs of ATTEMPT_TIMEOUTS_MS) {
        signal.throwIfAborted();
        let connectionId = cachedConnection(key);
        const wasCached = connectionId !== null;
        connectionId ??= await unlessAborted(connect(key, to, timeoutMs), signal);
        if (connectionId === null) continue;
        const response = await sendOnce(to, build.bind(null, connectionId), timeoutMs, signal);
        // A restarted tracker knows no earlier connection and says so with an error: connect anew.
        if (response?.action === "error" && wasCached) connections.delete(key);
        else if (response !== null) return response;
      }
      return null;
    },
    close() {
      removeListener();
      for (const transaction of transactions.values()) transaction.settle(null);
    },
  };
}
