import { TrackerWireError } from "../errors.ts";

const HEX = "0123456789ABCDEF";
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const PERCENT = 0x25;

const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return UNRESERVED.test(char) ? char : `%${HEX[byte >> 4]}${HEX[byte & 15]}`;
});

/** Bytes as RFC 3986 writes them in a URL: `encodeURIComponent` would take them for UTF-8. */
export function percentEncodeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += ENCODED[byte]!;
  return text;
}

/**
 * Percent-encoded bytes back. A `+` stands for itself: queries of trackers are URLs, not forms.
 * @param offset Where `text` starts in the message, for errors.
 * @throws {TrackerWireError} `bad-query` for a broken escape or a character beyond a byte.
 */
export function percentDecodeBytes(text: string, offset = 0): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text.charCodeAt(i);
    if (byte === PERCENT) {
      byte = hexDigit(text.charCodeAt(i + 1)) * 16 + hexDigit(text.charCodeAt(i + 2));
      i += 2;
    }
    if (!(byte <= 0xff)) {
      throw new TrackerWireError(
        "bad-query",
        offset + i,
        "expected percent-encoded bytes: % and two hexadecimal digits",
      );
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const letter = char | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}
