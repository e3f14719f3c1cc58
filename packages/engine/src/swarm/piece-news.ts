import { HAVE_LENGTH_BYTES, writeHave } from "@shoal/protocol";
import type { Clock, Timer } from "@shoal/runtime";

/** So soon a peer hears of a piece that it could use; what comes within that time leaves in one write. */
const NEWS_MS = 20;
const FIRST_ROOM = 32;

/** A peer that is told of new pieces. */
export interface NewsReader {
  /** It has everything: the news helps it to know this side, and is in no hurry. */
  readonly isSeed: boolean;
  /** To be told what it was not told yet. */
  tellNews(): void;
}

/**
 * The pieces that came lately, as the messages that tell of them (`have`), which all peers share.
 *
 * A message of its own for each piece and peer is a system call for each: with fifty peers measured as a fifth
 * of all the processor time of a download. So peers are told a moment later, of several pieces at once, and
 * those that are sent something else anyhow are told with that.
 */
export class PieceNews {
  readonly #clock: Clock;
  readonly #readers: Iterable<NewsReader>;
  #timer: Timer | null = null;
  /** Never written again where a message lies: writes may still hold it. */
  #messages = new Uint8Array(FIRST_ROOM * HAVE_LENGTH_BYTES);
  /** How many pieces came before the first message that is kept. */
  #forgotten = 0;
  #end = 0;

  constructor(clock: Clock, readers: Iterable<NewsReader>) {
    this.#clock = clock;
    this.#readers = readers;
  }

  /** How many pieces have come: what a reader remembers once it was told. */
  get end(): number {
    return this.#end;
  }

  add(piece: number): void {
    const at = (this.#end - this.#forgotten) * HAVE_LENGTH_BYTES;
    if (at === this.#messages.length) {
      const longer = new Uint8Array(2 * at);
      longer.set(this.#messages);
      this.#messages = longer;
    }
    writeHave(this.#messages, at, piece);
    this.#end++;
    this.#timer ??= this.#clock.setTimer(NEWS_MS, () => {
      this.#timer = null;
      for (const reader of this.#readers) if (!reader.isSeed) reader.tellNews();
    });
  }

  /** The messages for a reader that was told of the first `told` pieces; not to be changed. */
  since(told: number): Uint8Array {
    const from = Math.max(0, told - this.#forgotten) * HAVE_LENGTH_BYTES;
    const to = (this.#end - this.#forgotten) * HAVE_LENGTH_BYTES;
    return this.#messages.subarray(from, to);
  }

  /** Called about once a second: nobody has to wait longer. */
  tick(): void {
    if (this.#end === this.#forgotten) return;
    for (const reader of this.#readers) reader.tellNews();
    this.#messages = new Uint8Array(FIRST_ROOM * HAVE_LENGTH_BYTES);
    this.#forgotten = this.#end;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
