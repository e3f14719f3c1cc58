import { NetError } from "../errors.ts";
import type { Endpoint, ReceiveSink, StreamSocket } from "../ports/net.ts";
import type { SimEvent } from "./event-queue.ts";
import type { Flow, FlowEnd } from "./flow.ts";
import type { ConnectionEnd } from "./machine.ts";
import type { Held, SimProcess } from "./sim-process.ts";

/** One end of a TCP connection. Sinks and callbacks are only ever called by events, never within a call. */
export class SimSocket implements StreamSocket, FlowEnd, Held {
  readonly process: SimProcess;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #out: Flow;
  readonly #in: Flow;
  #sink: ReceiveSink | null = null;
  #isPaused = false;
  #hasEnded = false;
  #isReadPending: SimEvent | null = null;
  #closedWith: Error | null = null;
  #isEnding = false;
  /** True once this end is closed, whatever the network still carries for it. */
  isGone = false;

  constructor(process: SimProcess, end: ConnectionEnd) {
    this.process = process;
    this.local = end.local;
    this.remote = end.remote;
    this.#out = end.out;
    this.#in = end.in;
    this.#out.sender = this;
    this.#in.receiver = this;
    process.held.add(this);
  }

  get queuedBytes(): number {
    return this.#out.queuedBytes;
  }

  receive(sink: ReceiveSink): void {
    if (this.#sink !== null) throw new TypeError("receive() was called twice on one socket.");
    this.#sink = sink;
    if (this.isGone) this.#later(() => sink.closed(this.#closedWith));
    else this.#readSoon();
  }

  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    if (!this.process.isAlive) return;
    if (this.isGone || this.#isEnding) {
      if (sent !== undefined)
        this.#later(() => sent(this.#error("reset", "the connection is closed")));
      return;
    }
    this.#out.write(bytes, sent);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#readSoon();
  }

  end(): void {
    if (this.isGone || this.#isEnding) return;
    this.#isEnding = true;
    this.#out.end();
  }

  destroy(): void {
    if (this.isGone) return;
    // As kernels do: with unread bytes the other side is told that they were lost.
    const isUnread = this.#in.hasUnread;
    if (isUnread) this.sendReset();
    this.#close(null, isUnread);
  }

  // From here on: called by the world.

  release(): void {
    this.destroy();
  }

  /** The end of the program's run. After a kill the kernel resets the connection; after a power cut nobody does. */
  kill(how: "process" | "power"): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#sink = null;
    if (how === "process") this.sendReset();
    this.#forget(this.#error("reset", "the program ended"));
  }

  /** Bytes or the end arrived. Returns true when foreign code ran. */
  onReadable(): boolean {
    if (this.#isReadPending !== null) return false;
    return this.#read();
  }

  /** All was sent, and the FIN: with the other side's FIN read, the connection is over. */
  onFinSent(): void {
    if (this.#hasEnded) this.#later(() => this.#closeOrderly());
  }

  /** Tells the other end that there is no connection any more. */
  sendReset(): void {
    const other = this.#out.receiver;
    this.#out.sendReset(() => {
      if (other.isGone) return;
      other.process.trace("reset", other.local.port);
      other.fail("reset");
    });
  }

  fail(code: "reset" | "timeout"): void {
    if (this.isGone) return;
    const reason = code === "reset" ? "the other side cut it" : "nothing was acknowledged in time";
    this.isGone = true;
    const error = this.#error(code, reason);
    this.#closedWith = error;
    this.#forget(error);
    this.#later(() => this.#sink?.closed(error));
  }

  #close(error: Error | null, isReset: boolean): void {
    this.isGone = true;
    this.#closedWith = error;
    const cut = this.#error("reset", "it was closed here");
    if (isReset) this.#out.drop(cut);
    else this.#out.cut(cut);
    this.#in.discard();
    this.#leave();
    this.#later(() => this.#sink?.closed(error));
  }

  #closeOrderly(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#leave();
    this.#sink?.closed(null);
  }

  #forget(error: Error): void {
    this.#out.drop(error);
    this.#in.discard();
    this.#leave();
  }

  #leave(): void {
    this.process.held.delete(this);
  }

  #readSoon(): void {
    if (this.#sink === null || this.#isPaused || this.isGone || this.#isReadPending !== null)
      return;
    if (this.#in.readableBytes === 0 && !this.#in.isAtEnd) return;
    this.#isReadPending = this.#later(() => {
      this.#isReadPending = null;
      this.#read();
    });
  }

  /** One read, as one turn of a real event loop does; what is left follows in an event of its own. */
  #read(): boolean {
    const sink = this.#sink;
    if (sink === null || this.#isPaused || this.isGone || !this.process.isAlive) return false;
    if (this.#in.readableBytes > 0) {
      const buffer = sink.buffer();
      if (buffer.length === 0) throw new RangeError("A sink's buffer has at least one byte");
      sink.received(this.#in.read(buffer), buffer);
      this.#readSoon();
      return true;
    }
    if (!this.#in.isAtEnd || this.#hasEnded) return false;
    this.#hasEnded = true;
    this.process.trace("end", this.local.port);
    sink.ended();
    if (this.#out.isFinSent) this.#later(() => this.#closeOrderly());
    return true;
  }

  #later(callback: () => void): SimEvent {
    return this.process.later(0, callback);
  }

  #error(code: NetError["code"], reason: string): NetError {
    const { address, port } = this.remote;
    return new NetError(code, `The connection with ${address} port ${port} is over: ${reason}.`);
  }
}
