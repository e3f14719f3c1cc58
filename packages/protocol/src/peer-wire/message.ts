/**
 * Ids of the peer wire messages: the byte after the four bytes of length.
 * @see BEP 3, BEP 5 (port), BEP 6 (fast extension), BEP 10 (extended), BEP 52 (hashes)
 */
export const MESSAGE = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 0x0d,
  haveAll: 0x0e,
  haveNone: 0x0f,
  reject: 0x10,
  allowedFast: 0x11,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

export type MessageName = keyof typeof MESSAGE;

/** A block of a piece: what one request asks for. Every client refuses longer requests. */
export const BLOCK_LENGTH_BYTES = 16 * 1024;

/** A whole `request` message. */
export const REQUEST_LENGTH_BYTES = 17;

/** A whole `have` message. */
export const HAVE_LENGTH_BYTES = 9;

/** What stands before the block in a `piece` message: length, id, piece, begin. */
export const PIECE_HEADER_LENGTH_BYTES = 13;

/** A range within a piece, as `request`, `cancel` and `reject` name it. */
export interface BlockRange {
  readonly piece: number;
  /** Offset in the piece. */
  readonly begin: number;
  readonly lengthBytes: number;
}

/** A run of hashes of one file's Merkle tree, as the three BEP 52 messages name it. */
export interface HashRange {
  /** Root of the file's tree, 32 bytes. */
  readonly piecesRoot: Uint8Array;
  /** Layer of the hashes asked for; 0 is the layer of the 16 KiB blocks. */
  readonly baseLayer: number;
  /** First hash, counted within the base layer. */
  readonly index: number;
  /** Number of hashes of the base layer. */
  readonly count: number;
  /** Layers above the base layer for which uncle hashes are asked. */
  readonly proofLayers: number;
}

/** A peer's message other than `piece`, whose block is never held in a message object. */
export type PeerMessage =
  | { readonly type: "choke" | "unchoke" | "interested" | "notInterested" }
  | { readonly type: "haveAll" | "haveNone" }
  | { readonly type: "have" | "suggest" | "allowedFast"; readonly piece: number }
  | { readonly type: "bitfield"; readonly bytes: Uint8Array }
  | ({ readonly type: "request" | "cancel" | "reject" } & BlockRange)
  | { readonly type: "port"; readonly port: number }
  | { readonly type: "extended"; readonly id: number; readonly payload: Uint8Array }
  | ({ readonly type: "hashRequest" | "hashReject" } & HashRange)
  | ({ readonly type: "hashes"; readonly hashes: Uint8Array } & HashRange)
  | { readonly type: "unknown"; readonly id: number };
