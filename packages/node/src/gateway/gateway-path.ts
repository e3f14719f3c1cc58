import { piecesRootOfCid } from "./cid.ts";

/** Where the gateway is. */
export const GATEWAY_PREFIX = "/content";
/** The longest path that a torrent can have is shorter. */
const MAX_PATH_LENGTH = 32 * 1024;
const INFO_HASH = /^(?:[\da-f]{40}|[\da-f]{64})$/i;

/** What a path of the gateway means. */
export type GatewayTarget =
  | { readonly kind: "notice" }
  /** @property path Below the torrent's root folder; a file, a folder, or the torrent itself when empty. */
  | { readonly kind: "torrent"; readonly infoHash: string; readonly path: readonly string[] }
  | { readonly kind: "file"; readonly piecesRoot: Uint8Array };

/**
 * Reads `/content/{infohash or CID}/{path}`. Components are compared with those of the torrent and are never joined to a path of
 * this machine; those that could only mean harm are refused all the same.
 * @param path Percent-encoded, without the query.
 * @returns Null for what names nothing.
 */
export function parseGatewayPath(path: string): GatewayTarget | null {
  if (path.length > MAX_PATH_LENGTH) return null;
  const rest = path.slice(GATEWAY_PREFIX.length).split("/").slice(1);
  if (rest.at(-1) === "") rest.pop();
  const [name, ...components] = rest.map(decodeComponent);
  if (name === undefined) return { kind: "notice" };
  if (name === null || !components.every((component) => component !== null)) return null;
  if (INFO_HASH.test(name)) {
    return { kind: "torrent", infoHash: name.toLowerCase(), path: components };
  }
  const piecesRoot = piecesRootOfCid(name);
  return piecesRoot === null || components.length > 0 ? null : { kind: "file", piecesRoot };
}

/** The path of a file or folder in the gateway, percent-encoded. */
export function gatewayPath(infoHash: string, path: readonly string[]): string {
  const components = path.map((each) => encodeURIComponent(each.toWellFormed()));
  return [GATEWAY_PREFIX, infoHash, ...components].join("/");
}

function decodeComponent(encoded: string): string | null {
  try {
    const component = decodeURIComponent(encoded);
    const isHarmless = !["", ".", ".."].includes(component) && !/[/\\\0]/.test(component);
    return isHarmless ? component : null;
  } catch {
    return null;
  }
}
