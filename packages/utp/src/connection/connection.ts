import {
  UTP_EXTENSION,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  type UtpHeader,
  type UtpPacket,
  writeUtpHeader,
} from "@shoal/protocol";
import { NetError, type Endpoint } from "@shoal/runtime";
import { DelayMeter, toMicroseconds } from "../congestion/delay-meter.ts";
import type { ConnectionOwner, ConnectionWorld } from "./connection-ports.ts";
import { Lingering } from "./lingering.ts";
import type { MtuSearch } from "./mtu-search.ts";
import type { OutPacket } from "./packet-pool.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { isAfter, nextSequence } from "./sequence.ts";

/** Every second packet is acknowledged at once, a single one after this time, unless data goes the other way meanwhile. */
const ACK_DELAY_MS = 20;
/** The first packets of a connection are acknowledged one by one, since the other side's window is small. */
const QUICK_ACKS = 16;
/** NATs forget a mapping after 30 s of silence, the strictest of them. */
const KEEP_ALIVE_MS = 29_000;
/** Sent, and sent again twice: 7 s in all. */
const MAX_SYN_TIMEOUTS = 2;
/** A header, an extension's header and the longest selective acknowledgement that is written. */
const MAX_STATE_BYTES = UTP_HEADER_BYTES + 2 + 128;

type State = "opening" | "connected" | "lingering" | "closed";

/**
 * One uTP connection as a state machine: packets, calls and times go in, packets and calls of the owner come
 * out. It has no timer: {@link deadlineMs} says when {@link tick} is to be called.
 *
 * opening -> connected -> lingering (over for its owner, its last words may still be on their way) -> closed
 * @see BEP 29
 */
export class Connection {
  readonly remote: Endpoint;
  /** The ID of packets that come in. */
  readonly receiveId: number;
  /** The ID of packets that go out. */
  readonly sendId: number;
  readonly sender: Sender;
  readonly #world: ConnectionWorld;
  readonly #owner: ConnectionOwner;
  #receiver: Receiver | null = null;
  #state: State = "opening";
  readonly #delays = new DelayMeter();
  #isAckDue = false;
  #ackAtMs = Infinity;
  #unackedPackets = 0;
  #quickAcks = QUICK_ACKS;
  readonly #agreedBytes: number;
  #advertisedBytes: number;
  #lastSentMs: number;
  readonly #lingering = new Lingering();
  #isConnectedUntold = false;
  #isEndTold = false;
  #failure: { readonly error: Error | null } | null = null;
  #isClosedTold = false;
  readonly #header: UtpHeader = {
    type: 0,
    extension: 0,
    connectionId: 0,
    timestampUs: 0,
    timestampDifferenceUs: 0,
    windowBytes: 0,
    seqNr: 0,
    ackNr: 0,
  };

  constructor(init: {
    world: ConnectionWorld;
    owner: ConnectionOwner;
    remote: Endpoint;
    receiveId: number;
    sendId: number;
    firstSeqNr: number;
    mtu: MtuSearch;
    /** Datagrams as large as this once both sides have shown that they take any; 0 for no more than usual. */
    agreedBytes: number;
  }) {
    const { world } = init;
    this.#world = world;
    this.#owner = init.owner;
    this.remote = init.remote;
    this.receiveId = init.receiveId;
    this.sendId = init.sendId;
    this.#agreedBytes = init.agreedBytes;
    this.#advertisedBytes = world.receiveWindowBytes;
    this.#lastSentMs = world.nowMs();
    this.sender = new Sender({
      firstSeqNr: init.firstSeqNr,
      mtu: init.mtu,
      maxWindowBytes: world.maxSendWindowBytes,
      pool: world.pool,
      transmit: (packet) => this.#transmit(packet),
    });
  }

  get state(): State {
    return this.#state;
  }

  /** When {@link tick} is to be called. */
  get deadlineMs(): number {
    if (this.#state === "closed") return Infinity;
    const keepAliveAtMs = this.#state === "connected" ? this.#lastSentMs + KEEP_ALIVE_MS : Infinity;
    return Math.min(this.sender.timeoutAtMs, this.#ackAtMs, keepAliveAtMs, this.#lingering.endsMs);
  }

  /** Opens the connection: sends SYN. */
  open(): void {
    this.sender.sendSyn(this.#world.nowMs());
  }

  /** The other side has opened it, and has proven by its answer that it is where it says. @param ackNr Its SYN's number. */
  accept(ackNr: number): void {
    this.#state = "connected";
    this.#receiver = this.#createReceiver(ackNr);
    this.#isConnectedUntold = true;
  }

  /**
   * Takes a packet with this connection's ID and address.
   * @returns False when it was dropped, since it cannot be of this connection.
   */
  receive(packet: UtpPacket, bytes: Uint8Array): boolean {
    const { type, seqNr, ackNr } = packet;
    const nowMs = this.#world.nowMs();
    if (this.#state === "closed") return false;
    if (type === UTP_TYPE.syn) {
      // Its answer was lost.
      this.#isAckDue = this.#state === "connected";
      return this.#isAckDue;
    }
    if (this.#state === "opening") {
      if (ackNr !== nextSequence(this.sender.nextSeqNr, -1)) return false;
      if (type !== UTP_TYPE.reset) this.#opened(nextSequence(seqNr, -1), nowMs);
    }
    if (type === UTP_TYPE.reset) return this.#reset(ackNr);
    const receiver = this.#receiver!;
    const isBare = type === UTP_TYPE.state;
    if (!this.sender.isPlausibleAck(ackNr)) return false;
    if (!isBare && !receiver.isPlausible(seqNr)) return false;
    this.#delays.add(packet.timestampUs, packet.timestampDifferenceUs, nowMs);
    if (packet.hasPadding && this.#agreedBytes > 0) this.sender.mtu.allow(this.#agreedBytes);
    this.sender.heard();
    this.sender.acknowledge(
      ackNr,
      packet.windowBytes,
      packet.selectiveAckBytes === 0
        ? null
        : { bytes, offset: packet.selectiveAckOffset, lengthBytes: packet.selectiveAckBytes },
      this.#delays.queueUs,
      isBare,
      nowMs,
    );
    if (!isBare) this.#take(packet, bytes, nowMs);
    return true;
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    this.sender.queue.push(bytes, sent);
  }

  /** Sends what was written, then the end. */
  end(): void {
    this.sender.end();
  }

  /** The owner takes payload again. */
  resume(): void {
    const receiver = this.#receiver;
    if (receiver === null || this.#state !== "connected") return;
    receiver.resume();
    const opened = receiver.windowBytes - this.#advertisedBytes;
    if (opened * 4 >= this.#world.receiveWindowBytes) this.#isAckDue = true;
  }

  /** Closes: what is not on its way yet is dropped. */
  destroy(): void {
    if (this.#state === "closed" || this.#state === "lingering") return;
    const error = this.#error("reset", "it was closed here");
    this.#failure ??= { error: null };
    const hasUnread = this.#receiver?.hasUnread === true;
    if (this.#state === "opening" || hasUnread) {
      // As kernels do: the other side is told that something was lost.
      if (this.#state !== "opening") this.#sendReset();
      this.#state = "closed";
      this.#receiver?.clear();
      this.sender.clear(error);
      return;
    }
    this.#linger();
    this.sender.queue.fail(error);
    this.sender.end();
  }

  /** Breaks: nothing more is sent. */
  fail(error: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    // Who has said all, and of whom all but the end was acknowledged, has gone in order and forgotten us since.
    const isOver = this.#receiver?.hasEnded === true && this.sender.isAllButEndAcked;
    this.#failure ??= { error: isOver ? null : error };
    this.sender.clear(error);
    this.#receiver?.clear();
  }

  /** A deadline has passed. */
  tick(nowMs: number): void {
    if (this.sender.timeoutAtMs <= nowMs) {
      const isSyn = this.#state === "opening";
      if (!this.sender.timedOut(nowMs, isSyn ? MAX_SYN_TIMEOUTS : undefined)) {
        this.fail(
          this.#error("timeout", isSyn ? "it did not answer" : "nothing was acknowledged in time"),
        );
      }
    }
    if (this.#lingering.endsMs <= nowMs)
      this.fail(this.#error("timeout", "its end was not acknowledged"));
    if (this.#ackAtMs <= nowMs || nowMs - this.#lastSentMs >= KEEP_ALIVE_MS) this.#isAckDue = true;
  }

  /** The end of a turn: the owner gets what came, and what is to be sent is sent. */
  flush(): void {
    if (this.#isConnectedUntold) {
      this.#isConnectedUntold = false;
      this.#owner.onConnected();
    }
    if (this.#state === "connected") {
      this.#owner.onTurnEnd();
      const receiver = this.#receiver!;
      if (receiver.hasEnded && !receiver.hasUnread && !this.#isEndTold) {
        this.#isEndTold = this.#owner.onEnded();
      }
    }
    if (this.#state !== "closed") {
      this.sender.pump(this.#world.nowMs());
      if (this.#isAckDue) this.#sendState();
      this.#closeIfDone();
    }
    this.sender.queue.report();
    if (this.#failure !== null && !this.#isClosedTold) {
      this.#isClosedTold = true;
      this.#owner.onClosed(this.#failure.error);
    }
  }

  /** Both sides have ended: the connection stays a while, since the acknowledgement of the other's end may be lost. */
  #closeIfDone(): void {
    if (this.#state !== "connected" || !this.#isEndTold || !this.sender.isFinished) return;
    this.#failure ??= { error: null };
    this.#linger();
  }

  #linger(): void {
    this.#state = "lingering";
    this.#extendLingering();
    this.#receiver?.clear();
  }

  #extendLingering(): void {
    this.#lingering.extend(this.sender.roundTrip.timeoutMs, this.#world.nowMs());
  }

  #opened(ackNr: number, nowMs: number): void {
    this.#state = "connected";
    this.#receiver = this.#createReceiver(ackNr);
    this.#isConnectedUntold = true;
    // The other side keeps nothing of us before it hears a second time.
    this.#ackAtMs = nowMs + ACK_DELAY_MS;
  }

  #createReceiver(ackNr: number): Receiver {
    const { receiveWindowBytes, held } = this.#world;
    return new Receiver({
      ackNr,
      capacityBytes: receiveWindowBytes,
      held,
      deliver: (bytes, from, to) => this.#owner.deliver(bytes, from, to),
    });
  }

  #reset(ackNr: number): boolean {
    // Whoever cannot see the packets does not know what a true reset acknowledges.
    if (!this.sender.isPlausibleAck(ackNr)) return false;
    const isRefused = this.#state === "opening";
    this.fail(
      this.#error(
        isRefused ? "refused" : "reset",
        isRefused ? "it was refused" : "the other side cut it",
      ),
    );
    return true;
  }

  #take(packet: UtpPacket, bytes: Uint8Array, nowMs: number): void {
    if (this.#state === "lingering") return this.#takeLate(packet, bytes);
    const receiver = this.#receiver!;
    const isFin = packet.type === UTP_TYPE.fin;
    const hadGap = receiver.hasGap;
    const outcome = receiver.take(packet.seqNr, bytes, packet.payloadOffset, bytes.length, isFin);
    this.#lingering.took(hadGap || outcome === "known", nowMs);
    this.#unackedPackets++;
    if (outcome !== "next" || receiver.hasGap || receiver.hasEnded) this.#isAckDue = true;
    else if (this.#unackedPackets >= 2 || this.#quickAcks > 0) this.#isAckDue = true;
    else this.#ackAtMs = Math.min(this.#ackAtMs, nowMs + ACK_DELAY_MS);
    if (this.#quickAcks > 0) this.#quickAcks--;
  }

  /** Nobody is here to read: what is new is refused, what came before and the end are acknowledged (again). */
  #takeLate(packet: UtpPacket, bytes: Uint8Array): void {
    const receiver = this.#receiver!;
    this.#isAckDue = true;
    this.#lingering.took(true, this.#world.nowMs());
    if (!isAfter(packet.seqNr, receiver.ackNr) || receiver.hasEnded) return this.#extendLingering();
    if (packet.payloadOffset === bytes.length) {
      receiver.take(packet.seqNr, bytes, 0, 0, packet.type === UTP_TYPE.fin);
      return;
    }
    this.#sendReset();
    this.fail(this.#error("reset", "it was closed here"));
  }

  #transmit(packet: OutPacket): void {
    const header = this.#header;
    header.type = packet.type;
    header.extension =
      packet.headerBytes > UTP_HEADER_BYTES ? UTP_EXTENSION.padding : UTP_EXTENSION.none;
    header.seqNr = packet.seqNr;
    this.#fillHeader(packet.type === UTP_TYPE.syn ? this.receiveId : this.sendId);
    writeUtpHeader(packet.datagram, header);
    if (!this.#world.send(packet.datagram, this.remote)) packet.isHeld = true;
    // Only a packet of its own can tell of gaps.
    if (this.#receiver?.hasGap !== true) this.#isAckDue = false;
  }

  #sendState(): void {
    this.#isAckDue = false;
    const receiver = this.#receiver;
    if (receiver === null) return;
    this.#header.type = UTP_TYPE.state;
    this.#header.seqNr = this.sender.nextSeqNr;
    const datagram = new Uint8Array(receiver.hasGap ? MAX_STATE_BYTES : UTP_HEADER_BYTES + 2);
    let lengthBytes = UTP_HEADER_BYTES;
    this.#header.extension = UTP_EXTENSION.none;
    if (receiver.hasGap) {
      const bits = receiver.writeSelectiveAck(datagram, UTP_HEADER_BYTES + 2);
      datagram[UTP_HEADER_BYTES + 1] = bits;
      lengthBytes += 2 + bits;
      this.#header.extension = UTP_EXTENSION.selectiveAck;
    } else if (this.#agreedBytes > 0) {
      // Empty padding says that this side takes large datagrams.
      lengthBytes += 2;
      this.#header.extension = UTP_EXTENSION.padding;
    }
    this.#fillHeader(this.sendId);
    writeUtpHeader(datagram, this.#header);
    this.#world.send(datagram.subarray(0, lengthBytes), this.remote);
  }

  #sendReset(): void {
    this.#header.type = UTP_TYPE.reset;
    this.#header.extension = UTP_EXTENSION.none;
    this.#header.seqNr = this.sender.nextSeqNr;
    this.#fillHeader(this.sendId);
    const datagram = new Uint8Array(UTP_HEADER_BYTES);
    writeUtpHeader(datagram, this.#header);
    this.#world.send(datagram, this.remote);
  }

  /** What every packet tells anew. */
  #fillHeader(connectionId: number): void {
    const header = this.#header;
    const nowMs = this.#world.nowMs();
    header.connectionId = connectionId;
    header.timestampUs = toMicroseconds(nowMs);
    header.timestampDifferenceUs = this.#delays.replyUs;
    header.ackNr = this.#receiver?.ackNr ?? 0;
    header.windowBytes = this.#receiver?.windowBytes ?? this.#world.receiveWindowBytes;
    this.#advertisedBytes = header.windowBytes;
    this.#lastSentMs = nowMs;
    this.#ackAtMs = Infinity;
    this.#unackedPackets = 0;
  }

  #error(code: "reset" | "refused" | "timeout", reason: string): NetError {
    const { address, port } = this.remote;
    return new NetError(
      code,
      `The uTP connection with ${address} port ${port} is over: ${reason}.`,
    );
  }
}
