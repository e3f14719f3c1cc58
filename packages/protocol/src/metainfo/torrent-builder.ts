import { type Bencodable, encodeBencode } from "../bencode/encode-bencode.ts";
import { HASH_LENGTH_BYTES } from "../merkle/hash.ts";
import { merkleRoot, pieceLayerRoot } from "../merkle/merkle-tree.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import type { DhtNode } from "./metainfo.ts";
import { type CreationPlan, type PlannedFile, pieceToHash } from "./plan-creation.ts";

/** What a torrent file says besides its files. */
export interface TorrentDetails {
  /** Tiers of URLs, best first (BEP 12). */
  readonly trackers?: readonly (readonly string[])[];
  /** BEP 19. */
  readonly webSeeds?: readonly string[];
  readonly nodes?: readonly DhtNode[];
  /** Peers come from the trackers alone (BEP 27). */
  readonly isPrivate?: boolean;
  readonly comment?: string;
  readonly createdBy?: string;
  /** Seconds since 1970 (UTC). */
  readonly createdAtS?: number;
  /** Makes the infohash differ from that of other trackers' torrents of the same files. */
  readonly source?: string;
}

/** The hashes of one piece. */
export interface PieceHashes {
  /** 20 bytes; for v1 and hybrid torrents. */
  readonly sha1?: Uint8Array;
  /** SHA-256 of each 16 KiB block of the file in this piece, concatenated; for v2 and hybrid torrents. */
  readonly leaves?: Uint8Array;
}

/** Collects the hashes of a plan's pieces and writes the torrent file. */
export interface TorrentBuilder {
  /**
   * Takes the hashes of one piece. Pieces may come in any order; 52 bytes of each are kept.
   * @throws {RangeError} when there is no such piece, or the hashes are not those that
   * {@link pieceToHash} asks for.
   */
  addPiece(piece: number, hashes: PieceHashes): void;
  /**
   * The bytes of the torrent file.
   * @throws {RangeError} when a piece is missing.
   */
  build(details?: TorrentDetails): Uint8Array;
}

const SHA1_LENGTH_BYTES = 20;

/** Starts a torrent file: hash each piece as {@link pieceToHash} says, hand the hashes in, build. */
export function createTorrentBuilder(plan: CreationPlan): TorrentBuilder {
  const { version, pieceCount } = plan;
  const pieces = new Uint8Array(version === "v2" ? 0 : pieceCount * SHA1_LENGTH_BYTES);
  const roots = new Uint8Array(version === "v1" ? 0 : pieceCount * HASH_LENGTH_BYTES);
  const missing = new Set(Array.from({ length: pieceCount }, (_, piece) => piece));

  return {
    addPiece(piece, { sha1, leaves }) {
      const { sha1LengthBytes, leavesLengthBytes, leafCount } = pieceToHash(plan, piece);
      if (sha1LengthBytes !== null) {
        checkLength("a SHA-1", sha1, SHA1_LENGTH_BYTES);
        pieces.set(sha1, piece * SHA1_LENGTH_BYTES);
      }
      if (leavesLengthBytes !== null && leafCount !== null) {
        const blocks = Math.ceil(leavesLengthBytes / BLOCK_LENGTH_BYTES);
        checkLength("leaf hashes", leaves, blocks * HASH_LENGTH_BYTES);
        roots.set(merkleRoot(leaves, leafCount), piece * HASH_LENGTH_BYTES);
      }
      missing.delete(piece);
    },

    build(details = {}) {
      const [firstMissing] = missing;
      if (firstMissing !== undefined) {
        throw new RangeError(`Expected hashes of every piece; piece ${firstMissing} has none`);
      }
      return assemble(plan, pieces, roots, details);
    },
  };
}

/** @param roots the Merkle root of each piece; of the whole file where that is one piece. */
function assemble(
  plan: CreationPlan,
  pieces: Uint8Array,
  roots: Uint8Array,
  details: TorrentDetails,
): Uint8Array {
  const info: Record<string, Bencodable> = {
    name: plan.name,
    "piece length": plan.pieceLengthBytes,
  };
  if (details.isPrivate) info.private = 1;
  if (details.source !== undefined) info.source = details.source;
  const root: Record<string, Bencodable> = { info };
  if (plan.version !== "v2") {
    info.pieces = pieces;
    Object.assign(info, listFiles(plan));
  }
  if (plan.version !== "v1") {
    const { tree, layers } = growFileTree(plan, roots);
    info["meta version"] = 2;
    info["file tree"] = tree;
    root["piece layers"] = layers;
  }
  const tiers = (details.trackers ?? []).filter((tier) => tier.length > 0);
  const first = tiers[0]?.[0];
  if (first !== undefined) root.announce = first;
  if (tiers.flat().length > 1) root["announce-list"] = tiers;
  if (details.webSeeds?.length) root["url-list"] = details.webSeeds;
  if (details.nodes?.length) root.nodes = details.nodes.map(({ host, port }) => [host, port]);
  if (details.comment !== undefined) root.comment = details.comment;
  if (details.createdBy !== undefined) root["created by"] = details.createdBy;
  if (details.createdAtS !== undefined) root["creation date"] = details.createdAtS;
  return encodeBencode(root);
}

/** `length`, or `files` with pads between (BEP 3, 47). */
function listFiles({ files }: CreationPlan): Record<string, Bencodable> {
  const [only] = files;
  if (only && only.path.length === 0) return { length: only.lengthBytes, ...attributes(only) };
  const list: Bencodable[] = [];
  for (const file of files) {
    list.push({ length: file.lengthBytes, path: file.path, ...attributes(file) });
    if (file.padBytes > 0) {
      list.push({ attr: "p", length: file.padBytes, path: [".pad", String(file.padBytes)] });
    }
  }
  return { files: list };
}

type Tree = Map<string, Bencodable>;

/** `file tree` and `piece layers` (BEP 52). */
function growFileTree(plan: CreationPlan, roots: Uint8Array): { tree: Tree; layers: Tree } {
  const { pieceLengthBytes } = plan;
  const tree: Tree = new Map();
  const layers: Tree = new Map();
  const folders = new Map<string, Tree>([["", tree]]);

  const folderAt = (path: readonly string[]): Tree => {
    const key = path.join("/");
    let folder = folders.get(key);
    if (folder === undefined) {
      folder = new Map();
      folders.set(key, folder);
      folderAt(path.slice(0, -1)).set(toKey(path.at(-1)!), folder);
    }
    return folder;
  };

  for (const file of plan.files) {
    const properties: Record<string, Bencodable> = attributes(file);
    if (file.symlinkTarget === undefined) properties.length = file.lengthBytes;
    if (file.lengthBytes > 0) {
      const first = file.offsetBytes / pieceLengthBytes;
      const end = first + Math.ceil(file.lengthBytes / pieceLengthBytes);
      const layer = roots.subarray(first * HASH_LENGTH_BYTES, end * HASH_LENGTH_BYTES);
      const piecesRoot = end - first > 1 ? pieceLayerRoot(layer, pieceLengthBytes) : layer;
      properties["pieces root"] = piecesRoot;
      if (end - first > 1) layers.set(Buffer.from(piecesRoot).toString("latin1"), layer);
    }
    const path = file.path.length > 0 ? file.path : [plan.name];
    folderAt(path.slice(0, -1)).set(toKey(path.at(-1)!), new Map([["", properties]]));
  }
  return { tree, layers };
}

/** `attr` and `symlink path` of one file (BEP 47). */
function attributes(file: PlannedFile): Record<string, Bencodable> {
  const letters =
    (file.hidden ? "h" : "") +
    (file.executable ? "x" : "") +
    (file.symlinkTarget === undefined ? "" : "l");
  return {
    ...(letters !== "" && { attr: letters }),
    ...(file.symlinkTarget !== undefined && { "symlink path": file.symlinkTarget }),
  };
}

/** A name's UTF-8 as the Latin-1 text that the encoder takes for keys. */
function toKey(name: string): string {
  return Buffer.from(name, "utf8").toString("latin1");
}

function checkLength(
  what: string,
  bytes: Uint8Array | undefined,
  lengthBytes: number,
): asserts bytes is Uint8Array {
  if (bytes?.length !== lengthBytes) {
    throw new RangeError(
      `Expected ${what} of ${lengthBytes} bytes, got ${bytes?.length ?? "none"}`,
    );
  }
}
