const MAX_TEXT_LENGTH = 500;

/**
 * A tracker's words as text that is safe to show: control and format characters, which move a
 * terminal's cursor or turn the direction of writing, become spaces; the length is bounded.
 */
export function cleanText(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes.subarray(0, MAX_TEXT_LENGTH * 4))
    .slice(0, MAX_TEXT_LENGTH)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
}
