/** The search for routers by UPnP's SSDP, as far as one is looked for by a client. @see UPnP Device Architecture 1.1, 1.3 */

/** The group that devices listen in, which is IPv4's. */
export const SSDP_GROUP = "239.255.255.250";
export const SSDP_PORT = 1900;

/** An answer is some 300 bytes long. */
const MAX_ANSWER_BYTES = 2048;

/**
 * @param target What is looked for: a type of device or service.
 * @param mostS The time within which devices answer: they spread their answers over it.
 */
export function encodeSearch(target: string, mostS: number): Uint8Array {
  const lines = [
    "M-SEARCH * HTTP/1.1",
    `HOST: ${SSDP_GROUP}:${SSDP_PORT}`,
    'MAN: "ssdp:discover"',
    `MX: ${mostS}`,
    `ST: ${target}`,
    "",
    "",
  ];
  return new TextEncoder().encode(lines.join("\r\n"));
}

/** @returns Where the device that answers describes itself; null for what is no answer to a search. */
export function decodeSearchAnswer(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_ANSWER_BYTES) return null;
  const [status = "", ...headers] = new TextDecoder("latin1").decode(bytes).split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200\b/.test(status)) return null;
  for (const header of headers) {
    const match = /^location:\s*(\S+)\s*$/i.exec(header);
    if (match !== null) return match[1]!;
  }
  return null;
}
