export { MseError, PeerWireError, ProtocolError } from "./errors.ts";

export { Bitfield } from "./peer-wire/bitfield.ts";
export { decodeMessage } from "./peer-wire/decode-message.ts";
export {
  encodeAllowedFast,
  encodeBitfield,
  encodeCancel,
  encodeChoke,
  encodeExtended,
  encodeHashReject,
  encodeHashRequest,
  encodeHashes,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeKeepAlive,
  encodeNotInterested,
  encodePort,
  encodeReject,
  encodeRequest,
  encodeSuggest,
  encodeUnchoke,
  writePieceHeader,
  writeRequest,
} from "./peer-wire/encode-message.ts";
export {
  decodeHandshake,
  encodeHandshake,
  HANDSHAKE_LENGTH_BYTES,
  HANDSHAKE_PREFIX_LENGTH_BYTES,
  looksLikeHandshake,
} from "./peer-wire/handshake.ts";
export type { Handshake, HandshakeFlags } from "./peer-wire/handshake.ts";
export {
  BLOCK_LENGTH_BYTES,
  MESSAGE,
  PIECE_HEADER_LENGTH_BYTES,
  REQUEST_LENGTH_BYTES,
} from "./peer-wire/message.ts";
export type { BlockRange, HashRange, MessageName, PeerMessage } from "./peer-wire/message.ts";
