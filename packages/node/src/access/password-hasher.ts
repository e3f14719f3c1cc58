import { scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Random } from "@shoal/runtime";

/** Keeps passwords in a form that does not give them away. */
export interface PasswordHasher {
  /** @returns Text to be stored. */
  hash(password: string): Promise<string>;
  /** @throws {RangeError} when `stored` is not such a text. */
  verify(password: string, stored: string): Promise<boolean>;
}

interface Cost {
  /** log2 of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a quarter of a second: small machines bear it, and who has stolen the store gets a few guesses a second. */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * scrypt (RFC 7914), stored as `$scrypt$ln=15,r=8,p=3$salt$hash`. Passwords are taken in NFKC: keyboards and systems
 * spell one character in several ways.
 */
export function createScryptHasher(random: Random, cost = COST): PasswordHasher {
  return {
    async hash(password) {
      const salt = random.bytes(SALT_BYTES);
      const hash = await derive(password, salt, cost);
      const { ln, r, p } = cost;
      return `$scrypt$ln=${ln},r=${r},p=${p}$${toBase64(salt)}$${toBase64(hash)}`;
    },
    async verify(password, stored) {
      const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(stored);
      if (match === null) throw new RangeError("The stored password is in no known form.");
      const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
      const [salt, expected] = [Buffer.from(match[4]!, "base64"), Buffer.from(match[5]!, "base64")];
      if (expected.length !== HASH_BYTES) throw new RangeError("The stored password is cut off.");
      return timingSafeEqual(await derive(password, salt, { ln, r, p }), expected);
    },
  };
}

async function derive(password: string, salt: Uint8Array, { ln, r, p }: Cost): Promise<Buffer> {
  const n = 2 ** ln;
  const options: ScryptOptions = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 2 ** 20 };
  const derived = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);
  return await derived(password.normalize("NFKC"), salt, HASH_BYTES, options);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
