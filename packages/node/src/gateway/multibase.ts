const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Longer text is no identifier; the larger bases take time that grows with its square. */
const MAX_LENGTH = 200;

/**
 * Bytes of a text in one of the bases that CIDs are written in: `b` base 32, `z` base 58 (Bitcoin), `k` base 36, `f` base 16.
 * @returns Null when it cannot be read.
 * @see https://github.com/multiformats/multibase
 */
export function decodeMultibase(text: string): Uint8Array | null {
  if (text.length < 2 || text.length > MAX_LENGTH) return null;
  const digits = text.slice(1);
  switch (text[0]) {
    case "b":
      return decodeBase32(digits);
    case "B":
      return decodeBase32(digits.toLowerCase());
    case "f":
    case "F":
      return /^(?:[\da-f]{2})+$/i.test(digits) ? Buffer.from(digits, "hex") : null;
    case "k":
    case "K":
      return decodeLarge(digits.toLowerCase(), BASE36);
    case "z":
      return decodeLarge(digits, BASE58);
    default:
      return null;
  }
}

/** Base 32 of RFC 4648 in lower case, without padding, behind its letter. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "b";
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += BASE32[(bits >> count) & 31];
    }
  }
  return count === 0 ? text : text + BASE32[(bits << (5 - count)) & 31];
}

function decodeBase32(digits: string): Uint8Array | null {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const digit of digits) {
    const value = BASE32.indexOf(digit);
    if (value === -1) return null;
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  // One spelling for each sequence of bytes: what is left over is zeros, and less than a digit.
  const isWhole = count < 5 && (bits & ((1 << count) - 1)) === 0;
  return isWhole ? Uint8Array.from(bytes) : null;
}

/** One large number, with a zero byte for each leading zero digit. */
function decodeLarge(digits: string, alphabet: string): Uint8Array | null {
  let number = 0n;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value === -1) return null;
    number = number * BigInt(alphabet.length) + BigInt(value);
  }
  let zeros = 0;
  while (digits[zeros] === alphabet[0]) zeros++;
  const hex = number === 0n ? "" : number.toString(16);
  const body = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([new Uint8Array(zeros), body]);
}
