/** A piece of a send buffer: bytes `start` to `end` are filled and unread. */
export interface Segment {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

const CAPACITIES: readonly number[] = [256, 2048, 16 * 1024];

/** Memory of the simulated kernels' socket buffers. Reused, since a fresh buffer per message costs more than its copy. */
export class SegmentPool {
  readonly #kept: Segment[][] = CAPACITIES.map(() => []);

  /** A segment for `lengthBytes`, or for the largest capacity when that is less. */
  acquire(lengthBytes: number): Segment {
    let index = 0;
    while (index < CAPACITIES.length - 1 && (CAPACITIES[index] as number) < lengthBytes) index++;
    const kept = (this.#kept[index] as Segment[]).pop();
    if (kept !== undefined) return kept;
    return { bytes: new Uint8Array(CAPACITIES[index] as number), start: 0, end: 0 };
  }

  release(segment: Segment): void {
    segment.start = 0;
    segment.end = 0;
    const kept = this.#kept[CAPACITIES.indexOf(segment.bytes.length)] as Segment[];
    kept.push(segment);
  }
}
