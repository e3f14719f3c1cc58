/** Fraction bits of {@link fixedLog2}. */
const FRACTION_BITS = 32n;
/** Fraction bits of what is squared: far more than the result has, and enough for any 64-bit number to be exact. */
const MANTISSA_BITS = 128n;
const TWO = 2n << MANTISSA_BITS;

/**
 * log2 of a whole number, in units of 2^-32, by integers alone: everybody's rerun has the same bits. The mantissa, from 1
 * to 2, is squared once for each bit of the fraction, with 128 bits kept: the bit is whether the square reaches 2. It is
 * the floor of the logarithm, or one unit less where what is cut off on the way decides.
 * @throws {RangeError} below 1.
 */
export function fixedLog2(value: bigint): bigint {
  if (value < 1n) throw new RangeError(`${value} has no logarithm`);
  const whole = BigInt(value.toString(2).length - 1);
  let mantissa = (value << MANTISSA_BITS) >> whole;
  let result = whole;
  for (let bit = 0n; bit < FRACTION_BITS; bit++) {
    mantissa = (mantissa * mantissa) >> MANTISSA_BITS;
    result <<= 1n;
    if (mantissa < TWO) continue;
    mantissa >>= 1n;
    result |= 1n;
  }
  return result;
}
