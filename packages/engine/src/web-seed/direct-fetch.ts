import type { Clock, Net, Slab, SlabPool } from "@shoal/runtime";
import { CLIENT_NAME } from "../session/client-name.ts";
import type { Hold } from "./hold.ts";
import { readAnswer } from "./read-answer.ts";
import { type AnswerSink, RangeStream } from "./range-stream.ts";
import type { RunIntake } from "./run-intake.ts";

/** A file of a server that is known to answer range requests in the plainest way. */
export interface DirectTarget {
  readonly url: URL;
  /** Looks up the host. @returns addresses that may be connected to. @throws {WebSeedError|DnsError} */
  addresses(): Promise<readonly string[]>;
}

/** Part of a file. */
interface Part {
  readonly startBytes: number;
  readonly lengthBytes: number;
  readonly fileLengthBytes: number;
}

/** Fetches ranges over a connection of its own, straight into slabs. */
export class DirectFetch {
  readonly #net: Net;
  readonly #clock: Clock;
  readonly #pool: SlabPool;
  readonly #localAddress: string | undefined;
  readonly #hold: Hold;
  readonly #onBytes: (lengthBytes: number) => void;
  #stream: RangeStream | null = null;
  #origin = "";

  constructor(init: {
    net: Net;
    clock: Clock;
    pool: SlabPool;
    localAddress: string | undefined;
    hold: Hold;
    onBytes: (lengthBytes: number) => void;
  }) {
    this.#net = init.net;
    this.#clock = init.clock;
    this.#pool = init.pool;
    this.#localAddress = init.localAddress;
    this.#hold = init.hold;
    this.#onBytes = init.onBytes;
  }

  /**
   * @returns Bytes of the part that came; null when the answer is none that this way can read.
   * @throws {HttpError|NetError|WebSeedError}
   */
  async fetch(
    target: DirectTarget,
    part: Part,
    intake: RunIntake,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { url } = target;
    for (;;) {
      const kept =
        this.#stream?.isOpen === true && this.#origin === url.origin ? this.#stream : null;
      const stream = kept ?? (await this.#open(target, signal));
      const sink = this.#createSink(part, intake);
      try {
        const isTaken = await stream.fetch(formatRequest(url, part), sink, signal);
        return isTaken ? sink.bytes : null;
      } catch (error) {
        // A server may have closed a connection that was kept, just as it was used again.
        if (kept === null || sink.hasBegun || signal.aborted) throw error;
      }
    }
  }

  close(): void {
    this.#hold.attach(null);
    this.#stream?.close();
    this.#stream = null;
  }

  async #open(target: DirectTarget, signal: AbortSignal): Promise<RangeStream> {
    const { url } = target;
    this.close();
    let failure: unknown;
    for (const host of await target.addresses()) {
      try {
        const stream = await RangeStream.open({
          net: this.#net,
          clock: this.#clock,
          pool: this.#pool,
          host,
          port: url.port === "" ? 80 : Number(url.port),
          localAddress: this.#localAddress,
          signal,
        });
        this.#stream = stream;
        this.#origin = url.origin;
        this.#hold.attach(stream.receiver);
        return stream;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #createSink(part: Part, intake: RunIntake): AnswerSink & { bytes: number; hasBegun: boolean } {
    const [hold, clock, count] = [this.#hold, this.#clock, this.#onBytes];
    return {
      bytes: 0,
      hasBegun: false,
      get isHeld() {
        return hold.isHeld;
      },
      onHead(status, headers) {
        this.hasBegun = true;
        const isPlain = headers.has("content-length") && !headers.has("transfer-encoding");
        if (status !== 206 || !isPlain) return null;
        const response = { status, headers: Object.fromEntries(headers) };
        const answer = readAnswer(response, part, clock.nowMs());
        return answer.hasMore ? null : answer.lengthBytes;
      },
      onBody(bytes: Uint8Array, from: number, to: number, slab: Slab | null) {
        this.bytes += to - from;
        count(to - from);
        intake.place(bytes, from, to, slab);
        return intake.isWorthIt;
      },
    };
  }
}

function formatRequest(url: URL, { startBytes, lengthBytes }: Part): string {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Range: bytes=${startBytes}-${startBytes + lengthBytes - 1}`,
    `User-Agent: ${CLIENT_NAME}`,
    "Accept: */*",
    "Accept-Encoding: identity",
    "Connection: keep-alive",
    "\r\n",
  ].join("\r\n");
}
