/** A gate that a reading loop stops at while others hold it. */
export class Hold {
  #holds = 0;
  #isOver = false;
  #waiting: (() => void)[] = [];

  get isHeld(): boolean {
    return this.#holds > 0 && !this.#isOver;
  }

  hold(): void {
    this.#holds++;
  }

  unhold(): void {
    if (--this.#holds === 0) this.#wake();
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
