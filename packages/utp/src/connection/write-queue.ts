interface Write {
  readonly bytes: Uint8Array;
  taken: number;
  readonly sent: ((error: Error | null) => void) | undefined;
}

/** Bytes that were written and are not in packets yet, and the callbacks of those that are. */
export class WriteQueue {
  #writes: Write[] = [];
  #first = 0;
  #reports: { readonly sent: (error: Error | null) => void; readonly error: Error | null }[] = [];
  /** Bytes that wait. */
  lengthBytes = 0;

  push(bytes: Uint8Array, sent?: (error: Error | null) => void): void {
    if (bytes.length === 0) {
      if (sent !== undefined) this.#reports.push({ sent, error: null });
      return;
    }
    this.#writes.push({ bytes, taken: 0, sent });
    this.lengthBytes += bytes.length;
  }

  /** Moves the first `lengthBytes` bytes into `target`. There must be as many. */
  take(target: Uint8Array, offset: number, lengthBytes: number): void {
    this.lengthBytes -= lengthBytes;
    for (let at = offset, left = lengthBytes; left > 0;) {
      const write = this.#writes[this.#first]!;
      const bytes = Math.min(left, write.bytes.length - write.taken);
      target.set(write.bytes.subarray(write.taken, write.taken + bytes), at);
      write.taken += bytes;
      at += bytes;
      left -= bytes;
      if (write.taken < write.bytes.length) break;
      this.#first++;
      if (write.sent !== undefined) this.#reports.push({ sent: write.sent, error: null });
    }
    if (this.#first === this.#writes.length) {
      this.#writes.length = 0;
      this.#first = 0;
    } else if (this.#first > 256) {
      this.#writes = this.#writes.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Tells the writers whose bytes were taken or dropped. */
  report(): void {
    if (this.#reports.length === 0) return;
    const reports = this.#reports;
    this.#reports = [];
    for (const { sent, error } of reports) sent(error);
  }

  /** Drops everything that waits; its writers hear of it with the next report. */
  fail(error: Error): void {
    for (const { sent } of this.#writes.slice(this.#first)) {
      if (sent !== undefined) this.#reports.push({ sent, error });
    }
    this.#writes = [];
    this.#first = 0;
    this.lengthBytes = 0;
  }
}
