import { UTP_HEADER_BYTES, UTP_TYPE, writeUtpPadding } from "@shoal/protocol";
import { Ledbat } from "../congestion/ledbat.ts";
import { RoundTrip } from "../congestion/round-trip.ts";
import type { MtuSearch } from "./mtu-search.ts";
import { type OutPacket, type PacketPool, resize } from "./packet-pool.ts";
import { nextSequence, stepsBetween } from "./sequence.ts";
import { WriteQueue } from "./write-queue.ts";

/** Packets under way at most; a power of two, so that sequence numbers wrap within the ring. */
const RING_PACKETS = 2048;
/** Receivers keep packets that come out of order only for so many; libtorrent reckons this much of its window for each. */
const REORDER_BYTES = 1100;
const MIN_REORDER_PACKETS = 16;
/** A packet is lost when so many that were sent later have arrived. */
const REORDERING = 3;
const MAX_TIMEOUTS = 6;

/** Sends a packet, with a header that is right at this moment. */
export type Transmit = (packet: OutPacket, nowMs: number) => void;

/**
 * The sending half of a connection: what was written becomes packets, as the two windows allow, that are
 * sent until they are acknowledged.
 *
 * Invariant: `#ring` holds the packets from `#oldest` up to, not including, `#next`;
 * `#flightBytes` is the payload of those that are neither acknowledged nor lost.
 */
export class Sender {
  readonly queue = new WriteQueue();
  readonly roundTrip = new RoundTrip();
  readonly ledbat: Ledbat;
  readonly mtu: MtuSearch;
  readonly #pool: PacketPool;
  readonly #transmit: Transmit;
  readonly #ring: (OutPacket | null)[] = Array.from({ length: RING_PACKETS }, () => null);
  #oldest: number;
  #next: number;
  #flightBytes = 0;
  #lostPackets = 0;
  #smallPackets = 0;
  #order = 0;
  #highestAckedOrder = 0;
  /** The window is cut once for all losses of packets before this one. */
  #recoveryEnds: number;
  #duplicateAcks = 0;
  #isLimited = false;
  #isEnding = false;
  #isFinSent = false;
  #timeoutAtMs = Infinity;
  #timeouts = 0;
  #peerWindowBytes = 0;
  resentPackets = 0;

  constructor(init: {
    firstSeqNr: number;
    mtu: MtuSearch;
    maxWindowBytes: number;
    pool: PacketPool;
    transmit: Transmit;
  }) {
    this.#pool = init.pool;
    this.#transmit = init.transmit;
    this.mtu = init.mtu;
    this.ledbat = new Ledbat(this.#fullPayload, init.maxWindowBytes);
    this.#oldest = init.firstSeqNr;
    this.#next = init.firstSeqNr;
    this.#recoveryEnds = init.firstSeqNr;
  }

  /** The sequence number that the next new packet gets. */
  get nextSeqNr(): number {
    return this.#next;
  }

  /** When {@link timedOut} is to be called; Infinity for never. */
  get timeoutAtMs(): number {
    return this.#timeoutAtMs;
  }

  get flightBytes(): number {
    return this.#flightBytes;
  }

  get isFinSent(): boolean {
    return this.#isFinSent;
  }

  /** Whether all that was written, and the end, has arrived. */
  get isFinished(): boolean {
    return this.#isFinSent && this.#oldest === this.#next;
  }

  /** Whether nothing but the acknowledgement of the end is missing. */
  get isAllButEndAcked(): boolean {
    return this.#isFinSent && stepsBetween(this.#oldest, this.#next) <= 1;
  }

  /** Whether packets wait for their acknowledgement. */
  get isWaiting(): boolean {
    return this.#oldest !== this.#next;
  }

  get #fullPayload(): number {
    return this.mtu.packetBytes - UTP_HEADER_BYTES;
  }

  /** After what is queued comes the end. */
  end(): void {
    this.#isEnding = true;
  }

  /** The other side is alive. */
  heard(): void {
    this.#timeouts = 0;
  }

  /** Whether an acknowledgement number can be true: it acknowledges something that was sent and not long ago. */
  isPlausibleAck(ackNr: number): boolean {
    const last = nextSequence(this.#oldest, -1);
    const steps = stepsBetween(last, ackNr);
    return (
      steps <= stepsBetween(last, nextSequence(this.#next, -1)) || 0x10000 - steps <= RING_PACKETS
    );
  }

  /** Sends the packet that opens a connection. */
  sendSyn(nowMs: number): void {
    this.#send(this.#create(UTP_TYPE.syn, 0, 0), nowMs);
  }

  /** Sends what may be sent now. */
  pump(nowMs: number): void {
    this.#isLimited = false;
    while (this.#lostPackets > 0) {
      const packet = this.#firstLost();
      if (!this.#fits(packet.payloadBytes)) return void (this.#isLimited = true);
      this.#resend(packet, nowMs);
    }
    const maxPackets = this.#maxPackets();
    while (this.queue.lengthBytes > 0) {
      if (stepsBetween(this.#oldest, this.#next) >= maxPackets)
        return void (this.#isLimited = true);
      const full = this.#fullPayload;
      let payloadBytes = Math.min(this.queue.lengthBytes, full);
      if (payloadBytes > this.#peerWindowBytes - this.#flightBytes) {
        if (this.isWaiting) return;
        // The other side takes nothing, or less than a packet: one byte asks whether it does again.
        payloadBytes = Math.max(1, Math.min(payloadBytes, this.#peerWindowBytes));
      } else if (!this.#fits(payloadBytes)) {
        this.#isLimited = true;
        return;
      }
      // One packet that is not full may be under way (Nagle's rule in Minshall's form).
      if (payloadBytes < full && this.#smallPackets > 0 && !this.#isEnding) return;
      const probeBytes = payloadBytes === full ? this.mtu.nextProbeBytes(nowMs) : 0;
      const paddingBytes = probeBytes === 0 ? 0 : probeBytes - UTP_HEADER_BYTES - payloadBytes;
      if (paddingBytes >= 2) this.mtu.probeSent();
      this.#send(
        this.#create(UTP_TYPE.data, payloadBytes, paddingBytes >= 2 ? paddingBytes : 0),
        nowMs,
      );
    }
    if (
      this.#isEnding &&
      !this.#isFinSent &&
      stepsBetween(this.#oldest, this.#next) < RING_PACKETS - 1
    ) {
      this.#isFinSent = true;
      this.#send(this.#create(UTP_TYPE.fin, 0, 0), nowMs);
    }
  }

  /**
   * Takes an acknowledgement, which must be plausible.
   * @param windowBytes What the other side can still take.
   * @param selective The datagram with the bits of the selective acknowledgement; null when there is none.
   * @param queueUs What is known of the queue on the way; null for nothing.
   * @param isBare Whether the packet carried nothing else, so that it may count as a duplicate.
   */
  acknowledge(
    ackNr: number,
    windowBytes: number,
    selective: { bytes: Uint8Array; offset: number; lengthBytes: number } | null,
    queueUs: number | null,
    isBare: boolean,
    nowMs: number,
  ): void {
    const steps = stepsBetween(nextSequence(this.#oldest, -1), ackNr);
    const span = stepsBetween(this.#oldest, this.#next);
    // An old one, overtaken by others, says nothing that is still true.
    if (steps > span) return;
    this.#peerWindowBytes = windowBytes;
    let ackedBytes = 0;
    for (let left = steps; left > 0; left--) ackedBytes += this.#retireOldest(nowMs);
    if (selective !== null) ackedBytes += this.#acknowledgeBits(ackNr, selective, nowMs);
    if (steps > 0) {
      this.#duplicateAcks = 0;
    } else if (isBare && selective === null && span > 0 && ++this.#duplicateAcks === REORDERING) {
      // Without selective acknowledgements: whoever repeats himself misses the oldest packet.
      const oldest = this.#ring[this.#oldest & (RING_PACKETS - 1)];
      if (oldest !== null && oldest !== undefined && !oldest.isAcked) this.#lose(oldest, nowMs);
    }
    if (ackedBytes > 0 || steps > 0) {
      const isLimited =
        this.#isLimited || this.ledbat.windowBytes <= this.#flightBytes + ackedBytes;
      this.ledbat.acked({ ackedBytes, queueUs, isLimited });
      this.#timeoutAtMs = this.isWaiting ? nowMs + this.roundTrip.timeoutMs : Infinity;
    }
    if (selective !== null) this.#findLosses(nowMs);
  }

  /** Nothing was acknowledged in time. @returns False when it is time to give up. */
  timedOut(nowMs: number, maxTimeouts = MAX_TIMEOUTS): boolean {
    if (++this.#timeouts > maxTimeouts) return false;
    this.roundTrip.backOff();
    this.ledbat.timedOut();
    this.#timeoutAtMs = nowMs + this.roundTrip.timeoutMs;
    this.#recoveryEnds = this.#next;
    for (let seqNr = this.#oldest; seqNr !== this.#next; seqNr = nextSequence(seqNr)) {
      const packet = this.#packet(seqNr);
      if (!packet.isAcked && !packet.isLost) this.#markLost(packet, nowMs);
    }
    return true;
  }

  /** Drops everything. Writers hear of `error`. */
  clear(error: Error): void {
    for (; this.#oldest !== this.#next; this.#oldest = nextSequence(this.#oldest)) {
      const packet = this.#packet(this.#oldest);
      this.#ring[this.#oldest & (RING_PACKETS - 1)] = null;
      this.#pool.release(packet);
    }
    this.#flightBytes = 0;
    this.#lostPackets = 0;
    this.#timeoutAtMs = Infinity;
    this.queue.fail(error);
  }

  #packet(seqNr: number): OutPacket {
    return this.#ring[seqNr & (RING_PACKETS - 1)]!;
  }

  #fits(payloadBytes: number): boolean {
    return this.#flightBytes === 0 || this.#flightBytes + payloadBytes <= this.ledbat.windowBytes;
  }

  #maxPackets(): number {
    const reorder = Math.floor(this.#peerWindowBytes / REORDER_BYTES);
    return Math.min(RING_PACKETS - 2, Math.max(MIN_REORDER_PACKETS, reorder));
  }

  #create(type: number, payloadBytes: number, paddingBytes: number): OutPacket {
    const headerBytes = UTP_HEADER_BYTES + paddingBytes;
    const packet = this.#pool.acquire(headerBytes + payloadBytes);
    packet.type = type;
    packet.seqNr = this.#next;
    packet.headerBytes = headerBytes;
    packet.payloadBytes = payloadBytes;
    if (paddingBytes > 0) writeUtpPadding(packet.datagram, UTP_HEADER_BYTES, paddingBytes);
    if (payloadBytes > 0) this.queue.take(packet.datagram, headerBytes, payloadBytes);
    packet.isSmall = type === UTP_TYPE.data && payloadBytes < this.#fullPayload;
    if (packet.isSmall) this.#smallPackets++;
    this.#ring[this.#next & (RING_PACKETS - 1)] = packet;
    this.#next = nextSequence(this.#next);
    return packet;
  }

  #send(packet: OutPacket, nowMs: number): void {
    this.#flightBytes += packet.payloadBytes;
    packet.sentAtMs = nowMs;
    packet.order = ++this.#order;
    packet.transmissions++;
    if (this.#timeoutAtMs === Infinity) this.#timeoutAtMs = nowMs + this.roundTrip.timeoutMs;
    this.#transmit(packet, nowMs);
  }

  #resend(packet: OutPacket, nowMs: number): void {
    packet.isLost = false;
    this.#lostPackets--;
    this.resentPackets++;
    this.#send(packet, nowMs);
  }

  #firstLost(): OutPacket {
    let seqNr = this.#oldest;
    while (!this.#packet(seqNr).isLost) seqNr = nextSequence(seqNr);
    return this.#packet(seqNr);
  }

  #retireOldest(nowMs: number): number {
    const packet = this.#packet(this.#oldest);
    const bytes = packet.isAcked ? 0 : this.#arrived(packet, nowMs);
    this.#ring[this.#oldest & (RING_PACKETS - 1)] = null;
    this.#oldest = nextSequence(this.#oldest);
    this.#pool.release(packet);
    return bytes;
  }

  #acknowledgeBits(
    ackNr: number,
    { bytes, offset, lengthBytes }: { bytes: Uint8Array; offset: number; lengthBytes: number },
    nowMs: number,
  ): number {
    let ackedBytes = 0;
    const first = nextSequence(ackNr, 2);
    // Bits beyond what was sent mean nothing.
    const bits = Math.min(lengthBytes * 8, stepsBetween(first, this.#next));
    if (stepsBetween(this.#oldest, first) > stepsBetween(this.#oldest, this.#next)) return 0;
    for (let bit = 0; bit < bits; bit++) {
      if ((bytes[offset + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue;
      const packet = this.#packet(nextSequence(first, bit));
      if (!packet.isAcked) ackedBytes += this.#arrived(packet, nowMs);
    }
    return ackedBytes;
  }

  /** The other side has the packet. Returns its payload's length. */
  #arrived(packet: OutPacket, nowMs: number): number {
    packet.isAcked = true;
    if (packet.isLost) {
      packet.isLost = false;
      this.#lostPackets--;
    } else {
      this.#flightBytes -= packet.payloadBytes;
      this.#highestAckedOrder = Math.max(this.#highestAckedOrder, packet.order);
    }
    if (packet.transmissions === 1) this.roundTrip.add(nowMs - packet.sentAtMs);
    if (packet.headerBytes > UTP_HEADER_BYTES) {
      this.mtu.probeAcked(packet.headerBytes + packet.payloadBytes, nowMs);
      this.ledbat.setPacketBytes(this.#fullPayload);
    }
    if (packet.isSmall) this.#smallPackets--;
    return packet.payloadBytes;
  }

  #findLosses(nowMs: number): void {
    for (let seqNr = this.#oldest; seqNr !== this.#next; seqNr = nextSequence(seqNr)) {
      const packet = this.#packet(seqNr);
      if (packet.isAcked || packet.isLost) continue;
      if (this.#highestAckedOrder - packet.order >= REORDERING) this.#lose(packet, nowMs);
      // Never resent ones are in the order of their numbers: those that follow were sent later still.
      else if (packet.transmissions === 1) break;
    }
  }

  #lose(packet: OutPacket, nowMs: number): void {
    if (packet.isLost) return;
    const isProbe = packet.headerBytes > UTP_HEADER_BYTES;
    this.#markLost(packet, nowMs);
    // A probe that is lost says that it was too large, not that a queue is full.
    if (isProbe || stepsBetween(this.#recoveryEnds, packet.seqNr) >= 0x8000) return;
    this.#recoveryEnds = this.#next;
    this.ledbat.lost();
  }

  #markLost(packet: OutPacket, nowMs: number): void {
    packet.isLost = true;
    this.#lostPackets++;
    this.#flightBytes -= packet.payloadBytes;
    if (packet.headerBytes === UTP_HEADER_BYTES) return;
    this.mtu.probeLost(packet.headerBytes + packet.payloadBytes, nowMs);
    if (packet.isHeld) packet.memory = packet.memory.slice();
    packet.memory.copyWithin(
      UTP_HEADER_BYTES,
      packet.headerBytes,
      packet.headerBytes + packet.payloadBytes,
    );
    packet.headerBytes = UTP_HEADER_BYTES;
    packet.datagram = packet.memory;
    resize(packet, UTP_HEADER_BYTES + packet.payloadBytes);
  }
}
