import type { PieceCheck, Storage } from "@shoal/runtime";

/**
 * Hashes pieces that lie on disk, `width` at once, in order.
 * @param onPiece Called for each piece as its verdict comes.
 * @throws {DiskError} when reading fails; an AbortError when `signal` is aborted.
 */
export async function checkPieces(init: {
  storage: Storage;
  pieces: readonly number[];
  checkOf: (piece: number) => PieceCheck | null;
  width: number;
  signal: AbortSignal;
  onPiece: (piece: number, ok: boolean) => void;
}): Promise<void> {
  const { storage, pieces, checkOf, width, signal, onPiece } = init;
  let next = 0;
  async function work(): Promise<void> {
    while (next < pieces.length) {
      signal.throwIfAborted();
      const piece = pieces[next++]!;
      const check = checkOf(piece);
      // A v2 piece whose hash is not known yet cannot be checked: it counts as missing.
      const ok = check !== null && (await storage.check(check)).ok;
      signal.throwIfAborted();
      onPiece(piece, ok);
    }
  }
  // Twice the width keeps every worker busy while the verdicts travel.
  await Promise.all(Array.from({ length: Math.min(2 * width, pieces.length) }, work));
}
