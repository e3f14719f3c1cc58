/** Options at the end of a UDP announce (BEP 41). */

const END_OF_OPTIONS = 0;
const NOP = 1;
const URL_DATA = 2;

/** A datagram's worth: longer URLs are no tracker's. */
const MAX_URL_DATA_BYTES = 1024;

/**
 * Writes path and query of a tracker's URL, such as `/announce?passkey=1`, in parts of 255 bytes.
 * @throws {RangeError} when it is longer than 1024 bytes.
 */
export function encodeUdpOptions(urlData: string): Uint8Array {
  const data = new TextEncoder().encode(urlData);
  if (data.length > MAX_URL_DATA_BYTES) {
    throw new RangeError(
      `path and query of a UDP tracker's URL take up to 1024 bytes, not ${data.length}`,
    );
  }
  const options: number[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const part = data.subarray(at, at + 255);
    options.push(URL_DATA, part.length, ...part);
  }
  options.push(END_OF_OPTIONS);
  return Uint8Array.from(options);
}

/**
 * Reads the URL's path and query from options that start at `offset`. Options that are not known
 * are skipped by their length; one that runs past the end closes the list, as BEP 41 lets
 * datagrams be cut.
 * @returns undefined when there are none.
 */
export function decodeUdpOptions(bytes: Uint8Array, offset: number): string | undefined {
  const data: number[] = [];
  let found = false;
  let at = offset;
  while (at < bytes.length && bytes[at] !== END_OF_OPTIONS) {
    const type = bytes[at]!;
    if (type === NOP) {
      at++;
      continue;
    }
    const start = at + 2;
    const end = start + (bytes[at + 1] ?? 0);
    if (start > bytes.length || end > bytes.length) break;
    if (type === URL_DATA && data.length + end - start <= MAX_URL_DATA_BYTES) {
      found = true;
      data.push(...bytes.subarray(start, end));
    }
    at = end;
  }
  return found ? new TextDecoder().decode(Uint8Array.from(data)) : undefined;
}
