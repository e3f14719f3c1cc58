/**
 * A few small files that nobody but their owner may read: keys. Each is there whole or not at all, whenever the
 * process or the machine dies.
 */
export interface PrivateFolder {
  /** For messages: where it is. */
  readonly path: string;
  /** @returns null when there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
  /** Puts a file in place, instead of one that was there. On disk for certain when it answers. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * The same for a file that must not be there yet.
   * @throws {DiskError} `exists`; the file is as it was.
   */
  create(name: string, bytes: Uint8Array): Promise<void>;
  /** Names of files, sorted. */
  list(): Promise<readonly string[]>;
  /** Removes a file, on disk for certain; does nothing when there is none. */
  remove(name: string): Promise<void>;
}
