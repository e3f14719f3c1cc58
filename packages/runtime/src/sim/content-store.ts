import type { PieceCheck, PieceVerdict } from "../ports/disk.ts";
import { judgePiece } from "./judge-piece.ts";

interface Content {
  readonly bytes: Uint8Array;
  /** SHA-256 of the blocks; null until somebody asked. */
  leaves: Uint8Array | null;
}

/**
 * The pieces that were found good anywhere in the world, kept once for all hosts.
 *
 * A thousand peers that hold one torrent share its bytes. And since equal bytes have equal hashes, a
 * piece that equals a known good one byte for byte needs no hashing: every verdict is exact, at the
 * price of a comparison.
 */
export class ContentStore {
  readonly #contents = new Map<string, Content>();

  /** @param views the piece's bytes in order. `isLasting` says that nobody will change them. */
  judge(
    check: PieceCheck,
    views: readonly Uint8Array[],
    isLasting: boolean,
  ): { verdict: PieceVerdict; bytes: Uint8Array | null } {
    const key = keyOf(check);
    const known = this.#contents.get(key);
    const asksForMore = check.wantSha1 === true || check.leavesLengthBytes !== undefined;
    if (known !== undefined && !asksForMore && isEqual(known.bytes, views)) {
      const wantsLeaves = check.wantLeaves === true;
      if (wantsLeaves) known.leaves ??= judgePiece(check, views).leaves ?? null;
      const verdict = {
        ok: true,
        ...(check.sha1 !== undefined && { sha1Ok: true }),
        ...(check.merkle !== undefined && { merkleOk: true }),
        ...(wantsLeaves && known.leaves !== null && { leaves: known.leaves.slice() }),
      };
      return { verdict, bytes: known.bytes };
    }
    const verdict = judgePiece(check, views);
    if (!verdict.ok) return { verdict, bytes: null };
    const [only] = views;
    const bytes =
      views.length === 1 && isLasting ? (only as Uint8Array) : join(views, check.lengthBytes);
    const leaves = asksForMore ? null : (verdict.leaves?.slice() ?? null);
    this.#contents.set(key, { bytes, leaves });
    return { verdict, bytes };
  }
}

function keyOf({ lengthBytes, sha1, merkle }: PieceCheck): string {
  const parts = [lengthBytes, sha1 === undefined ? "" : hex(sha1)];
  if (merkle !== undefined) parts.push(hex(merkle.root), merkle.lengthBytes, merkle.leafCount);
  return parts.join(" ");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Whether views are the parts of a whole, in order. Those that share its memory are not compared. */
export function isEqual(whole: Uint8Array, views: readonly Uint8Array[]): boolean {
  let at = 0;
  for (const view of views) {
    const part = whole.subarray(at, at + view.length);
    const isSame = part.buffer === view.buffer && part.byteOffset === view.byteOffset;
    if (part.length !== view.length || (!isSame && Buffer.compare(part, view) !== 0)) return false;
    at += view.length;
  }
  return at === whole.length;
}

function join(views: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let at = 0;
  for (const view of views) {
    bytes.set(view, at);
    at += view.length;
  }
  return bytes;
}
