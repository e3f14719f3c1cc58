export {
  BencodeError,
  KrpcError,
  MagnetError,
  MerkleError,
  MetainfoError,
  MseError,
  PeerWireError,
  ProtocolError,
  TrackerWireError,
} from "./errors.ts";

export { concatBytes } from "./bytes/concat-bytes.ts";
export { fromHex, toHex } from "./bytes/hex.ts";
export {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LOCAL_PORT,
  type LocalAnnounce,
  MAX_LOCAL_HASHES,
} from "./local-discovery/local-announce.ts";

export { BencodeDictionary, type BencodeValue } from "./bencode/bencode-dictionary.ts";
export { BENCODE_LIMITS, type BencodeLimits } from "./bencode/bencode-limits.ts";
export { decodeBencode, decodeBencodePrefix } from "./bencode/decode-bencode.ts";
export { type Bencodable, encodeBencode, EncodedBencode } from "./bencode/encode-bencode.ts";

export { type CompactNode, decodeCompactNodes, encodeCompactNodes } from "./krpc/compact-nodes.ts";
export { decodeKrpc } from "./krpc/decode-krpc.ts";
export { encodeKrpcFailure, encodeKrpcQuery, encodeKrpcResponse } from "./krpc/encode-krpc.ts";
export {
  immutableTarget,
  ITEM_KEY_LENGTH_BYTES,
  itemPublicKey,
  mutableTarget,
  signItem,
  verifyItem,
} from "./krpc/item.ts";
export {
  isKrpcDatagram,
  KRPC_ERROR,
  MAX_ITEM_VALUE_BYTES,
  MAX_SALT_BYTES,
  MAX_SEQ,
  NODE_ID_LENGTH_BYTES,
} from "./krpc/krpc-message.ts";
export type {
  KrpcAnswer,
  KrpcFailure,
  KrpcMessage,
  KrpcQuery,
  KrpcRequest,
  KrpcResponse,
  MutableFields,
  Want,
} from "./krpc/krpc-message.ts";
export { SCRAPE_FILTER_LENGTH_BYTES, ScrapeFilter } from "./krpc/scrape-filter.ts";

export { HASH_LENGTH_BYTES, hashBlock, padHash } from "./merkle/hash.ts";
export { type HashSpan, uncleHashes, verifyProof } from "./merkle/merkle-proof.ts";
export {
  foldLayer,
  hashCount,
  isPowerOfTwo,
  merkleRoot,
  nextPowerOfTwo,
  pieceLayerFromLeaves,
  pieceLayerHeight,
  pieceLayerRoot,
} from "./merkle/merkle-tree.ts";

export { infoHashHex, swarmHashes, truncateInfoHash } from "./metainfo/info-hash.ts";
export { formatTorrentFile } from "./metainfo/format-torrent-file.ts";
export { formatMagnet, parseMagnet } from "./metainfo/magnet.ts";
export type { IndexRange, Magnet, MagnetPeer } from "./metainfo/magnet.ts";
export { MAX_PIECE_LENGTH_BYTES, MAX_PIECES } from "./metainfo/metainfo.ts";
export type { DhtNode, FileAttributes, Metainfo, MetainfoFile } from "./metainfo/metainfo.ts";
export { parseInfo, parseMetainfo } from "./metainfo/parse-metainfo.ts";
export type { AboutTorrent, InfoExtras, ParseOptions } from "./metainfo/parse-metainfo.ts";
export { checkPieceLayer, needsPieceLayer } from "./metainfo/piece-layer.ts";
export {
  describePiece,
  filesOfPiece,
  fileSpans,
  pieceLengthAt,
  piecesOfFile,
} from "./metainfo/pieces.ts";
export type { FileSpan, PieceDescription, PieceTree } from "./metainfo/pieces.ts";
export { fileIndexAt } from "./metainfo/space.ts";
export { choosePieceLength, pieceToHash, planCreation } from "./metainfo/plan-creation.ts";
export type {
  CreationFile,
  CreationOptions,
  CreationPlan,
  PieceToHash,
  PlannedFile,
  TorrentVersion,
} from "./metainfo/plan-creation.ts";
export type { FileNameRules } from "./metainfo/safe-name.ts";
export { findCollision, safePath } from "./metainfo/safe-paths.ts";
export { createTorrentBuilder } from "./metainfo/torrent-builder.ts";
export type { PieceHashes, TorrentBuilder, TorrentDetails } from "./metainfo/torrent-builder.ts";

export { ALLOWED_FAST_SET_SIZE, allowedFastSet } from "./peer-wire/allowed-fast-set.ts";
export { Bitfield } from "./peer-wire/bitfield.ts";
export { crc32c } from "./peer-wire/crc32c.ts";
export { decodeMessage } from "./peer-wire/decode-message.ts";
export { decodeDontHave, encodeDontHave } from "./peer-wire/dont-have.ts";
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
  writeHave,
  writeRequest,
} from "./peer-wire/encode-message.ts";
export {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
} from "./peer-wire/extension-handshake.ts";
export type {
  ExtensionHandshake,
  ExtensionHandshakeFields,
} from "./peer-wire/extension-handshake.ts";
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
  HAVE_LENGTH_BYTES,
  MESSAGE,
  PIECE_HEADER_LENGTH_BYTES,
  REQUEST_LENGTH_BYTES,
} from "./peer-wire/message.ts";
export type { BlockRange, HashRange, MessageName, PeerMessage } from "./peer-wire/message.ts";
export {
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  MAX_METADATA_LENGTH_BYTES,
  METADATA_PIECE_LENGTH_BYTES,
} from "./peer-wire/metadata-message.ts";
export type { MetadataMessage } from "./peer-wire/metadata-message.ts";
export {
  decodeHolepunch,
  encodeHolepunch,
  HOLEPUNCH_ERROR,
} from "./peer-wire/holepunch-message.ts";
export type { HolepunchMessage } from "./peer-wire/holepunch-message.ts";
export { createPeerId, describeClient, PEER_ID_RANDOM_BYTES } from "./peer-wire/peer-id.ts";
export { createMessageReader, MAX_MESSAGE_LENGTH_BYTES } from "./peer-wire/reader.ts";
export type { MessageHandler, MessageReader } from "./peer-wire/reader.ts";
export { peerPriority } from "./peer-wire/peer-priority.ts";
export { decodePex, encodePex, MAX_PEX_PEERS, PEX_FLAG } from "./peer-wire/pex-message.ts";
export type { PexMessage, PexPeer } from "./peer-wire/pex-message.ts";
export { decodeUploadOnly, encodeUploadOnly } from "./peer-wire/upload-only.ts";

export { obfuscatedInfoHash } from "./mse/handshake-hashes.ts";
export type { MseCrypto, MseHandshake, MseProgress, MseResult } from "./mse/mse-handshake.ts";
export { createMseInitiator } from "./mse/mse-initiator.ts";
export type { MseInitiatorOptions } from "./mse/mse-initiator.ts";
export { createMseResponder } from "./mse/mse-responder.ts";
export type { MseResponderOptions } from "./mse/mse-responder.ts";
export { createRc4 } from "./mse/rc4.ts";
export type { StreamCipher } from "./mse/rc4.ts";

export {
  compactLengthBytes,
  decodeCompactEndpoints,
  encodeCompactEndpoint,
  encodeCompactEndpoints,
} from "./endpoint/compact-endpoints.ts";
export type { AddressFamily, PeerEndpoint } from "./endpoint/compact-endpoints.ts";
export { canonicalIp, formatIp, parseIp, parseIpv4 } from "./endpoint/ip-address.ts";
export { createHttpTargetJudge } from "./endpoint/http-target.ts";
export type { HttpTarget, HttpTargetRefusal } from "./endpoint/http-target.ts";
export { isPublicAddress } from "./endpoint/is-public-address.ts";

export {
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
} from "./tracker-wire/encode-http-response.ts";
export type { HttpAnnounceAnswer } from "./tracker-wire/encode-http-response.ts";
export {
  buildAnnounceUrl,
  buildScrapeUrl,
  parseAnnounceQuery,
  parseScrapeQuery,
} from "./tracker-wire/http-query.ts";
export type { HttpAnnounceQuery } from "./tracker-wire/http-query.ts";
export { parseAnnounceResponse, parseScrapeResponse } from "./tracker-wire/http-response.ts";
export {
  MAX_SCRAPE_INFO_HASHES,
  MAX_TRACKER_PEERS,
  MAX_TRACKER_RESPONSE_BYTES,
} from "./tracker-wire/messages.ts";
export type {
  AnnounceEvent,
  AnnounceRequest,
  AnnounceResponse,
  ScrapeEntry,
  ScrapeResponse,
  TrackerFailure,
  TrackerPeer,
} from "./tracker-wire/messages.ts";
export {
  decodeUdpRequest,
  encodeUdpAnnounceRequest,
  encodeUdpConnectRequest,
  encodeUdpScrapeRequest,
} from "./tracker-wire/udp-request.ts";
export type {
  ReceivedUdpAnnounce,
  UdpAnnounceRequest,
  UdpConnectRequest,
  UdpScrapeRequest,
  UdpTrackerRequest,
} from "./tracker-wire/udp-request.ts";
export {
  decodeUdpResponse,
  encodeUdpAnnounceResponse,
  encodeUdpConnectResponse,
  encodeUdpErrorResponse,
  encodeUdpScrapeResponse,
  udpPeerLimit,
} from "./tracker-wire/udp-response.ts";
export type { UdpScrapeFigures, UdpTrackerResponse } from "./tracker-wire/udp-response.ts";
export {
  createUtpPacket,
  looksLikeUtp,
  readUtpPacket,
  UTP_EXTENSION,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  writeUtpHeader,
  writeUtpPadding,
} from "./utp-wire/utp-packet.ts";
export type { UtpHeader, UtpPacket } from "./utp-wire/utp-packet.ts";
export {
  encodeWebSocketRequest,
  encodeWebSocketResponse,
  MAX_OFFERS,
  MAX_SDP_LENGTH,
  parseWebSocketRequest,
  parseWebSocketResponse,
} from "./tracker-wire/web-socket-messages.ts";
export type {
  SessionDescription,
  WebSocketAnnounce,
  WebSocketAnswer,
  WebSocketOffer,
  WebSocketTrackerRequest,
  WebSocketTrackerResponse,
  WebSocketScrape,
} from "./tracker-wire/web-socket-messages.ts";
