import { createHash } from "node:crypto";
import {
  createTorrentBuilder,
  type Metainfo,
  parseMetainfo,
  pieceToHash,
  planCreation,
  type TorrentDetails,
} from "@shoal/protocol";
import { createContent } from "@shoal/runtime/sim";

/** A v1 torrent with made-up content. */
export interface SampleTorrent {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  readonly infoHash: string;
  /** One per file. */
  readonly contents: readonly Uint8Array[];
}

const PIECE_BYTES = 64 * 1024;

/** Makes a torrent of files of these lengths in a folder of its name; content and infohash depend on the seed alone. */
export function sampleTorrent(
  seed: number,
  fileLengths: readonly number[] = [3 * PIECE_BYTES, 1000],
  details: TorrentDetails = {},
): SampleTorrent {
  const files = fileLengths.map((lengthBytes, index) => ({
    path: [`file-${index}.mp4`],
    lengthBytes,
  }));
  const name = `sample ${seed}`;
  const plan = planCreation(files, { name, version: "v1", pieceLengthBytes: PIECE_BYTES });
  const space = new Uint8Array(plan.spaceBytes);
  const contents = plan.files.map((file, index) => {
    const content = createContent(seed * 1000 + index, file.lengthBytes);
    space.set(content, file.offsetBytes);
    return content;
  });
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const { offsetBytes, sha1LengthBytes } = pieceToHash(plan, piece);
    const bytes = space.subarray(offsetBytes, offsetBytes + sha1LengthBytes!);
    builder.addPiece(piece, { sha1: createHash("sha1").update(bytes).digest() });
  }
  const bytes = builder.build(details);
  const metainfo = parseMetainfo(bytes);
  return {
    bytes,
    metainfo,
    contents,
    infoHash: Buffer.from(metainfo.v1!.infoHash).toString("hex"),
  };
}
