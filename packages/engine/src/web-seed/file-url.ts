import type { Metainfo } from "@shoal/protocol";

/**
 * Where a web seed has one of a torrent's files (BEP 19). The URL of a torrent with one file names the
 * file, or with a slash at its end the folder that it lies in; that of a torrent with a root folder
 * names what the root folder lies in, whether a slash ends it or not.
 * @returns null when that is no URL.
 */
export function webSeedFileUrl(
  webSeed: string,
  { files }: Pick<Metainfo, "files">,
  fileIndex: number,
): URL | null {
  const path = files[fileIndex]!.rawPath;
  const isSingle = files.length === 1 && path.length === 1;
  if (isSingle && !webSeed.endsWith("/")) return URL.parse(webSeed);
  const base = webSeed.endsWith("/") ? webSeed : `${webSeed}/`;
  return URL.parse(base + path.map(encodeComponent).join("/"));
}

/** Names are sent as UTF-8; whatever else a torrent gave was replaced when it was read. */
function encodeComponent(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
