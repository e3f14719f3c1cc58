/** Chance. The real world's is cryptographic; the simulated one is drawn from the world's seed. */
export interface Random {
  /** `length` random bytes in a fresh array. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /**
   * A whole number from 0 up to but not including `bound`, without bias.
   * @throws {RangeError} when `bound` is not a whole number from 1 to 2^32.
   */
  integer(bound: number): number;
}
