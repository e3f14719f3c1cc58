import {
  BLOCK_LENGTH_BYTES,
  describePiece,
  HASH_LENGTH_BYTES,
  infoHashHex,
  needsPieceLayer,
  nextPowerOfTwo,
  pieceLayerHeight,
  piecesOfFile,
  type HashRange,
  type Metainfo,
  type PieceTree,
} from "@shoal/protocol";
import type { PieceSet } from "../picker/piece-picker.ts";
import { acceptHashes, splitTarget, type HashChunk, type HashTarget } from "./hash-target.ts";

/** A peer that does not answer in so long is passed over. */
const REQUEST_TIMEOUT_MS = 10_000;
/** And asked for the same again no sooner than this, as one that rejected. */
const RETRY_MS = 60_000;
const MAX_REQUESTS_PER_PEER = 8;

/**
 * `accepted`: proven and kept. `unrequested`: nobody asked this peer for it, or it has come
 * already; ignore it. `bad`: the proof fails, and so the peer lied; disconnect it.
 */
export type HashesOutcome = "accepted" | "unrequested" | "bad";

/**
 * Gets the piece layers that a magnet link lacks, and leaves of failed pieces, from peers. Every reply
 * is proven by itself against the file's root, so that a liar is known at once.
 * @see BEP 52, `hash request`
 */
export interface HashPicker {
  /**
   * The requests to send to a peer now, eight outstanding at most. Also passes what others left
   * unanswered to this one: to be called on every tick for every peer that speaks v2.
   * @param has The peer's pieces: who has a piece has its hashes.
   * @param nowMs Monotonic.
   */
  pick(peer: object, has: PieceSet, nowMs: number): HashRange[];
  received(peer: object, range: HashRange, hashes: Uint8Array): HashesOutcome;
  /** The peer will not answer: others are asked. */
  rejected(peer: object, range: HashRange): void;
  removePeer(peer: object): void;
  /**
   * Asks for the leaves of a piece that failed, to find its bad blocks. Asking again while they are on
   * their way changes nothing; a piece of one block has no leaves to ask for.
   */
  requestLeaves(piece: number, tree: PieceTree): void;
  /** No piece layer is missing. */
  readonly isComplete: boolean;
}

/**
 * @param init.metainfo A torrent with a v2 part. Layers that it has are not asked for.
 * @param init.onLayer A file's piece layer is complete and proven: 32 bytes for each piece.
 * @param init.onLeaves Leaves of a piece as asked for: 32 bytes for each block of the file's bytes.
 */
export function createHashPicker(init: {
  metainfo: Metainfo;
  onLayer: (fileIndex: number, pieceLayer: Uint8Array) => void;
  onLeaves: (piece: number, leaves: Uint8Array) => void;
}): HashPicker {
  const { metainfo, onLayer, onLeaves } = init;
  const { files, pieceLengthBytes, pieceLayers } = metainfo;
  /** Chunks that are missing, by what names them in messages. */
  const missing = new Map<string, HashChunk>();
  const requestsOf = new Map<object, Set<HashChunk>>();
  const liars = new WeakSet<object>();
  const leavesWanted = new Set<number>();
  let layersLeft = 0;

  function keyOf({ piecesRoot, baseLayer, index, count }: HashRange): string {
    return `${infoHashHex(piecesRoot)}/${baseLayer}/${index}/${count}`;
  }

  function add(target: Omit<HashTarget, "missing" | "hashes">): void {
    const hashes = new Uint8Array(target.count * HASH_LENGTH_BYTES);
    for (const chunk of splitTarget({ ...target, hashes, missing: 0 })) {
      missing.set(keyOf(chunk.range), chunk);
    }
  }

  /** @param fileIndices Files that are alike: they have one tree, which is asked for once. */
  function addLayer(fileIndices: readonly [number, ...number[]]): void {
    const { piecesRoot } = files[fileIndices[0]]!;
    const { first, end } = piecesOfFile(metainfo, fileIndices[0]);
    add({
      piecesRoot: piecesRoot!,
      baseLayer: pieceLayerHeight(pieceLengthBytes),
      index: 0,
      count: end - first,
      width: nextPowerOfTwo(end - first),
      root: piecesRoot!,
      firstPiece: first,
      hashesPerPiece: 1,
      deliver(layer) {
        layersLeft--;
        for (const fileIndex of fileIndices) onLayer(fileIndex, layer);
      },
    });
  }

  function addLayers(): void {
    const alike = new Map<string, [number, ...number[]]>();
    for (const [fileIndex, file] of files.entries()) {
      if (!needsPieceLayer(file, pieceLengthBytes)) continue;
      const rootHex = infoHashHex(file.piecesRoot);
      if (pieceLayers.has(rootHex)) continue;
      // A torrent may lie that one root belongs to two lengths.
      const key = `${rootHex}/${file.lengthBytes}`;
      const group = alike.get(key);
      if (group === undefined) alike.set(key, [fileIndex]);
      else group.push(fileIndex);
    }
    layersLeft = alike.size;
    for (const group of alike.values()) addLayer(group);
  }

  function release(chunk: HashChunk): void {
    if (chunk.askedPeer !== undefined) requestsOf.get(chunk.askedPeer)?.delete(chunk);
    chunk.askedPeer = undefined;
  }

  function hasAnyPiece(chunk: HashChunk, has: PieceSet): boolean {
    for (let piece = chunk.firstPiece; piece < chunk.endPiece; piece++) {
      if (has.has(piece)) return true;
    }
    return false;
  }

  addLayers();

  return {
    pick(peer, has, nowMs) {
      if (missing.size === 0 || liars.has(peer)) return [];
      let requests = requestsOf.get(peer);
      if (requests === undefined) requestsOf.set(peer, (requests = new Set()));
      const picked: HashRange[] = [];
      for (const chunk of missing.values()) {
        if (requests.size >= MAX_REQUESTS_PER_PEER) break;
        const { askedPeer, askedAtMs } = chunk;
        if (askedPeer !== undefined) {
          if (nowMs - askedAtMs.get(askedPeer)! < REQUEST_TIMEOUT_MS) continue;
          release(chunk);
        }
        if (nowMs - (askedAtMs.get(peer) ?? -Infinity) < RETRY_MS) continue;
        if (!hasAnyPiece(chunk, has)) continue;
        chunk.askedPeer = peer;
        askedAtMs.set(peer, nowMs);
        requests.add(chunk);
        picked.push(chunk.range);
      }
      return picked;
    },
    received(peer, range, hashes) {
      const key = keyOf(range);
      const chunk = missing.get(key);
      // A late answer is as good as any: it is proven.
      if (chunk === undefined || !chunk.askedAtMs.has(peer)) return "unrequested";
      if (chunk.range.proofLayers !== range.proofLayers) return "unrequested";
      if (!acceptHashes(chunk, hashes)) {
        liars.add(peer);
        for (const other of requestsOf.get(peer) ?? []) release(other);
        return "bad";
      }
      release(chunk);
      missing.delete(key);
      const { target } = chunk;
      if (--target.missing === 0) target.deliver(target.hashes);
      return "accepted";
    },
    rejected(peer, range) {
      const chunk = missing.get(keyOf(range));
      if (chunk?.askedPeer === peer) release(chunk);
    },
    removePeer(peer) {
      for (const chunk of requestsOf.get(peer) ?? []) release(chunk);
      for (const chunk of missing.values()) chunk.askedAtMs.delete(peer);
      requestsOf.delete(peer);
    },
    requestLeaves(piece, tree) {
      if (leavesWanted.has(piece) || tree.leafCount === 1) return;
      const { fileIndex } = describePiece(metainfo, piece);
      if (fileIndex === null)
        throw new RangeError(`Expected a piece of a v2 torrent, got ${piece}.`);
      const pieceInFile = piece - piecesOfFile(metainfo, fileIndex).first;
      leavesWanted.add(piece);
      add({
        piecesRoot: files[fileIndex]!.piecesRoot!,
        baseLayer: 0,
        index: pieceInFile * tree.leafCount,
        count: Math.ceil(tree.lengthBytes / BLOCK_LENGTH_BYTES),
        width: tree.leafCount,
        root: tree.root,
        firstPiece: piece,
        hashesPerPiece: tree.leafCount,
        deliver(leaves) {
          leavesWanted.delete(piece);
          onLeaves(piece, leaves);
        },
      });
    },
    get isComplete() {
      return layersLeft === 0;
    },
  };
}
