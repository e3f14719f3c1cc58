import type { Metainfo } from "@shoal/protocol";

/** A file or a folder within a folder of a torrent. */
export interface FolderEntry {
  readonly name: string;
  readonly lengthBytes: number;
  /** Null for a folder. */
  readonly fileIndex: number | null;
}

/** What a path within a torrent leads to. */
export type FolderView =
  | { readonly kind: "file"; readonly fileIndex: number }
  | { readonly kind: "folder"; readonly entries: readonly FolderEntry[] };

/**
 * Finds what a path below a torrent's root folder leads to. A torrent of one file without a folder is a folder of that file.
 * @returns Null when there is nothing.
 */
export function viewFolder(metainfo: Metainfo, path: readonly string[]): FolderView | null {
  const folders = new Map<string, number>();
  const files: FolderEntry[] = [];
  let isThere = path.length === 0;
  for (const [fileIndex, { path: whole, lengthBytes, attributes }] of metainfo.files.entries()) {
    if (attributes.symlinkTarget !== null) continue;
    const own = whole.length === 1 ? whole : whole.slice(1);
    if (!path.every((component, at) => own[at] === component)) continue;
    const name = own[path.length];
    if (name === undefined) return { kind: "file", fileIndex };
    isThere = true;
    if (own.length === path.length + 1) files.push({ name, lengthBytes, fileIndex });
    else folders.set(name, (folders.get(name) ?? 0) + lengthBytes);
  }
  if (!isThere) return null;
  const entries = [...folders].map(([name, lengthBytes]) => ({
    name,
    lengthBytes,
    fileIndex: null,
  }));
  const sorted = [...entries.toSorted(byName), ...files.toSorted(byName)];
  return { kind: "folder", entries: sorted };
}

function byName(a: FolderEntry, b: FolderEntry): number {
  return a.name < b.name ? -1 : 1;
}
