/** A gate that a reading loop stops at while others hold it. */
export class Hold {
  #holds = 0;
  #isOver = false;
  #waiting: (() => void)[] = [];
  #receiver: { hold(): void; unhold(): void } | null = null;

  get isHeld(): boolean {
    return this.#holds > 0 && !this.#isOver;
  }

  hold(): void {
    if (++this.#holds === 1) this.#receiver?.hold();
  }

  unhold(): void {
    if (--this.#holds > 0) return;
    this.#receiver?.unhold();
    this.#wake();
  }

  /** Holds this receiver as well, and no other from now on. */
  attach(receiver: { hold(): void; unhold(): void } | null): void {
    this.#receiver = receiver;
    if (this.#holds > 0) receiver?.hold();
  }

  /** Lets everybody pass from now on. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Resolves once nobody holds. */
  async pass(): Promise<void> {
    while (this.isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
