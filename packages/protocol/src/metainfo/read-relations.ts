import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { toTexts } from "./fields.ts";
import type { Metainfo } from "./metainfo.ts";

/** More relations than this are ignored: they are hints, each compared with every torrent of a session. */
const MAX_RELATIONS = 100;

/**
 * What a torrent says of others that share files with it, in its info dictionary or beside it; what
 * cannot be read is left out.
 * @see BEP 38
 */
export function readRelations(
  dictionary: BencodeDictionary,
): Pick<Metainfo, "similar" | "collections"> {
  const similar = (dictionary.list("similar") ?? []).filter(
    (item): item is Uint8Array => item instanceof Uint8Array && item.length === 20,
  );
  const collections = toTexts(dictionary.get("collections")) ?? [];
  return {
    similar: similar.slice(0, MAX_RELATIONS),
    collections: collections.slice(0, MAX_RELATIONS),
  };
}
