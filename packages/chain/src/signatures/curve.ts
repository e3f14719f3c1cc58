import { secp256k1 } from "@noble/curves/secp256k1";

/** ECDSA over secp256k1, as far as vouchers need it. */
export interface Curve {
  readonly name: "native" | "portable";
  /**
   * @param key 32 bytes. @returns 65 bytes, uncompressed.
   * @throws {Error} when it is no private key.
   */
  publicKey(key: Uint8Array): Uint8Array;
  /**
   * Signs 32 bytes, deterministically (RFC 6979), with the lower value of s.
   * @param key 32 bytes, a valid private key.
   */
  sign(digest: Uint8Array, key: Uint8Array): { readonly rs: Uint8Array; readonly parity: 0 | 1 };
  /**
   * @param rs 64 bytes. @returns 65 bytes, uncompressed, or null when no key can have signed so.
   */
  recover(digest: Uint8Array, rs: Uint8Array, parity: 0 | 1): Uint8Array | null;
}

interface NativeModule {
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(rs: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

/** In JavaScript alone: a tenth to a twentieth of the native one's pace. */
export const portableCurve: Curve = {
  name: "portable",
  publicKey: (key) => secp256k1.getPublicKey(key, false),
  sign(digest, key) {
    const signature = secp256k1.sign(digest, key, { lowS: true });
    return { rs: signature.toCompactRawBytes(), parity: signature.recovery === 1 ? 1 : 0 };
  },
  recover(digest, rs, parity) {
    try {
      const signature = secp256k1.Signature.fromCompact(rs).addRecoveryBit(parity);
      return signature.recoverPublicKey(digest).toRawBytes(false);
    } catch {
      return null;
    }
  },
};

/** libsecp256k1 where its package is installed and loads, else the portable one. */
export const curve: Curve = (await loadNative()) ?? portableCurve;

async function loadNative(): Promise<Curve | null> {
  // The package's main entry would fall back to another curve of its own without a word.
  const entry: string = "secp256k1/bindings.js";
  let native: NativeModule;
  try {
    native = ((await import(entry)) as { default: NativeModule }).default;
  } catch {
    return null;
  }
  return {
    name: "native",
    publicKey: (key) => native.publicKeyCreate(key, false),
    sign(digest, key) {
      const { signature, recid } = native.ecdsaSign(digest, key);
      return { rs: signature, parity: recid === 1 ? 1 : 0 };
    },
    recover(digest, rs, parity) {
      try {
        return native.ecdsaRecover(rs, parity, digest, false);
      } catch {
        return null;
      }
    },
  };
}
