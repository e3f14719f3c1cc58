import { hash } from "node:crypto";
import { concatBytes, parseIp } from "@shoal/protocol";
import type { Clock, Random } from "@shoal/runtime";

const SECRET_BYTES = 16;
const TOKEN_BYTES = 8;
/** The secret changes as often, and tokens of the one before are taken: 5 to 10 minutes (BEP 5). */
const ROTATION_MS = 5 * 60_000;

/**
 * Tokens prove that who wants to store something receives what is sent to its address. They are a hash
 * over the address and a secret, so nothing has to be kept for those that were given out.
 * @see BEP 5
 */
export class Tokens {
  readonly #clock: Clock;
  readonly #random: Random;
  #secret: Uint8Array;
  #previous: Uint8Array;
  #rotatedMs: number;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#secret = random.bytes(SECRET_BYTES);
    this.#previous = random.bytes(SECRET_BYTES);
    this.#rotatedMs = clock.monotonicMs();
  }

  /** A token for an address to store under a target. */
  issue(address: string, target: Uint8Array): Uint8Array {
    this.#rotate();
    return tokenOf(this.#secret, address, target);
  }

  /** Whether the address was given the token for that target within the last 5 to 10 minutes. */
  accepts(token: Uint8Array, address: string, target: Uint8Array): boolean {
    this.#rotate();
    return [this.#secret, this.#previous].some(
      (secret) => Buffer.compare(tokenOf(secret, address, target), token) === 0,
    );
  }

  #rotate(): void {
    const nowMs = this.#clock.monotonicMs();
    const rotations = Math.min(2, Math.floor((nowMs - this.#rotatedMs) / ROTATION_MS));
    if (rotations === 0) return;
    for (let i = 0; i < rotations; i++) {
      this.#previous = this.#secret;
      this.#secret = this.#random.bytes(SECRET_BYTES);
    }
    this.#rotatedMs = nowMs - ((nowMs - this.#rotatedMs) % ROTATION_MS);
  }
}

function tokenOf(secret: Uint8Array, address: string, target: Uint8Array): Uint8Array {
  const ip = parseIp(address) ?? new Uint8Array(0);
  return hash("sha1", concatBytes([secret, ip, target]), "buffer").subarray(0, TOKEN_BYTES);
}
