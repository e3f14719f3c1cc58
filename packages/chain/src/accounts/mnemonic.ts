import { createHash, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { english } from "viem/accounts";
import { AccountError } from "../errors.ts";

/** Rounds of PBKDF2, by BIP-39. */
const ROUNDS = 2048;
const SEED_LENGTH_BYTES = 64;
const BITS_PER_WORD = 11;

/** Bytes of entropy by the number of words. */
const ENTROPY_BYTES: Readonly<Record<number, number>> = { 12: 16, 15: 20, 18: 24, 21: 28, 24: 32 };

const indexOfWord = new Map(english.map((word, index) => [word, index]));

/** Words that a wallet is made of: checked, of the English list, single spaces between them. */
export type Mnemonic = string & { readonly __brand: "Mnemonic" };

/**
 * Words for random bytes.
 * @param entropy 16 bytes for 12 words, up to 32 for 24.
 * @throws {RangeError} for another length.
 * @see BIP-39, "Generating the mnemonic"
 */
export function mnemonicOf(entropy: Uint8Array): Mnemonic {
  if (!Object.values(ENTROPY_BYTES).includes(entropy.length)) {
    throw new RangeError(`A mnemonic is made of 16 to 32 bytes, not of ${entropy.length}.`);
  }
  const bits = bitsOf(entropy) + checksumOf(entropy);
  const words: string[] = [];
  for (let at = 0; at < bits.length; at += BITS_PER_WORD) {
    words.push(english[Number.parseInt(bits.slice(at, at + BITS_PER_WORD), 2)] ?? "");
  }
  return words.join(" ") as Mnemonic;
}

/**
 * Reads words that somebody wrote down: capitals and spaces do not matter.
 * @throws {AccountError} `bad-mnemonic`. A message gives a word's place, never the word.
 */
export function parseMnemonic(text: string): Mnemonic {
  const words = text.normalize("NFKD").toLowerCase().trim().split(/\s+/);
  const entropyBytes = ENTROPY_BYTES[words.length];
  if (entropyBytes === undefined) {
    throw new AccountError(
      "bad-mnemonic",
      `A mnemonic has 12, 15, 18, 21 or 24 words; these are ${text.trim() === "" ? 0 : words.length}.`,
    );
  }
  let bits = "";
  for (const [place, word] of words.entries()) {
    const index = indexOfWord.get(word);
    if (index === undefined) {
      throw new AccountError("bad-mnemonic", `Word ${place + 1} is not of BIP-39's English list.`);
    }
    bits += index.toString(2).padStart(BITS_PER_WORD, "0");
  }
  const entropy = Uint8Array.from({ length: entropyBytes }, (_, at) =>
    Number.parseInt(bits.slice(8 * at, 8 * at + 8), 2),
  );
  if (bits.slice(8 * entropyBytes) !== checksumOf(entropy)) {
    throw new AccountError(
      "bad-mnemonic",
      "The words do not fit each other (checksum): one is wrong, or two have changed places.",
    );
  }
  return words.join(" ") as Mnemonic;
}

/**
 * The seed from which every key is derived.
 * @param passphrase BIP-39's own, empty for most wallets: another one is another wallet.
 * @returns 64 bytes.
 */
export async function seedOf(mnemonic: Mnemonic, passphrase = ""): Promise<Uint8Array> {
  const salt = `mnemonic${passphrase.normalize("NFKD")}`;
  return await promisify(pbkdf2)(mnemonic, salt, ROUNDS, SEED_LENGTH_BYTES, "sha512");
}

/** One bit of SHA-256 for each 32 bits of entropy. */
function checksumOf(entropy: Uint8Array): string {
  const hash = createHash("sha256").update(entropy).digest();
  return bitsOf(hash).slice(0, entropy.length / 4);
}

function bitsOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}
