const MIN_CAPACITY = 16;

/**
 * The pieces of one priority and one availability, in no order. Adding and removing take constant
 * time: a removed piece's place is filled by the last. The places are kept in an array shared by all
 * buckets, since a piece is in at most one.
 */
export class PieceBucket {
  size = 0;
  #pieces = new Int32Array(MIN_CAPACITY);
  readonly #places: Int32Array;

  /** @param places For each piece its index in the bucket that holds it. */
  constructor(places: Int32Array) {
    this.#places = places;
  }

  at(index: number): number {
    return this.#pieces[index]!;
  }

  add(piece: number): void {
    if (this.size === this.#pieces.length) this.#resize(this.size * 2);
    this.#pieces[this.size] = piece;
    this.#places[piece] = this.size++;
  }

  remove(piece: number): void {
    const place = this.#places[piece]!;
    const last = this.#pieces[--this.size]!;
    this.#pieces[place] = last;
    this.#places[last] = place;
    // Shrinking at a quarter keeps the cost constant over time and the memory of all buckets within
    // four numbers a piece, while a stream of HAVEs carries every piece through bucket after bucket.
    if (this.size > MIN_CAPACITY && this.size < this.#pieces.length / 4) {
      this.#resize(this.size * 2);
    } else if (this.size === 0 && this.#pieces.length > MIN_CAPACITY) {
      this.#pieces = new Int32Array(MIN_CAPACITY);
    }
  }

  #resize(capacity: number): void {
    const pieces = new Int32Array(capacity);
    pieces.set(this.#pieces.subarray(0, this.size));
    this.#pieces = pieces;
  }
}
