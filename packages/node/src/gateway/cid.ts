import { decodeMultibase, encodeBase32 } from "./multibase.ts";

/** Codes of the multicodec table. */
const CID_V1 = 0x01;
const RAW = 0x55;
const BITTORRENT_PIECES_ROOT = 0xb702;
const ROOT_LENGTH_BYTES = 32;

/** Version 1, raw, hash function `bittorrent-pieces-root`, 32 bytes; numbers in 7 bits a byte, low ones first. */
const PREFIX = Uint8Array.of(
  ...varint(CID_V1),
  ...varint(RAW),
  ...varint(BITTORRENT_PIECES_ROOT),
  ROOT_LENGTH_BYTES,
);

/**
 * The pieces root (BEP 52) that a CID names, in any base: a file's bytes, whatever torrent they come in.
 * @returns 32 bytes; null for what is no CID, or one of something else.
 * @see https://github.com/multiformats/cid, https://github.com/multiformats/multicodec
 */
export function piecesRootOfCid(text: string): Uint8Array | null {
  const bytes = decodeMultibase(text);
  if (bytes?.length !== PREFIX.length + ROOT_LENGTH_BYTES) return null;
  const isOurs = PREFIX.every((byte, index) => bytes[index] === byte);
  return isOurs ? bytes.subarray(PREFIX.length) : null;
}

/** The CID of a file, in base 32. @param piecesRoot 32 bytes (BEP 52). */
export function cidOfPiecesRoot(piecesRoot: Uint8Array): string {
  return encodeBase32(Buffer.concat([PREFIX, piecesRoot]));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
