import { Fifo } from "./fifo.ts";
import type { Link, LinkUser } from "./link.ts";
/** Headers of IPv4 and UDP. */
const HEADER_BYTES = 28;

/** A queue holds a quarter of a second of its line, at least this: what comes on top is dropped, as routers do. */
const MIN_QUEUE_BYTES = 64 * 1024;
const QUEUE_MS = 250;

/** All datagrams of one direction of a line: together they take one turn among the line's TCP flows. */
export class UdpQueue<Datagram extends { readonly bytes: Uint8Array }> implements LinkUser {
  isQueued = false;
  readonly #link: Link;
  readonly #waiting = new Fifo<Datagram>();
  readonly #carried: (datagram: Datagram) => boolean;
  readonly #limitBytes: number;
  #bytes = 0;
  #current: Datagram | null = null;

  /** @param carried takes what has passed the line; returns true when foreign code ran. */
  constructor(link: Link, carried: (datagram: Datagram) => boolean) {
    this.#link = link;
    this.#carried = carried;
    this.#limitBytes = Math.max(MIN_QUEUE_BYTES, link.bytesPerMs * QUEUE_MS);
  }

  /** Queues a datagram. Returns null when it was dropped, else whether foreign code ran. */
  add(datagram: Datagram): boolean | null {
    const bytes = datagram.bytes.length + HEADER_BYTES;
    if (this.#bytes + bytes > this.#limitBytes) return null;
    this.#bytes += bytes;
    this.#waiting.push(datagram);
    return this.#link.offer(this);
  }

  hasBytes(): boolean {
    return this.#waiting.length > 0;
  }

  take(): number {
    this.#current = this.#waiting.shift() ?? null;
    return this.#current === null ? 0 : this.#current.bytes.length + HEADER_BYTES;
  }

  served(bytes: number): boolean {
    this.#bytes -= bytes;
    return this.#carried(this.#current as Datagram);
  }
}
