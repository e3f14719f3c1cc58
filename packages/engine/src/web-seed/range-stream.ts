import {
  type Clock,
  HttpError,
  type Net,
  type Slab,
  type SlabPool,
  type StreamSocket,
} from "@shoal/runtime";
import { type ReceivedBytes, SlabReceiver } from "../peer/slab-receiver.ts";

/** No byte for so long ends a request. */
const SILENCE_MS = 20_000;
const MAX_HEAD_BYTES = 16 * 1024;

/** Takes an answer as it arrives. */
export interface AnswerSink {
  /** @returns the body's length in bytes; null when the answer is none that this way can read. */
  onHead(status: number, headers: ReadonlyMap<string, string>): number | null;
  /** Part of the body; see {@link ReceivedBytes}. @returns whether to go on. */
  onBody(bytes: Uint8Array, from: number, to: number, slab: Slab | null): boolean;
  /** Reading is held up on this side: silence is no sign of anything. */
  readonly isHeld: boolean;
}

interface Exchange {
  readonly sink: AnswerSink;
  readonly outcome: PromiseWithResolvers<boolean>;
  head: Uint8Array;
  /** Of the body; null while the head is arriving. */
  leftBytes: number | null;
  keepsOpen: boolean;
}

/**
 * One plain HTTP/1.1 connection that receives bodies into slabs, as peers' blocks are received: nothing
 * is copied. It reads the one kind of answer that well-behaved servers give; for all others there is
 * the Http port.
 */
export class RangeStream implements ReceivedBytes {
  readonly receiver: SlabReceiver;
  isOpen = true;
  readonly #socket: StreamSocket;
  readonly #pool: SlabPool;
  readonly #clock: Clock;
  #exchange: Exchange | null = null;
  #lastByteMs = 0;

  private constructor(socket: StreamSocket, pool: SlabPool, clock: Clock) {
    this.#socket = socket;
    this.#pool = pool;
    this.#clock = clock;
    this.receiver = new SlabReceiver(socket, pool, this);
    this.receiver.start();
  }

  /** @throws {NetError} */
  static async open(init: {
    net: Net;
    clock: Clock;
    pool: SlabPool;
    host: string;
    port: number;
    localAddress: string | undefined;
    signal: AbortSignal;
  }): Promise<RangeStream> {
    const { net, clock, pool, host, port, localAddress, signal } = init;
    const socket = await net.connect({
      host,
      port,
      timeoutMs: SILENCE_MS,
      signal,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    return new RangeStream(socket, pool, clock);
  }

  /**
   * Sends a request and has the answer's body taken.
   * @returns false when it is an answer for the Http port to read; the connection is closed then.
   * @throws {HttpError} `timeout`, `aborted` or `failed`.
   */
  async fetch(head: string, sink: AnswerSink, signal: AbortSignal): Promise<boolean> {
    const outcome = Promise.withResolvers<boolean>();
    const exchange = { sink, outcome, head: new Uint8Array(), leftBytes: null, keepsOpen: true };
    this.#exchange = exchange;
    this.#lastByteMs = this.#clock.monotonicMs();
    const onAbort = (): void => this.#fail("aborted", "The request was cancelled.");
    signal.addEventListener("abort", onAbort, { once: true });
    if (!this.isOpen) this.#fail("failed", "the connection was closed");
    if (signal.aborted) onAbort();
    const watch = this.#clock.setRepeating(SILENCE_MS / 4, () => this.#checkSilence());
    try {
      this.receiver.expectPayload(true);
      this.#socket.write(Buffer.from(head, "latin1"));
      return await outcome.promise;
    } finally {
      watch.cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }

  close(): void {
    this.isOpen = false;
    this.#socket.destroy();
  }

  onBytes(bytes: Uint8Array, from: number, to: number, slab: Slab | null): void {
    this.#lastByteMs = this.#clock.monotonicMs();
    const exchange = this.#exchange;
    // Nothing was asked for.
    if (exchange === null) return this.close();
    try {
      const at = exchange.leftBytes === null ? this.#readHead(exchange, bytes, from, to) : from;
      if (exchange.leftBytes !== null) this.#readBody(exchange, bytes, at, to, slab);
    } catch (error) {
      this.#end(() => exchange.outcome.reject(error), false);
    }
  }

  onEnded(): void {
    this.#fail("failed", "its answer ended too early");
  }

  onClosed(error: Error | null): void {
    this.#fail("failed", error?.message ?? "its answer ended too early");
  }

  /** @returns where the body begins. */
  #readHead(exchange: Exchange, bytes: Uint8Array, from: number, to: number): number {
    const known = exchange.head.length;
    const head = Buffer.concat([exchange.head, bytes.subarray(from, to)]);
    const end = head.indexOf("\r\n\r\n", Math.max(0, known - 3), "latin1");
    if (end < 0 && head.length <= MAX_HEAD_BYTES) {
      exchange.head = head;
      return to;
    }
    const parsed = end < 0 ? null : parseHead(head.toString("latin1", 0, end));
    const lengthBytes = parsed && exchange.sink.onHead(parsed.status, parsed.headers);
    if (parsed === null || lengthBytes === null) {
      this.#end(() => exchange.outcome.resolve(false), false);
      return to;
    }
    exchange.leftBytes = lengthBytes;
    exchange.keepsOpen = !/\bclose\b/i.test(parsed.headers.get("connection") ?? "");
    return from + end + 4 - known;
  }

  #readBody(
    exchange: Exchange,
    bytes: Uint8Array,
    from: number,
    to: number,
    slab: Slab | null,
  ): void {
    const count = Math.min(exchange.leftBytes!, to - from);
    const goesOn = count === 0 || exchange.sink.onBody(bytes, from, from + count, slab);
    if (this.#exchange !== exchange) return;
    exchange.leftBytes! -= count;
    const isWhole = exchange.leftBytes === 0;
    if (goesOn && !isWhole) return;
    const isClean = isWhole && from + count === to;
    this.#end(() => exchange.outcome.resolve(true), isClean && exchange.keepsOpen);
  }

  #checkSilence(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    // What waits for memory may be what would make room.
    if (this.#pool.isTight) this.receiver.nudge();
    const nowMs = this.#clock.monotonicMs();
    if (exchange.sink.isHeld || this.#pool.isTight) this.#lastByteMs = nowMs;
    else if (nowMs - this.#lastByteMs >= SILENCE_MS) {
      this.#fail("timeout", `it sent nothing for ${SILENCE_MS} ms.`);
    }
  }

  #fail(code: HttpError["code"], message: string): void {
    const exchange = this.#exchange;
    this.#end(() => exchange?.outcome.reject(new HttpError(code, message)), false);
  }

  #end(tell: () => void, keepsOpen: boolean): void {
    this.#exchange = null;
    // At once: the place for the next read is asked for before anybody else has a turn.
    this.receiver.expectPayload(false);
    if (!keepsOpen) this.close();
    tell();
  }
}

function parseHead(
  text: string,
): { readonly status: number; readonly headers: ReadonlyMap<string, string> } | null {
  const [start = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start)?.[1];
  if (status === undefined) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    // Whatever is folded or repeated may be read in two ways.
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || headers.has(name)) return null;
    headers.set(name, match?.[2] ?? "");
  }
  return { status: Number(status), headers };
}
