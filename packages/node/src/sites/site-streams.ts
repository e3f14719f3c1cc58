import type { Clock, HttpServerResponse, Timer } from "@shoal/runtime";
import { providerError } from "./provider-error.ts";

/** Tabs of one site, in all of its user's browsers. */
export const MAX_STREAMS_OF_SITE = 32;
/** Of all sites. */
export const MAX_STREAMS = 256;

/** Events are few: who does not take so many is not there. */
const MAX_UNREAD = 100;

/** Proxies and browsers cut connections that say nothing for a minute. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(": still here\n\n");

/** What a site hears of, as EIP-1193 names it. */
export type SiteEvent = "accountsChanged" | "chainChanged" | "disconnect";

interface Listener {
  readonly siteId: string;
  readonly waiting: Uint8Array[];
  isOver: boolean;
  wake: (() => void) | null;
}

/** Server-sent events for the pages of connected sites. */
export class SiteStreams {
  readonly #listeners = new Set<Listener>();
  readonly #heart: Timer;

  constructor(clock: Clock) {
    this.#heart = clock.setRepeating(HEARTBEAT_MS, () => {
      for (const listener of this.#listeners) this.#push(listener, HEARTBEAT);
    });
  }

  get size(): number {
    return this.#listeners.size;
  }

  /**
   * Opens a stream for a page.
   * @param first What it is told at once, so that it misses nothing.
   * @throws {RpcError} -32005.
   */
  open(
    siteId: string,
    first: readonly (readonly [SiteEvent, unknown])[],
  ): Pick<HttpServerResponse, "headers" | "body"> {
    const own = [...this.#listeners].filter((each) => each.siteId === siteId).length;
    if (own >= MAX_STREAMS_OF_SITE || this.#listeners.size >= MAX_STREAMS) {
      throw providerError("limit", "Too many pages listen already.");
    }
    const waiting = first.map(([event, data]) => format(event, data));
    const listener: Listener = { siteId, waiting, isOver: false, wake: null };
    this.#listeners.add(listener);
    return {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        // nginx holds back what it proxies, unless told otherwise.
        "x-accel-buffering": "no",
      },
      body: this.#read(listener),
    };
  }

  /** Tells all pages of a site. */
  tell(siteId: string, event: SiteEvent, data: unknown): void {
    for (const listener of this.#listeners) {
      if (listener.siteId === siteId) this.#push(listener, format(event, data));
    }
  }

  /** Ends the streams of a site, once they have sent what they were told. */
  end(siteId: string): void {
    for (const listener of this.#listeners) {
      if (listener.siteId === siteId) this.#leave(listener);
    }
  }

  close(): void {
    this.#heart.cancel();
    for (const listener of this.#listeners) this.#leave(listener);
  }

  #read(listener: Listener): AsyncIterable<Uint8Array> {
    const leave = (): void => this.#leave(listener);
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          while (listener.waiting.length === 0 && !listener.isOver) {
            await new Promise<void>((resolve) => (listener.wake = resolve));
          }
          if (listener.waiting.length === 0) return { done: true, value: undefined };
          return { done: false, value: Buffer.concat(listener.waiting.splice(0)) };
        },
        async return() {
          leave();
          return { done: true, value: undefined };
        },
      }),
    };
  }

  #push(listener: Listener, chunk: Uint8Array): void {
    if (listener.waiting.length >= MAX_UNREAD) return this.#leave(listener);
    listener.waiting.push(chunk);
    wake(listener);
  }

  #leave(listener: Listener): void {
    listener.isOver = true;
    this.#listeners.delete(listener);
    wake(listener);
  }
}

function wake(listener: Listener): void {
  listener.wake?.();
  listener.wake = null;
}

function format(event: SiteEvent, data: unknown): Uint8Array {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
