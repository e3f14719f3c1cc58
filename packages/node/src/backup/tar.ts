/** A file in an archive. */
export interface TarEntry {
  /** With `/` between its components. */
  readonly name: string;
  readonly lengthBytes: number;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const BLOCK_BYTES = 512;
/** What a ustar header has room for without splitting it. */
const MAX_NAME_BYTES = 100;
const EMPTY_BLOCK = new Uint8Array(BLOCK_BYTES);

/**
 * The bytes of an archive that every tar opens. Its files belong to nobody and may be read by their owner alone.
 * @throws {RangeError} for a name that is too long, or content of another length than was said.
 * @see POSIX.1-1988, ustar
 */
export async function* writeTar(
  entries: AsyncIterable<TarEntry>,
  nowS: number,
): AsyncGenerator<Uint8Array> {
  for await (const { name, lengthBytes, content } of entries) {
    yield headerOf(name, lengthBytes, nowS);
    let sentBytes = 0;
    for await (const part of content) {
      sentBytes += part.length;
      yield part;
    }
    if (sentBytes !== lengthBytes) throw new RangeError(`${name} changed while it was read.`);
    const padBytes = (BLOCK_BYTES - (lengthBytes % BLOCK_BYTES)) % BLOCK_BYTES;
    if (padBytes > 0) yield new Uint8Array(padBytes);
  }
  yield EMPTY_BLOCK;
  yield EMPTY_BLOCK;
}

function headerOf(name: string, lengthBytes: number, nowS: number): Uint8Array {
  const header = Buffer.alloc(BLOCK_BYTES);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new RangeError(`${name} is too long.`);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, "0"), at, "latin1");
  };
  header.write(name, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(lengthBytes, 124, 11);
  octal(Math.floor(nowS), 136, 11);
  header.write("        ", 148, "latin1");
  header.write("0", 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header[154] = 0;
  return header;
}

/**
 * Reads an archive of plain files. `content` has to be read before the next entry is asked for.
 * @throws {RangeError} for what is no such archive.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(bytes);
  for (;;) {
    const header = Buffer.from(await reader.take(BLOCK_BYTES));
    if (header.every((byte) => byte === 0)) return;
    const text = (at: number, length: number): string =>
      header
        .subarray(at, at + length)
        .toString()
        .replace(/\0.*$/s, "");
    const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    const lengthBytes = Number.parseInt(text(124, 12).trim(), 8);
    if (
      sum !== Number.parseInt(text(148, 8).trim(), 8) ||
      !(lengthBytes >= 0) ||
      text(156, 1) !== "0"
    ) {
      throw new RangeError("This is no archive of plain files, or it is damaged.");
    }
    yield { name: text(0, MAX_NAME_BYTES), lengthBytes, content: reader.read(lengthBytes) };
    await reader.take((BLOCK_BYTES - (lengthBytes % BLOCK_BYTES)) % BLOCK_BYTES);
  }
}

class BlockReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  async take(lengthBytes: number): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync(this.read(lengthBytes)));
  }

  async *read(lengthBytes: number): AsyncGenerator<Uint8Array> {
    let missing = lengthBytes;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#iterator.next();
        if (next.done === true) throw new RangeError("The archive ends too early.");
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
}
