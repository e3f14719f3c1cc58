/** A stretch of a file's content. The bytes are never changed: files of many hosts may share them. */
interface Extent {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * The content of a sparse file: stretches of bytes, and holes that read as zeros.
 *
 * Invariant: extents are sorted, do not overlap and are not empty.
 */
export class Extents {
  #extents: Extent[] = [];
  /** Bytes that are not holes. */
  allocatedBytes = 0;

  get lengthBytes(): number {
    const last = this.#extents.at(-1);
    return last === undefined ? 0 : last.at + last.bytes.length;
  }

  clone(): Extents {
    const copy = new Extents();
    copy.#extents = this.#extents.slice();
    copy.allocatedBytes = this.allocatedBytes;
    return copy;
  }

  /** Puts `bytes` at an offset, without copying: they belong to the file from now on. */
  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    const first = this.#firstEndingAfter(offset);
    const fresh: Extent[] = [];
    const head = this.#extents[first];
    if (head !== undefined && head.at < offset) {
      fresh.push({ at: head.at, bytes: head.bytes.subarray(0, offset - head.at) });
    }
    fresh.push({ at: offset, bytes });
    let last = first;
    for (let extent = this.#extents[last]; extent !== undefined && extent.at < end;) {
      this.allocatedBytes -= extent.bytes.length;
      const extentEnd = extent.at + extent.bytes.length;
      if (extentEnd > end) fresh.push({ at: end, bytes: extent.bytes.subarray(end - extent.at) });
      extent = this.#extents[++last];
    }
    for (const extent of fresh) this.allocatedBytes += extent.bytes.length;
    this.#extents.splice(first, last - first, ...fresh);
  }

  /** Cuts off what lies behind `lengthBytes`. */
  truncate(lengthBytes: number): void {
    const kept = this.#extents.filter(({ at }) => at < lengthBytes);
    const last = kept.pop();
    if (last !== undefined) {
      kept.push({ at: last.at, bytes: last.bytes.subarray(0, lengthBytes - last.at) });
    }
    this.#extents = kept;
    this.allocatedBytes = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** How many bytes of a range are holes. */
  holeBytes(offset: number, lengthBytes: number): number {
    let bytes = 0;
    for (const [view, length] of this.views(offset, lengthBytes))
      if (view === null) bytes += length;
    return bytes;
  }

  /** The stretches of a range in order: bytes, or null for a hole, with their length. */
  views(offset: number, lengthBytes: number): [Uint8Array | null, number][] {
    const found: [Uint8Array | null, number][] = [];
    const end = offset + lengthBytes;
    let at = offset;
    for (let index = this.#firstEndingAfter(offset); at < end; index++) {
      const extent = this.#extents[index];
      const holeEnd = Math.min(end, extent?.at ?? end);
      if (holeEnd > at) {
        found.push([null, holeEnd - at]);
        at = holeEnd;
      }
      if (extent === undefined || at === end) break;
      const upTo = Math.min(end, extent.at + extent.bytes.length);
      const bytes = extent.bytes.subarray(at - extent.at, upTo - extent.at);
      found.push([bytes, bytes.length]);
      at = upTo;
    }
    return found;
  }

  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#extents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const extent = this.#extents[middle] as Extent;
      if (extent.at + extent.bytes.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
