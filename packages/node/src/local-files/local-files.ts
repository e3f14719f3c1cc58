/** When a file was last changed, as far as its folder tells. */
export interface FileStamp {
  readonly lengthBytes: number;
  readonly modifiedMs: number;
}

/** Small files that the user puts somewhere: lists of addresses, torrent files in watched folders. */
export interface LocalFiles {
  /** @returns null when there is no plain file. Links are followed: the user made them. */
  stamp(path: string): Promise<FileStamp | null>;
  /**
   * The whole of a file.
   * @throws {DiskError} `too-long` beyond `maxBytes`, `missing`, `denied`, `not-a-file` or `io`.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /**
   * Its lines, in batches, so that others get their turn between them. Bytes are taken as Latin-1: lists of
   * addresses are of no agreed encoding, and what is read of them is ASCII. What of a line is beyond 4 KiB is left out.
   * @throws as {@link read}.
   */
  lines(path: string, maxBytes: number): AsyncIterable<readonly string[]>;
  /**
   * Names of the plain files in a folder, links left out, at most `most` of them.
   * @throws {DiskError} `missing`, `denied` or `io`.
   */
  list(folder: string, most: number): Promise<readonly string[]>;
  /**
   * Gives a file another path, making the folder it is to lie in; nothing that stands there is replaced.
   * @throws {DiskError} `exists`, or as {@link read}.
   */
  move(from: string, to: string): Promise<void>;
}
