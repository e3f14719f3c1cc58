import { fromHex, ITEM_KEY_LENGTH_BYTES, MAX_SALT_BYTES, toHex } from "@shoal/protocol";
import { CliError } from "../errors.ts";

/** What a torrent under a key is named by (BEP 46). */
export interface PublishedName {
  /** 32 bytes of Ed25519. */
  readonly publicKey: Uint8Array;
  /** Tells the torrents of one key apart; empty for none. */
  readonly salt: Uint8Array;
}

/**
 * Reads a public key in hex, or a link: `magnet:?xs=urn:btpk:KEY&s=SALT`, both in hex.
 * @param salt Text, where the name is no link.
 * @throws {CliError} `usage`.
 */
export function parsePublishedName(text: string, salt = ""): PublishedName {
  const link = /^magnet:\?/i.test(text) ? new URLSearchParams(text.slice("magnet:?".length)) : null;
  const key = link === null ? text : /^urn:btpk:(.*)$/i.exec(link.get("xs") ?? "")?.[1];
  if (key === undefined || !isHex(key) || key.length !== 2 * ITEM_KEY_LENGTH_BYTES) {
    throw new CliError(
      "usage",
      `${text} names no published torrent: expected a public key of 64 hex digits, or magnet:?xs=urn:btpk:KEY`,
    );
  }
  const saltHex = link?.get("s") ?? null;
  if (saltHex !== null && (!isHex(saltHex) || saltHex.length % 2 !== 0)) {
    throw new CliError("usage", `the salt of ${text} is not in hex`);
  }
  const bytes = saltHex === null ? new TextEncoder().encode(salt) : fromHex(saltHex);
  if (bytes.length > MAX_SALT_BYTES) {
    throw new CliError("usage", `the salt of ${text} is longer than ${MAX_SALT_BYTES} bytes`);
  }
  return { publicKey: fromHex(key), salt: bytes };
}

/** The link that others follow. */
export function formatPublishedName({ publicKey, salt }: PublishedName): string {
  const link = `magnet:?xs=urn:btpk:${toHex(publicKey)}`;
  return salt.length === 0 ? link : `${link}&s=${toHex(salt)}`;
}

function isHex(text: string): boolean {
  return /^[0-9a-f]*$/i.test(text);
}
