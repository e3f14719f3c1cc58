import { recoverAddress } from "viem";
import { type Address, type Hex, toAddress } from "../network/address.ts";

export const TRON_SIGNATURE_BYTES = 65;

/** Half of the curve's order: of the two values of s that are valid, the lower is the one that is signed. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Whose key made a signature. v is 0 or 1, or 27 or 28: both are in use.
 * @param txId 64 hexadecimal digits.
 * @param signature r, s and v; nodes ignore what stands behind.
 * @returns null when it is no signature at all.
 */
export async function recoverTronSigner(
  txId: string,
  signature: Uint8Array,
): Promise<Address | null> {
  if (signature.length < TRON_SIGNATURE_BYTES) return null;
  const v = signature[TRON_SIGNATURE_BYTES - 1] ?? 0;
  const yParity = v >= 27 ? v - 27 : v;
  if (yParity !== 0 && yParity !== 1) return null;
  const hex = (from: number): Hex =>
    `0x${Buffer.from(signature.subarray(from, from + 32)).toString("hex")}`;
  try {
    const recovered = await recoverAddress({
      hash: `0x${txId}`,
      signature: { r: hex(0), s: hex(32), yParity },
    });
    return toAddress(recovered);
  } catch {
    return null;
  }
}

/** Whether s is the lower of its two values: the other is the same signature under another name. */
export function hasLowS(signature: Uint8Array): boolean {
  return BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`) <= HALF_ORDER;
}
