/** All parts behind one another, in memory of their own (unlike `Buffer.concat`, which may share it). */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const lengthBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
