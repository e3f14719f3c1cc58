import { AZUREUS_CLIENTS } from "./client-names.ts";

const PREFIX = new TextEncoder().encode("-SH0100-");

/** How many random bytes a peer ID takes. */
export const PEER_ID_RANDOM_BYTES = 12;

/**
 * A peer ID of this client.
 * @param random 12 random bytes.
 * @returns 20 bytes.
 * @throws {RangeError} when `random` is not 12 bytes long.
 * @see BEP 20
 */
export function createPeerId(random: Uint8Array): Uint8Array<ArrayBuffer> {
  if (random.length !== PEER_ID_RANDOM_BYTES) {
    throw new RangeError(
      `a peer ID takes ${PEER_ID_RANDOM_BYTES} random bytes, not ${random.length}`,
    );
  }
  return Uint8Array.of(...PREFIX, ...random);
}

/**
 * The client that a peer ID names, for people: `qBittorrent 4.6.5`. It is the peer's own claim.
 * @returns `Unknown` when the ID follows no known convention. Never a character out of the ID
 * other than ASCII letters and digits.
 * @see BEP 20
 */
export function describeClient(peerId: Uint8Array): string {
  const id = String.fromCharCode(...peerId.subarray(0, 20));
  const azureus = /^-([A-Za-z]{2})([0-9A-Za-z]{4})-/.exec(id);
  if (azureus !== null) return describeAzureusStyle(azureus[1]!, azureus[2]!);
  const dashed = /^(A2|M)-?(\d{1,3})-(\d{1,3})-(\d{1,3})-/.exec(id);
  if (dashed !== null) {
    const [, code, major, minor, patch] = dashed;
    return `${code === "A2" ? "aria2" : "BitTorrent"} ${major!}.${minor!}.${patch!}`;
  }
  return "Unknown";
}

function describeAzureusStyle(code: string, version: string): string {
  const name = AZUREUS_CLIENTS[code];
  if (name === undefined) return `Unknown (${code}${version})`;
  // WebTorrent writes two digits a number; the others one, of which letters count on from 9.
  const numbers = /^W[DW]$/.test(code)
    ? [Number(version.slice(0, 2)), Number(version.slice(2))]
    : Array.from(version.slice(0, 3), (char) => Number.parseInt(char, 36));
  // The fourth is a letter for the kind of build with some clients.
  if (numbers.length === 3 && /[1-9]/.test(version[3]!)) numbers.push(Number(version[3]));
  return `${name} ${numbers.join(".")}`;
}
