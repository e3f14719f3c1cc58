import { type CreationPlan, pieceToHash, type TorrentBuilder } from "@shoal/protocol";
import type { PieceCheck, Storage, StorageLayout } from "@shoal/runtime";
import { CliError } from "../errors.ts";

/**
 * Where the files of a plan lie.
 * @param parent The folder that holds the file, or the root folder.
 */
export function layoutOfPlan({ name, files }: CreationPlan, parent: string): StorageLayout {
  return {
    root: parent,
    files: files.map(({ path, lengthBytes, offsetBytes, symlinkTarget }) => ({
      path: [name, ...path],
      lengthBytes,
      offsetBytes,
      ...(symlinkTarget === undefined ? {} : { symlinkTarget: [name, ...symlinkTarget] }),
    })),
  };
}

/**
 * Hashes all pieces of a plan, several at once, and hands the hashes to the builder.
 * @throws {CliError} `file-failed` when a file has changed since the plan was made.
 * @throws {DiskError} when a file cannot be read; the signal's reason when it is aborted.
 */
export async function hashPlan(init: {
  readonly plan: CreationPlan;
  readonly storage: Storage;
  readonly builder: TorrentBuilder;
  /** Pieces that can usefully be hashed at once. */
  readonly width: number;
  readonly signal: AbortSignal;
  readonly onPiece: (piece: number) => void;
}): Promise<void> {
  const { plan, storage, builder, width, signal, onPiece } = init;
  const before = await storage.states();
  let next = 0;
  async function work(): Promise<void> {
    while (next < plan.pieceCount) {
      signal.throwIfAborted();
      const piece = next++;
      const { sha1, leaves } = await storage.check(checkOf(plan, piece));
      if (sha1 === undefined && leaves === undefined) throw changed(plan.name);
      builder.addPiece(piece, { ...(sha1 && { sha1 }), ...(leaves && { leaves }) });
      onPiece(piece);
    }
  }
  // Several a thread: pieces that wait together are hashed side by side.
  await Promise.all(Array.from({ length: Math.min(8 * width, plan.pieceCount) }, work));
  const after = await storage.states();
  for (const [index, { lengthBytes, modifiedMs }] of before.entries()) {
    const now = after[index];
    const name = plan.files[index]!.path.join("/") || plan.name;
    if (now?.lengthBytes !== lengthBytes || now.modifiedMs !== modifiedMs) throw changed(name);
  }
}

function checkOf(plan: CreationPlan, piece: number): PieceCheck {
  const { offsetBytes, sha1LengthBytes, leavesLengthBytes } = pieceToHash(plan, piece);
  return {
    offsetBytes,
    lengthBytes: sha1LengthBytes ?? leavesLengthBytes ?? 0,
    wantSha1: sha1LengthBytes !== null,
    ...(leavesLengthBytes === null ? {} : { wantLeaves: true, leavesLengthBytes }),
  };
}

function changed(name: string): CliError {
  return new CliError(
    "file-failed",
    `${name} changed while it was read: try again when nothing writes to it`,
  );
}
