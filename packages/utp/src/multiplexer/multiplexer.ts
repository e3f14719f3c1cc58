import {
  createUtpPacket,
  looksLikeUtp,
  readUtpPacket,
  UTP_EXTENSION,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  type UtpPacket,
  writeUtpHeader,
} from "@shoal/protocol";
import {
  type Clock,
  type Endpoint,
  NetError,
  type Random,
  type StreamSocket,
  type Timer,
} from "@shoal/runtime";
import { Connection } from "../connection/connection.ts";
import type { ConnectionWorld } from "../connection/connection-ports.ts";
import { MtuSearch } from "../connection/mtu-search.ts";
import { PacketPool } from "../connection/packet-pool.ts";
import { ConnectionTable } from "./connection-table.ts";
import { LOOPBACK_BYTES, type PacketSizes, packetSizesFor } from "./packet-sizes.ts";
import { SynCookies } from "./syn-cookies.ts";
import { UtpStream } from "./utp-stream.ts";

/** Twice what others keep: at 100 ms of round trip it carries 20 MiB/s. */
const RECEIVE_WINDOW_BYTES = 2 * 1024 * 1024;
const MAX_SEND_WINDOW_BYTES = 4 * 1024 * 1024;
/** Out-of-order and unread bytes of all connections. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 2000;
const MAX_CONNECTIONS_OF_ONE_ADDRESS = 200;
/** Answers to packets of connections that are not here: enough to tell peers after a restart, too few to harm anyone. */
const MAX_RESETS_PER_SECOND = 100;

export interface UtpOptions {
  /** Sends a datagram. Returns false while the system may still read the memory. */
  send(bytes: Uint8Array, to: Endpoint): boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the socket is bound. */
  readonly local: Endpoint;
  /** Takes connections that others open; without it none are accepted. */
  readonly onConnection?: (socket: StreamSocket) => void;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  /** How large packets to an address may be; by the kind of address when absent. */
  readonly packetSizesFor?: (remote: Endpoint) => PacketSizes;
}

export interface UtpConnectOptions {
  /** Time until the connection must be open; three SYNs' worth, 7 s, when absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What happened so far, in packets. */
export interface UtpCounters {
  readonly received: number;
  readonly sent: number;
  /** Sent again. */
  readonly resent: number;
  /** Malformed, of no connection, or not to be believed. */
  readonly dropped: number;
}

/** uTP connections over a UDP socket that belongs to someone else. */
export interface UtpMultiplexer {
  readonly connections: number;
  readonly counters: UtpCounters;
  /**
   * Takes a datagram, whose bytes need to stay valid only during the call.
   * @returns Whether it was uTP, whatever became of it.
   */
  receive(bytes: Uint8Array, from: Endpoint): boolean;
  /** To be called once the datagrams at hand were handed in: hands on what they brought, and answers them. */
  flush(): void;
  /** @throws {NetError} `refused`, `timeout`, `aborted` or `failed`. */
  connect(remote: Endpoint, options?: UtpConnectOptions): Promise<StreamSocket>;
  /** Breaks all connections. */
  close(): void;
}

export function createUtpMultiplexer(options: UtpOptions): UtpMultiplexer {
  return new Multiplexer(options);
}

class Multiplexer implements UtpMultiplexer, ConnectionWorld {
  readonly #options: UtpOptions;
  readonly #clock: Clock;
  readonly #table = new ConnectionTable();
  readonly #cookies: SynCookies;
  readonly #packet: UtpPacket = createUtpPacket();
  #due: Connection[] = [];
  readonly #isDue = new Set<Connection>();
  #isTurnOpen = false;
  #isFlushing = false;
  #isFlushComing = false;
  #timer: Timer | null = null;
  #timerAtMs = Infinity;
  #resetsLeft = MAX_RESETS_PER_SECOND;
  #resetsFromMs = 0;
  #isClosed = false;
  readonly #counters = { received: 0, sent: 0, resent: 0, dropped: 0 };
  readonly pool = new PacketPool(LOOPBACK_BYTES);
  readonly held = { limitBytes: MAX_HELD_BYTES, usedBytes: 0 };
  readonly receiveWindowBytes = RECEIVE_WINDOW_BYTES;
  readonly maxSendWindowBytes = MAX_SEND_WINDOW_BYTES;

  constructor(options: UtpOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#cookies = new SynCookies(options.clock, options.random);
  }

  get connections(): number {
    return this.#table.size;
  }

  get counters(): UtpCounters {
    let { resent } = this.#counters;
    for (const { sender } of this.#table) resent += sender.resentPackets;
    return { ...this.#counters, resent };
  }

  receive(bytes: Uint8Array, from: Endpoint): boolean {
    if (!looksLikeUtp(bytes)) return false;
    if (this.#isClosed) return true;
    this.#counters.received++;
    const packet = this.#packet;
    if (!readUtpPacket(bytes, packet) || !this.#dispatch(packet, bytes, from))
      this.#counters.dropped++;
    return true;
  }

  flush(): void {
    this.#isTurnOpen = false;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      while (this.#due.length > 0) {
        const due = this.#due;
        this.#due = [];
        this.#isDue.clear();
        for (const connection of due) this.#flushOne(connection);
      }
    } finally {
      this.#isFlushing = false;
    }
  }

  async connect(
    remote: Endpoint,
    { timeoutMs, signal }: UtpConnectOptions = {},
  ): Promise<StreamSocket> {
    const where = `${remote.address} port ${remote.port}`;
    if (signal?.aborted === true)
      throw new NetError("aborted", `Connecting to ${where} was cancelled.`);
    const { promise, resolve, reject } = Promise.withResolvers<StreamSocket>();
    const receiveId = this.#freeId(remote);
    if (this.#isClosed || receiveId === null || this.#isFull(remote.address)) {
      throw new NetError("failed", `There is no room for another uTP connection with ${where}.`);
    }
    const aborted = () => new NetError("aborted", `Connecting to ${where} was cancelled.`);
    const firstSeqNr = this.#options.random.integer(0x10000);
    const { stream, connection } = this.#create(
      { remote, receiveId, sendId: (receiveId + 1) & 0xffff, firstSeqNr },
      { onConnected: () => resolve(stream), onGone: (error) => reject(error ?? aborted()) },
    );
    const giveUp = (error: NetError) => {
      reject(error);
      stream.destroy();
    };
    const timer =
      timeoutMs === undefined
        ? null
        : this.#clock.setTimer(timeoutMs, () =>
            giveUp(new NetError("timeout", `${where} did not answer within ${timeoutMs} ms.`)),
          );
    const onAbort = () => giveUp(aborted());
    signal?.addEventListener("abort", onAbort, { once: true });
    connection.open();
    this.#schedule(connection.deadlineMs);
    try {
      return await promise;
    } finally {
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
    for (const connection of this.#table) {
      connection.destroy();
      this.#wake(connection);
    }
    this.flush();
    for (const connection of [...this.#table]) {
      connection.fail(new NetError("reset", "The socket was closed."));
      this.#flushOne(connection);
    }
  }

  // --- As the world of its connections ------------------------------------------------------------

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  send(datagram: Uint8Array, to: Endpoint): boolean {
    this.#counters.sent++;
    return this.#options.send(datagram, to);
  }

  // --- Inside ---------------------------------------------------------------------------------------

  #dispatch(packet: UtpPacket, bytes: Uint8Array, from: Endpoint): boolean {
    const { type, connectionId } = packet;
    if (type === UTP_TYPE.reset) {
      const connection = this.#table.findByEither(connectionId, from);
      return connection !== undefined && this.#handIn(connection, packet, bytes);
    }
    if (type === UTP_TYPE.syn) return this.#takeSyn(packet, bytes, from);
    const connection = this.#table.find(connectionId, from);
    if (connection !== undefined) return this.#handIn(connection, packet, bytes);
    return this.#accept(packet, bytes, from);
  }

  #handIn(connection: Connection, packet: UtpPacket, bytes: Uint8Array): boolean {
    this.#isTurnOpen = true;
    const isTaken = connection.receive(packet, bytes);
    this.#wake(connection);
    return isTaken;
  }

  #takeSyn(packet: UtpPacket, bytes: Uint8Array, from: Endpoint): boolean {
    const { connectionId, seqNr } = packet;
    const known = this.#table.find((connectionId + 1) & 0xffff, from);
    if (known !== undefined) return this.#handIn(known, packet, bytes);
    if (this.#options.onConnection === undefined) return false;
    this.#answer(packet, from, UTP_TYPE.state, this.#cookies.firstSeqNr(from, connectionId, seqNr));
    return true;
  }

  /** The second packet of a connection that the other side opens. */
  #accept(packet: UtpPacket, bytes: Uint8Array, from: Endpoint): boolean {
    const { connectionId, seqNr, ackNr } = packet;
    const { onConnection } = this.#options;
    const synId = (connectionId - 1) & 0xffff;
    const opened =
      onConnection === undefined ? null : this.#cookies.open(from, synId, seqNr, ackNr);
    if (opened === null || this.#isFull(from.address)) {
      this.#refuse(packet, from);
      return false;
    }
    const remote = { address: from.address, port: from.port };
    const { stream, connection } = this.#create(
      { remote, receiveId: connectionId, sendId: synId, firstSeqNr: opened.firstSeqNr },
      { onConnected: () => onConnection?.(stream), onGone: () => {} },
    );
    connection.accept(opened.synSeqNr);
    return this.#handIn(connection, packet, bytes);
  }

  #create(
    ids: { remote: Endpoint; receiveId: number; sendId: number; firstSeqNr: number },
    listener: { onConnected: () => void; onGone: (error: Error | null) => void },
  ): { stream: UtpStream; connection: Connection } {
    const {
      safeBytes,
      highestBytes,
      agreedBytes = 0,
    } = (this.#options.packetSizesFor ?? packetSizesFor)(ids.remote);
    const stream = new UtpStream({
      remote: ids.remote,
      local: this.#options.local,
      wake: () => this.#wake(connection),
      ...listener,
    });
    const connection: Connection = new Connection({
      ...ids,
      world: this,
      owner: stream,
      mtu: new MtuSearch(safeBytes, Math.min(highestBytes, LOOPBACK_BYTES)),
      agreedBytes: Math.min(agreedBytes, LOOPBACK_BYTES),
    });
    stream.attach(connection);
    this.#table.add(connection);
    return { stream, connection };
  }

  #isFull(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#options;
    return (
      this.#table.size >= (maxConnections ?? MAX_CONNECTIONS) ||
      this.#table.countOf(address) >= (maxConnectionsPerAddress ?? MAX_CONNECTIONS_OF_ONE_ADDRESS)
    );
  }

  #freeId(remote: Endpoint): number | null {
    for (let attempt = 0; attempt < 16; attempt++) {
      const id = this.#options.random.integer(0x10000);
      const isTaken = [id, id + 1].some(
        (other) => this.#table.find(other & 0xffff, remote) !== undefined,
      );
      if (!isTaken) return id;
    }
    return null;
  }

  /** Tells the sender of a packet with data that there is no such connection. Never answers an answer. */
  #refuse(packet: UtpPacket, from: Endpoint): void {
    if (packet.type === UTP_TYPE.state) return;
    const nowMs = this.nowMs();
    if (nowMs - this.#resetsFromMs >= 1000) {
      this.#resetsFromMs = nowMs;
      this.#resetsLeft = MAX_RESETS_PER_SECOND;
    }
    if (this.#resetsLeft-- > 0) this.#answer(packet, from, UTP_TYPE.reset, 0);
  }

  /** An answer that needs no connection, and is no longer than what it answers. */
  #answer(packet: UtpPacket, to: Endpoint, type: number, seqNr: number): void {
    const datagram = new Uint8Array(UTP_HEADER_BYTES);
    const nowUs = Math.floor(this.nowMs() * 1000) >>> 0;
    writeUtpHeader(datagram, {
      type,
      extension: UTP_EXTENSION.none,
      connectionId: packet.connectionId,
      timestampUs: nowUs,
      timestampDifferenceUs: (nowUs - packet.timestampUs) >>> 0,
      windowBytes: this.receiveWindowBytes,
      seqNr,
      ackNr: packet.seqNr,
    });
    this.send(datagram, to);
  }

  #wake(connection: Connection): void {
    if (!this.#isDue.has(connection)) {
      this.#isDue.add(connection);
      this.#due.push(connection);
    }
    if (this.#isTurnOpen || this.#isFlushing || this.#isFlushComing) return;
    this.#isFlushComing = true;
    queueMicrotask(() => {
      this.#isFlushComing = false;
      // In the middle of a turn its end is awaited, so that what belongs together goes together.
      if (!this.#isTurnOpen) this.flush();
    });
  }

  #flushOne(connection: Connection): void {
    connection.flush();
    if (connection.state === "closed") {
      if (this.#table.delete(connection)) this.#counters.resent += connection.sender.resentPackets;
    } else {
      this.#schedule(connection.deadlineMs);
    }
  }

  /** One timer for all connections: it is only ever moved forward, and finds out for whom it rang. */
  #schedule(atMs: number): void {
    if (this.#isClosed || atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    this.#timer = this.#clock.setTimer(Math.max(0, atMs - this.nowMs()), () => this.#tick());
  }

  #tick(): void {
    this.#timer = null;
    this.#timerAtMs = Infinity;
    const nowMs = this.nowMs();
    let nextMs = Infinity;
    for (const connection of this.#table) {
      if (connection.deadlineMs <= nowMs) {
        connection.tick(nowMs);
        this.#wake(connection);
      } else {
        nextMs = Math.min(nextMs, connection.deadlineMs);
      }
    }
    this.#schedule(nextMs);
    if (!this.#isTurnOpen) this.flush();
  }
}
