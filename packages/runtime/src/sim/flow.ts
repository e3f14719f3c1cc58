import type { Endpoint } from "../ports/net.ts";
import { ByteFifo } from "./byte-fifo.ts";
import type { SimEvent } from "./event-queue.ts";
import { Fifo } from "./fifo.ts";
import { Arrival, Departure, SentEvent, type StationedFlow, WireEvent } from "./flow-stations.ts";
import type { Link, LinkUser } from "./link.ts";
import type { HeldUp, Path } from "./path.ts";
import type { RunningProgram } from "./running-program.ts";
import type { World } from "./world-state.ts";

/** Bytes that the sender's kernel takes beyond what is under way: two turns of the line, and two blocks at least. */
const MIN_SEND_BUFFER_BYTES = 32 * 1024;

/** Two blocks at least, so that a slow line is not filled with seconds of data; then twice the path's product. */
const MIN_WINDOW_BYTES = 32 * 1024;
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;

const PACKET_BYTES = 1448;
const RETRANSMIT_MS = 200;
const FIN = -1;

interface PendingWrite {
  readonly bytes: Uint8Array;
  taken: number;
  readonly sent: ((error: Error | null) => void) | undefined;
}

/** A socket at one end of a flow. Those of its calls that return a boolean return true when foreign code ran. */
export interface FlowEnd {
  readonly local: Endpoint;
  readonly process: RunningProgram;
  /** Whether it is closed, whatever the network still carries for it. */
  readonly isGone: boolean;
  /** Bytes or the end arrived. */
  onReadable(): boolean;
  /** All was sent, and the FIN. */
  onFinSent(): void;
  /** Tells the other end that there is no connection any more. */
  sendReset(): void;
  /** The connection broke. */
  fail(code: "reset" | "timeout"): void;
}

/**
 * One direction of a TCP connection: write queue -> send buffer -> uplink -> wire -> downlink -> reader.
 *
 * The bytes are copied into the send buffer and from there into the reader's memory; along the way only
 * counts move, since bytes arrive in order. A window bounds what has left and is not read; it opens the
 * moment the reader reads (acknowledgements cost no time).
 *
 * Invariant: the buffer holds `unsentBytes + windowUsedBytes` bytes, and
 * `windowUsedBytes` = in uplink service + on the wire + in the downlink + readable.
 */
export class Flow implements StationedFlow, HeldUp {
  readonly #world: World;
  readonly #path: Path;
  readonly #up: Link;
  readonly #down: Link;
  readonly #writes = new Fifo<PendingWrite>();
  readonly #buffer: ByteFifo;
  readonly #wireTimes = new Fifo<number>();
  readonly #wireBytes = new Fifo<number>();
  readonly #wireEvent: SimEvent;
  readonly #departure: LinkUser;
  readonly #arrival: LinkUser;
  readonly #windowBytes: number;
  readonly #sendBufferBytes: number;
  readonly #done: ((error: null) => void)[] = [];
  readonly #sentEvent: SimEvent;
  #lastArrivalMs = 0;
  #unsentBytes = 0;
  #inUplinkBytes = 0;
  #windowUsedBytes = 0;
  #inDownlinkBytes = 0;
  #arrivedBytes = 0;
  #isEnding = false;
  #isFinSent = false;
  #hasFinArrived = false;
  #isDropped = false;
  /** Bytes that wait for the reader. */
  readableBytes = 0;
  /** Bytes handed to `write` that the send buffer has not taken. */
  queuedBytes = 0;
  sender!: FlowEnd;
  receiver!: FlowEnd;
  /** Ends the connection when nothing gets through for too long; null while the path is open. */
  stalledTimer: SimEvent | null = null;

  constructor(world: World, path: Path) {
    this.#world = world;
    this.#buffer = new ByteFifo(world.segments);
    this.#path = path;
    this.#up = path.up;
    this.#down = path.down;
    this.#sendBufferBytes = Math.max(MIN_SEND_BUFFER_BYTES, 2 * path.up.quantumBytes);
    const bytesPerMs = Math.min(path.up.bytesPerMs, path.down.bytesPerMs);
    this.#windowBytes = Math.min(
      MAX_WINDOW_BYTES,
      Math.max(
        MIN_WINDOW_BYTES,
        bytesPerMs * path.latencyMs * 2 +
          2 * Math.min(this.#up.quantumBytes, this.#down.quantumBytes),
      ),
    );
    this.#departure = new Departure(this);
    this.#arrival = new Arrival(this);
    this.#wireEvent = new WireEvent(this);
    this.#sentEvent = new SentEvent(this);
  }

  /** True when all bytes of the other side and its FIN are here and read. */
  get isAtEnd(): boolean {
    return (
      this.#hasFinArrived &&
      this.readableBytes === 0 &&
      this.#arrivedBytes === 0 &&
      this.#inDownlinkBytes === 0
    );
  }

  get isFinSent(): boolean {
    return this.#isFinSent;
  }

  /** Whether bytes lie at the receiver that it has not read. */
  get hasUnread(): boolean {
    return this.readableBytes + this.#arrivedBytes + this.#inDownlinkBytes > 0;
  }

  write(bytes: Uint8Array, sent: ((error: Error | null) => void) | undefined): void {
    this.#writes.push({ bytes, taken: 0, sent });
    this.queuedBytes += bytes.length;
    this.#admit();
  }

  /** FIN, after all that was written. */
  end(): void {
    this.#isEnding = true;
    this.#sendFin();
  }

  /** Forgets what the send buffer has not taken, and ends. */
  cut(error: Error): void {
    this.#failWrites(error);
    this.end();
  }

  /** The sender is gone: nothing of this direction happens any more, except that open writes hear of `error`. */
  drop(error: Error): void {
    this.#failWrites(error);
    this.#isDropped = true;
    this.#world.loop.cancel(this.#wireEvent);
    this.unstall();
    this.#unsentBytes = 0;
    this.readableBytes = 0;
    this.#arrivedBytes = 0;
    this.#buffer.clear();
  }

  /** The receiver is gone: what lies there unread is thrown away, what comes later is answered with a reset. */
  discard(): void {
    if (this.#isDropped) return;
    const bytes = this.readableBytes + this.#arrivedBytes;
    this.readableBytes = 0;
    this.#arrivedBytes = 0;
    this.#takeOut(bytes, null);
  }

  /** Reads into `target`; the bytes read. */
  read(target: Uint8Array): number {
    const bytes = Math.min(target.length, this.readableBytes);
    this.readableBytes -= bytes;
    this.#takeOut(bytes, target);
    return bytes;
  }

  /** Calls `arrived` when a reset has reached the other end, unless the way is blocked. */
  sendReset(arrived: () => void): void {
    if (this.#path.isBlocked()) return;
    this.#world.loop.after(this.#path.latencyMs, () => {
      if (!this.#path.isBlocked()) arrived();
    });
  }

  /** The path is open again: what was lost meanwhile is sent again, after one retransmission time. */
  resume(): void {
    this.unstall();
    this.#world.loop.schedule(this.#wireEvent, RETRANSMIT_MS + this.#path.latencyMs);
  }

  unstall(): void {
    if (this.stalledTimer === null) return;
    this.#world.loop.cancel(this.stalledTimer);
    this.stalledTimer = null;
    this.#path.heldUp.delete(this);
  }

  // From here on: called by the stations.

  get hasUnsent(): boolean {
    return this.#unsentBytes > 0;
  }

  get hasArrived(): boolean {
    return this.#arrivedBytes > 0;
  }

  takeForUplink(quantumBytes: number): number {
    const room = this.#windowBytes - this.#windowUsedBytes;
    const bytes = Math.min(quantumBytes, this.#down.quantumBytes, this.#unsentBytes, room);
    if (bytes <= 0) return 0;
    // A narrow gap in the window is left until the reader widens it: small chunks cost as much as large ones.
    if (bytes === room && room < quantumBytes / 2 && room < this.#unsentBytes) return 0;
    this.#unsentBytes -= bytes;
    this.#windowUsedBytes += bytes;
    this.#inUplinkBytes = bytes;
    return bytes;
  }

  leftUplink(bytes: number): void {
    this.#inUplinkBytes = 0;
    if (this.#isDropped) return;
    this.#depart(bytes);
    this.#admit();
    this.#sendFin();
  }

  arrive(): boolean {
    if (this.#path.isBlocked()) {
      const loop = this.#world.loop;
      this.stalledTimer = loop.after(this.#path.tcpTimeoutMs, () => {
        this.unstall();
        this.sender.fail("timeout");
      });
      this.#path.heldUp.add(this);
      return false;
    }
    this.#wireTimes.shift();
    const bytes = this.#wireBytes.shift() as number;
    const nextMs = this.#wireTimes.peek();
    if (nextMs !== undefined) {
      const loop = this.#world.loop;
      loop.schedule(this.#wireEvent, Math.max(0, nextMs - loop.nowMs));
    }
    if (this.receiver.isGone) {
      if (bytes === FIN) return false;
      this.#takeOut(bytes, null);
      this.receiver.sendReset();
      return false;
    }
    if (bytes === FIN) {
      this.#hasFinArrived = true;
      return this.receiver.onReadable();
    }
    this.#arrivedBytes += bytes;
    return this.#down.offer(this.#arrival);
  }

  takeForDownlink(quantumBytes: number): number {
    const bytes = Math.min(quantumBytes, this.#arrivedBytes);
    this.#arrivedBytes -= bytes;
    this.#inDownlinkBytes = bytes;
    return bytes;
  }

  leftDownlink(bytes: number): boolean {
    this.#inDownlinkBytes = 0;
    if (this.#isDropped) return false;
    if (this.receiver.isGone) {
      this.#takeOut(bytes, null);
      return false;
    }
    this.readableBytes += bytes;
    this.#world.counters.bytesDelivered += bytes;
    this.receiver.process.trace("deliver", bytes);
    return this.receiver.onReadable();
  }

  reportSent(): boolean {
    const done = this.#done.splice(0);
    if (!this.sender.process.isAlive) return false;
    for (const sent of done) sent(null);
    return true;
  }

  /** Takes bytes off the front, into `target` or into nothing, and opens the window by as much. */
  #takeOut(bytes: number, target: Uint8Array | null): void {
    this.#buffer.take(bytes, target);
    this.#windowUsedBytes -= bytes;
    if (this.#unsentBytes > 0) this.#up.offer(this.#departure);
  }

  /** Moves written bytes into the send buffer as far as there is room. */
  #admit(): void {
    if (this.#isDropped) return;
    for (;;) {
      const write = this.#writes.peek();
      if (write === undefined) break;
      const room = this.#sendBufferBytes - this.#unsentBytes;
      const length = Math.min(room, write.bytes.length - write.taken);
      if (length > 0) {
        this.#buffer.append(write.bytes, write.taken, length);
        write.taken += length;
        this.queuedBytes -= length;
        this.#unsentBytes += length;
      }
      if (write.taken < write.bytes.length) break;
      this.#writes.shift();
      this.#report(write);
    }
    if (this.#unsentBytes > 0) this.#up.offer(this.#departure);
  }

  #report(write: PendingWrite): void {
    if (write.sent === undefined) return;
    this.#done.push(write.sent);
    if (this.#sentEvent.heapIndex < 0) this.#world.loop.schedule(this.#sentEvent, 0);
  }

  #failWrites(error: Error): void {
    const failed: PendingWrite[] = [];
    for (let write = this.#writes.shift(); write !== undefined; write = this.#writes.shift()) {
      failed.push(write);
    }
    this.queuedBytes = 0;
    if (failed.length === 0) return;
    this.#world.loop.after(0, () => {
      if (this.sender.process.isAlive) for (const write of failed) write.sent?.(error);
    });
  }

  #sendFin(): void {
    if (!this.#isEnding || this.#isFinSent || this.#isDropped) return;
    if (this.#writes.length > 0 || this.#unsentBytes > 0 || this.#inUplinkBytes > 0) return;
    this.#isFinSent = true;
    this.#depart(FIN);
    this.sender.onFinSent();
  }

  #depart(bytes: number): void {
    const loop = this.#world.loop;
    const delayMs = this.#path.latencyMs + this.#lossDelayMs(bytes);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, loop.nowMs + delayMs);
    this.#wireTimes.push(this.#lastArrivalMs);
    this.#wireBytes.push(bytes);
    if (this.#wireTimes.length === 1) {
      loop.schedule(this.#wireEvent, this.#lastArrivalMs - loop.nowMs);
    }
  }

  /** TCP sees loss as delay: one round trip for the first retransmission, then time-outs that double. */
  #lossDelayMs(bytes: number): number {
    const lossRate = this.#path.lossRate;
    if (lossRate === 0) return 0;
    const random = this.#world.random;
    const packets = bytes === FIN ? 1 : Math.ceil(bytes / PACKET_BYTES);
    if (random.fraction() >= 1 - (1 - lossRate) ** packets) return 0;
    let delayMs = this.#path.latencyMs * 2;
    let timeoutMs = RETRANSMIT_MS;
    for (let attempt = 0; attempt < 8 && random.fraction() < lossRate; attempt++) {
      delayMs += timeoutMs;
      timeoutMs *= 2;
    }
    return delayMs;
  }
}
