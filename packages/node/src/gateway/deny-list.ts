import { createHash } from "node:crypto";
import { toHex } from "@shoal/protocol";
import { cidOfPiecesRoot, piecesRootOfCid } from "./cid.ts";

/** What a request to the gateway is about: any of these may be denied. */
export interface ContentNames {
  /** Infohashes in hex: v1, and v2 whole. */
  readonly infoHashes: readonly string[];
  /** Of the one file that is asked for; null for a folder, and for files without one. */
  readonly piecesRoot: Uint8Array | null;
}

const NAME = /^[\w:/=?&.%+*-]{1,300}$/;
const INFO_HASH = /^(?:[\da-f]{40}|[\da-f]{64})$/i;

/** Infohashes and files that are not served. */
export class DenyList {
  /** Infohashes and pieces roots in hex. */
  readonly #names = new Set<string>();
  /** SHA-256 in hex of `CID/`, so that a list can be handed on without telling what is on it. */
  readonly #hashes = new Set<string>();

  get size(): number {
    return this.#names.size + this.#hashes.size;
  }

  /**
   * Takes one line of a list: an infohash in hex, a magnet link, a CID (also behind `/ipfs/`), or `//` and a hash of
   * the form of IPFS's lists (https://badbits.dwebops.pub): the SHA-256 of the CID in base 32 and a slash.
   * @returns False when it means nothing to this gateway; null for comments and empty lines.
   */
  add(line: string): boolean | null {
    // What stands behind white space is a hint.
    const [text = ""] = line.trim().split(/\s/, 1);
    if (text === "" || text.startsWith("#")) return null;
    const hash = /^\/\/([\da-f]{64})$/i.exec(text)?.[1];
    if (hash !== undefined) {
      this.#hashes.add(hash.toLowerCase());
      return true;
    }
    if (!NAME.test(text)) return false;
    const name = text.replace(/^\/?(?:ipfs|content)\//, "").replace(/\/\*?$/, "");
    const magnet = /\bxt=urn:bt(?:ih|mh):(?:1220)?([\da-f]{40,64})\b/i.exec(name)?.[1];
    const infoHash = magnet ?? name;
    if (INFO_HASH.test(infoHash)) {
      this.#names.add(infoHash.toLowerCase());
      return true;
    }
    const root = piecesRootOfCid(name);
    if (root === null) return false;
    this.#names.add(toHex(root));
    return true;
  }

  /** Whether any of the names is denied. */
  denies({ infoHashes, piecesRoot }: ContentNames): boolean {
    if (this.size === 0) return false;
    if (infoHashes.some((infoHash) => this.#names.has(infoHash) || this.#has(infoHash)))
      return true;
    if (piecesRoot === null) return false;
    return this.#names.has(toHex(piecesRoot)) || this.#has(cidOfPiecesRoot(piecesRoot));
  }

  #has(name: string): boolean {
    if (this.#hashes.size === 0) return false;
    return this.#hashes.has(createHash("sha256").update(`${name}/`).digest("hex"));
  }
}
