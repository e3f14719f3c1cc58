/** Bytes in lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * The bytes that pairs of hex digits stand for.
 * @throws {RangeError} when the text is anything else.
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 === 1 || /[^0-9a-f]/i.test(text)) {
    throw new RangeError(`Expected pairs of hex digits, got ${JSON.stringify(text.slice(0, 100))}`);
  }
  return new Uint8Array(Buffer.from(text, "hex"));
}
