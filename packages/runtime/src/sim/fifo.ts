/** A first-in first-out queue in a ring that doubles when full: nothing is moved, nothing is allocated per item. */
export class Fifo<T> {
  #ring: (T | undefined)[] = [undefined, undefined, undefined, undefined];
  #head = 0;
  length = 0;

  push(item: T): void {
    const ring = this.#ring;
    if (this.length === ring.length) this.#grow();
    this.#ring[(this.#head + this.length) & (this.#ring.length - 1)] = item;
    this.length++;
  }

  peek(): T | undefined {
    return this.length === 0 ? undefined : this.#ring[this.#head];
  }

  /** The item pushed last. */
  last(): T | undefined {
    if (this.length === 0) return undefined;
    return this.#ring[(this.#head + this.length - 1) & (this.#ring.length - 1)];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return item;
  }

  /** Puts the items in order from the start, and as many free places behind them. */
  #grow(): void {
    const ring = this.#ring;
    this.#ring = [...ring.slice(this.#head), ...ring.slice(0, this.#head)];
    for (let free = ring.length; free > 0; free--) this.#ring.push(undefined);
    this.#head = 0;
  }
}
