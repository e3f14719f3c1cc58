import { type Address, toAddress } from "../network/address.ts";
import { curve as bestCurve, type Curve } from "./curve.ts";
import { keccak256 } from "./keccak.ts";

/** r, and s with the parity of R in its top bit, which is free since s is low (ERC-2098). 32 bytes each. */
export interface CompactSignature {
  readonly r: Uint8Array;
  readonly vs: Uint8Array;
}

/** Half of the curve's order: a higher s is the same signature under another name, and is refused. */
const HALF_ORDER = Buffer.from(
  "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
  "hex",
);

/** Keys of so many addresses are remembered, so that a known one is told by its bytes alone. */
const MAX_KNOWN_KEYS = 4096;

/** @param key 32 bytes, a valid private key. @param digest 32 bytes. */
export function signCompact(
  digest: Uint8Array,
  key: Uint8Array,
  curve: Curve = bestCurve,
): CompactSignature {
  const { rs, parity } = curve.sign(digest, key);
  const vs = rs.slice(32, 64);
  if (parity === 1) vs[0]! |= 0x80;
  return { r: rs.slice(0, 32), vs };
}

/** Tells whose signatures are; strangers' bytes never make it throw. */
export class SignatureChecker {
  readonly #curve: Curve;
  readonly #known = new Map<Address, Uint8Array>();
  readonly #rs = new Uint8Array(64);

  constructor(curve: Curve = bestCurve) {
    this.#curve = curve;
  }

  /** Whether this address signed these 32 bytes, and in the one way that contracts take. */
  isSigned(digest: Uint8Array, { r, vs }: CompactSignature, by: Address): boolean {
    const key = this.#recover(digest, r, vs);
    if (key === null) return false;
    const known = this.#known.get(by);
    if (known !== undefined) return Buffer.compare(known, key) === 0;
    if (addressOfPublicKey(key) !== by) return false;
    if (this.#known.size >= MAX_KNOWN_KEYS) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(by, key);
    return true;
  }

  /** @returns null when nobody can have signed so. */
  signerOf(digest: Uint8Array, { r, vs }: CompactSignature): Address | null {
    const key = this.#recover(digest, r, vs);
    return key === null ? null : addressOfPublicKey(key);
  }

  #recover(digest: Uint8Array, r: Uint8Array, vs: Uint8Array): Uint8Array | null {
    if (digest.length !== 32 || r.length !== 32 || vs.length !== 32) return null;
    const rs = this.#rs;
    rs.set(r);
    rs.set(vs, 32);
    const parity = rs[32]! >= 0x80 ? 1 : 0;
    rs[32]! &= 0x7f;
    if (Buffer.compare(rs.subarray(32), HALF_ORDER) > 0) return null;
    return this.#curve.recover(digest, rs, parity);
  }
}

/** @param key 65 bytes, uncompressed. */
export function addressOfPublicKey(key: Uint8Array): Address {
  const hash = keccak256(key.subarray(1));
  return toAddress(`0x${Buffer.from(hash.subarray(12)).toString("hex")}`);
}
