import assert from "node:assert/strict";
import { type Bencodable, encodeBencode } from "../bencode/encode-bencode.ts";
import { MetainfoError } from "../errors.ts";
import { parseMetainfo } from "../metainfo/parse-metainfo.ts";

export const K16 = 16 * 1024;

export type Info = Record<string, Bencodable | undefined>;

/** A v1 info dictionary of one small file, for tests to bend. */
export const v1Info: Info = {
  length: 100,
  name: "a.txt",
  "piece length": K16,
  pieces: "x".repeat(20),
};
export const root32 = "r".repeat(32);
/** A file of a `file tree`. */
export const leaf = (length: number): Bencodable => ({ "": { length, "pieces root": root32 } });
/** The same file in v2. */
export const v2Info: Info = {
  "file tree": { "a.txt": leaf(100) },
  "meta version": 2,
  name: "a.txt",
  "piece length": K16,
};

/** Parses a torrent of this info dictionary. */
export const parse = (info: Info, rest: Info = {}) =>
  parseMetainfo(encodeBencode({ ...rest, info }));
/** Parses a v1 torrent of these files. */
export const parseFiles = (files: Bencodable[], pieces = 1) =>
  parse({ ...v1Info, length: undefined, files, pieces: "x".repeat(20 * pieces) });

/** Asserts that a torrent is refused with this code and field. */
export function refuses(info: Info, code: MetainfoError["code"], field: string, rest?: Info): void {
  assert.throws(
    () => parse(info, rest),
    (error) => {
      assert.ok(error instanceof MetainfoError, String(error));
      assert.deepEqual([error.code, error.field], [code, field], error.message);
      return true;
    },
  );
}
