import type { FileState, Store } from "@shoal/runtime";
import { type FileChoices, RESUME_SCHEMA, ResumeStore } from "./resume.ts";

/** What somebody else has verified of a torrent's files. */
export interface KnownProgress {
  /** Bits of the pieces that are here and good, as on the wire. */
  readonly have: Uint8Array;
  /** The files as they were then: one that is another now is hashed, and so is one of unknown length. */
  readonly files: readonly FileState[];
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly choices: FileChoices;
}

/**
 * Writes down what is known of a torrent that is not in the session yet: it is believed when the torrent is added, as the
 * engine's own resume data is after an orderly stop. For torrents that are taken over from other programs.
 * @param store That of the session's runtime.
 * @param infoHash Hex: of v1 where the torrent has one, else of v2 whole.
 * @param dir The folder that it is going to be added with.
 * @throws {StoreError}
 */
export async function keepProgress(
  store: Store,
  infoHash: string,
  dir: string,
  progress: KnownProgress,
): Promise<void> {
  const kept = new ResumeStore(await store.open(RESUME_SCHEMA));
  const { have } = progress;
  await kept.save(infoHash, dir, { ...progress, settled: have, bootId: "", isClean: true });
}
