import type { Metainfo } from "@shoal/protocol";
import type { StorageLayout } from "@shoal/runtime";

/** Where a torrent's files lie below `root`. */
export function layoutOf(metainfo: Metainfo, root: string): StorageLayout {
  return {
    root,
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
