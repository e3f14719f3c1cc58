import type { FileState, MoveOptions } from "../ports/disk.ts";
import type { FileSystem } from "./file-system.ts";

/** A storage on a simulated disk, as far as moving it is concerned. */
export interface MovableSimStorage {
  readonly disk: FileSystem;
  root(): string;
  setRoot(root: string): void;
  /** Of all files, below the root. */
  paths(): readonly (readonly string[])[];
  states(): readonly FileState[];
  /** Has the disk do something that takes as long as so many bytes. */
  do<T>(lengthBytes: number, act: () => T): Promise<T>;
  /** Lets nothing begin until what it answers is called. */
  hold(): () => void;
}

/** See `Storage.move`. Files are copied as between two file systems: a crash finds some of them there. */
export async function moveSimFiles(
  storage: MovableSimStorage,
  to: string,
  options: MoveOptions,
): Promise<void> {
  const { disk } = storage;
  const from = storage.root();
  const { isResumed = false, commit, onProgress, signal } = options;
  const moves = () =>
    storage.paths().map((path) => [disk.place(from, path), disk.place(to, path)] as const);
  if (!isResumed) for (const [, place] of moves()) disk.assertFree("", place, false);
  const there = moves().filter(([source]) => disk.find(source) !== undefined);
  for (const [index, [source, place]] of there.entries()) {
    signal?.throwIfAborted();
    const { lengthBytes } = disk.find(source)!.content;
    await storage.do(lengthBytes, () => copy(disk, source, place));
    onProgress?.((index + 1) / there.length);
  }
  signal?.throwIfAborted();
  // What is under way ends before: the disk does one thing after the other.
  const finished = storage.do(0, () => {
    for (const [source, place] of moves()) {
      if (disk.find(source) === undefined) continue;
      copy(disk, source, place);
      disk.find(place)!.sync();
    }
    storage.setRoot(to);
    const states = storage.states();
    storage.setRoot(from);
    return states;
  });
  const release = storage.hold();
  try {
    const states = await finished;
    await commit?.(states);
    storage.setRoot(to);
  } catch (error) {
    for (const [, place] of moves()) disk.remove(place);
    throw error;
  } finally {
    release();
  }
  await storage.do(0, () => {
    for (const [source] of moves()) disk.remove(source);
  });
}

/** A power cut may still take it. */
function copy(disk: FileSystem, source: string, place: string): void {
  const { modifiedMs } = disk.find(source)!;
  const bytes = disk.read(source)!;
  disk.remove(place);
  disk.writeAt(place, disk.create(place), 0, bytes, modifiedMs);
}
