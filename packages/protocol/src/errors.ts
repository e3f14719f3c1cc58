/** What every error of this package extends. Code branches on `code`, never on the text. */
export abstract class ProtocolError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

export type BencodeErrorCode =
  /** The bytes end in the middle of a value. */
  | "truncated"
  /** A byte that starts no value, or a length or integer that is not canonical. */
  | "syntax"
  /** Bytes follow the value where none may. */
  | "trailing-bytes"
  /** A dictionary's keys are not in order of their bytes. */
  | "unsorted-keys"
  /** A dictionary holds a key twice. */
  | "duplicate-key"
  /** More bytes than the limit. */
  | "too-long"
  /** More values inside values than the limit. */
  | "too-deep"
  /** More values than the limit. */
  | "too-many-tokens";

/** Bytes that are not acceptable bencode. */
export class BencodeError extends ProtocolError<BencodeErrorCode> {
  /** Index of the byte concerned. */
  readonly offset: number;

  constructor(code: BencodeErrorCode, offset: number, message: string) {
    super(code, `${message} (at byte ${offset})`);
    this.offset = offset;
  }
}

export type MetainfoErrorCode =
  /** The bytes are no dictionary with an info dictionary. */
  | "not-a-torrent"
  /** A field is missing, of the wrong type or out of its range; `field` names it. */
  | "invalid-field"
  /** `meta version` is none that this program knows. */
  | "unsupported-version"
  /** Files without any content: nothing to transfer. */
  | "no-content"
  /** More pieces, files, folders, bytes or duplicate names than the limit; `field` names it. */
  | "too-large"
  /** `pieces` does not hold one SHA-1 for each piece. */
  | "piece-count-mismatch"
  /** A file's piece layer is missing, or does not hash to its pieces root (BEP 52). */
  | "invalid-piece-layer"
  /** The v1 and the v2 part of a hybrid torrent describe different files (BEP 52). */
  | "hybrid-mismatch";

/** A torrent file or info dictionary that cannot be accepted. */
export class MetainfoError extends ProtocolError<MetainfoErrorCode> {
  /** The key concerned, as a path from the info or root dictionary, e.g. `files[3].length`. */
  readonly field: string;

  constructor(code: MetainfoErrorCode, field: string, message: string, options?: ErrorOptions) {
    super(code, printable(message), options);
    this.field = printable(field);
  }
}

/** Names out of a torrent end up in terminals and logs: no control or invisible characters, no novels. */
function printable(text: string): string {
  return text.slice(0, 500).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "_");
}

export type MagnetErrorCode =
  /** The text does not start with `magnet:?`, or is too long. */
  | "not-a-magnet"
  /** No `xt` with a BitTorrent infohash. */
  | "missing-info-hash"
  /** An infohash that is no hex, base32 or SHA-256 multihash, or two that differ. */
  | "invalid-info-hash"
  /** `so` is no list of file indices and ranges (BEP 53). */
  | "invalid-selection";

/** A magnet URI that cannot be accepted. */
export class MagnetError extends ProtocolError<MagnetErrorCode> {}

/** Hashes that do not form the tree they are said to be of (BEP 52). */
export class MerkleError extends ProtocolError<"bad-length" | "root-mismatch"> {}

/** A peer sent bytes that its protocol does not allow. The connection is of no more use. */
export class PeerWireError extends ProtocolError<
  | "message-too-long"
  | "bad-length"
  | "bad-handshake"
  | "bad-bitfield"
  | "bad-hashes"
  | "bad-extension-message"
> {
  /** Where in the message, or in the bytes that were pushed, the fault lies. */
  readonly offset: number;

  constructor(
    code: PeerWireError["code"],
    offset: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.offset = offset;
  }
}

/** The other side broke the rules of Message Stream Encryption, or refused what was offered. */
export class MseError extends ProtocolError<
  "bad-public-key" | "no-sync" | "unknown-torrent" | "bad-check" | "no-common-crypto" | "bad-length"
> {
  /** How many bytes of the handshake had been read when the fault was found. */
  readonly offset: number;

  constructor(code: MseError["code"], offset: number, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.offset = offset;
  }
}

/** A tracker message that breaks BEP 3, 15 or 48. */
export class TrackerWireError extends ProtocolError<
  "too-short" | "unknown-action" | "bad-connect" | "not-a-dictionary" | "bad-query"
> {
  /** Offset in bytes (in characters for a query) of what was refused; null when it is the message as a whole. */
  readonly offset: number | null;

  constructor(
    code: TrackerWireError["code"],
    offset: number | null,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.offset = offset;
  }
}

export type KrpcErrorCode =
  /** The bytes are no dictionary of one of KRPC's three kinds. */
  | "not-krpc"
  /** A field is missing, of the wrong type or out of its range; `field` names it. */
  | "bad-field"
  /** A query for a method that this program does not know. */
  | "unknown-method";

/** A datagram that breaks KRPC (BEP 5). */
export class KrpcError extends ProtocolError<KrpcErrorCode> {
  /** The key concerned, e.g. `a.info_hash`. */
  readonly field: string;
  /** What to answer a broken query with; null when it was no query, which nobody answers. */
  readonly transactionId: Uint8Array | null;

  constructor(
    code: KrpcErrorCode,
    field: string,
    transactionId: Uint8Array | null,
    message: string,
  ) {
    super(code, message);
    this.field = field;
    this.transactionId = transactionId;
  }
}
