import type { Metainfo } from "@shoal/protocol";
import type { PartFile, StorageLayout } from "@shoal/runtime";

/** Paths below the download folder that users gave files, by index. */
export type FileNames = ReadonlyMap<number, readonly string[]>;

/**
 * Where a torrent's files lie below `root`.
 * @param names Paths that users gave files, instead of the torrent's.
 * @param partFile Where the bytes of files go that nobody wants; without it such files are made.
 */
export function layoutOf(
  metainfo: Metainfo,
  root: string,
  partFile?: PartFile,
  names: FileNames = new Map(),
): StorageLayout {
  return {
    root,
    ...(partFile === undefined ? {} : { partFile }),
    files: metainfo.files.map((file, index) => ({
      path: names.get(index) ?? file.path,
      lengthBytes: file.lengthBytes,
      offsetBytes: file.offsetBytes,
      ...(file.attributes.executable ? { executable: true } : {}),
      ...(file.attributes.symlinkTarget === null
        ? {}
        : { symlinkTarget: file.attributes.symlinkTarget }),
    })),
  };
}
