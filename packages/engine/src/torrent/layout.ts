import type { Metainfo } from "@shoal/protocol";
import type { PartFile, StorageLayout } from "@shoal/runtime";

/**
 * Where a torrent's files lie below `root`.
 * @param partFile Where the bytes of files go that nobody wants; without it such files are made.
 */
export function layoutOf(metainfo: Metainfo, root: string, partFile?: PartFile): StorageLayout {
  return {
    root,
    ...(partFile === undefined ? {} : { partFile }),
    files: metainfo.files.map((file) => ({
      path: file.path,
      lengthBytes: file.lengthBytes,
      offsetBytes: file.offsetBytes,
      ...(file.attributes.executable ? { executable: true } : {}),
      ...(file.attributes.symlinkTarget === null
        ? {}
        : { symlinkTarget: file.attributes.symlinkTarget }),
    })),
  };
}
