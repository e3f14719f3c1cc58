/** Sequence numbers are 16 bits and wrap around. */
const SEQUENCE_MASK = 0xffff;

export function nextSequence(sequence: number, by = 1): number {
  return (sequence + by) & SEQUENCE_MASK;
}

/** Steps forward from one number to another, 0 to 65,535. */
export function stepsBetween(from: number, to: number): number {
  return (to - from) & SEQUENCE_MASK;
}

/** Whether `sequence` comes after `other`, going the shorter way round. */
export function isAfter(sequence: number, other: number): boolean {
  const steps = stepsBetween(other, sequence);
  return steps !== 0 && steps < 0x8000;
}
