const ESCAPE = "\u001b";
/** A colour or another way to write (ECMA-48, SGR). */
const STYLE = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** What a live block needs of a terminal. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Lines at the bottom of a terminal that are drawn over again; other lines go above them. */
export class LiveBlock {
  readonly #stream: TerminalStream;
  #lines: readonly string[] = [];

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Shows these lines instead of those shown before. */
  show(lines: readonly string[]): void {
    const columns = this.#stream.columns ?? 80;
    const cut = lines.map((line) => cutLine(line, columns - 1));
    this.#stream.write(this.#back() + cut.map((line) => `${line}\n`).join(""));
    this.#lines = cut;
  }

  /** Writes a line above the block. */
  writeAbove(line: string): void {
    const lines = this.#lines;
    this.#stream.write(`${this.#back()}${line}\n${lines.map((text) => `${text}\n`).join("")}`);
  }

  /** Takes the block off the screen. */
  clear(): void {
    if (this.#lines.length > 0) this.#stream.write(this.#back());
    this.#lines = [];
  }

  /** To the block's start, dropping what stands there. */
  #back(): string {
    return this.#lines.length === 0 ? "" : `${ESCAPE}[${this.#lines.length}A${ESCAPE}[0J`;
  }
}

/** Cuts a line to a number of characters, not counting colours, so that it never wraps. */
export function cutLine(line: string, width: number): string {
  let left = width;
  return line
    .split(STYLE)
    .map((part) => {
      if (STYLE.test(part)) return part;
      const characters = Array.from(part).slice(0, left);
      left -= characters.length;
      return characters.join("");
    })
    .join("");
}
