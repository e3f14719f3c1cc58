import { createDiffieHellman } from "node:crypto";
import type { DiffieHellman } from "node:crypto";
import { MseError } from "../errors.ts";

/** Length of a public key and of the shared secret. */
export const MSE_KEY_LENGTH_BYTES = 96;

/** How many random bytes a private key takes: 160 bits, as the specification advises. */
export const MSE_PRIVATE_KEY_LENGTH_BYTES = 20;

const PRIME = Buffer.from(
  "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563",
  "hex",
);
const GENERATOR = 2;
const LOWEST_KEY = leftPad(Buffer.of(2));
const HIGHEST_KEY = Buffer.from(PRIME);
HIGHEST_KEY[MSE_KEY_LENGTH_BYTES - 1]! -= 2;

/**
 * One group for all connections: OpenSSL tests the prime when it is made, which takes 40 ms, while
 * a key pair and a secret take 0.4 ms. Its private key is set anew before each use.
 */
let group: DiffieHellman | undefined;

export interface MseKeyPair {
  /** 96 bytes, big-endian. */
  readonly publicKey: Uint8Array;
  /**
   * The secret shared with the owner of `publicKey`, 96 bytes.
   * @throws {MseError} `bad-public-key` when the key lies outside [2, p - 2]: with such a key
   * anyone on the way knows the secret.
   */
  computeSecret(publicKey: Uint8Array): Uint8Array;
}

/**
 * A key pair of MSE's Diffie-Hellman group.
 * @param random 20 random bytes.
 */
export function createMseKeyPair(random: Uint8Array): MseKeyPair {
  if (random.length !== MSE_PRIVATE_KEY_LENGTH_BYTES) {
    throw new RangeError(
      `an MSE key takes ${MSE_PRIVATE_KEY_LENGTH_BYTES} random bytes, not ${random.length}`,
    );
  }
  const privateKey = Buffer.from(random);
  // Never zero, nor short enough to be searched for.
  privateKey[0]! |= 0x80;
  const own = useGroup(privateKey);
  own.generateKeys();
  return {
    publicKey: leftPad(own.getPublicKey()),
    computeSecret: (publicKey) => {
      requirePublicKey(publicKey);
      return leftPad(useGroup(privateKey).computeSecret(publicKey));
    },
  };
}

function useGroup(privateKey: Buffer): DiffieHellman {
  group ??= createDiffieHellman(PRIME, GENERATOR);
  group.setPrivateKey(privateKey);
  return group;
}

function requirePublicKey(key: Uint8Array): void {
  if (Buffer.compare(key, LOWEST_KEY) < 0 || Buffer.compare(key, HIGHEST_KEY) > 0) {
    throw new MseError(
      "bad-public-key",
      0,
      "the peer's public key lies outside [2, p - 2]: the secret would be known to anyone",
    );
  }
}

/** Big-endian numbers come from OpenSSL without their leading zeros. */
function leftPad(number: Uint8Array): Buffer {
  const padded = Buffer.alloc(MSE_KEY_LENGTH_BYTES);
  padded.set(number, MSE_KEY_LENGTH_BYTES - number.length);
  return padded;
}
