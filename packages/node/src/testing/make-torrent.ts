import { createHash } from "node:crypto";
import {
  BLOCK_LENGTH_BYTES,
  createTorrentBuilder,
  hashBlock,
  type Metainfo,
  parseMetainfo,
  pieceToHash,
  planCreation,
  type TorrentDetails,
  type TorrentVersion,
} from "@shoal/protocol";

/** A torrent of given files. */
export interface MadeTorrent {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  readonly infoHash: string;
  /** Where its files go below the download folder, and what is in them. */
  readonly files: readonly { readonly path: readonly string[]; readonly content: Uint8Array }[];
}

/** Makes a torrent of these files, in a folder of its name where there are several, with pieces of 64 KiB. */
export function makeTorrent(
  files: readonly { readonly path: readonly string[]; readonly content: Uint8Array }[],
  options: {
    readonly version?: TorrentVersion;
    readonly name?: string;
    readonly details?: TorrentDetails;
  } = {},
): MadeTorrent {
  const { version = "hybrid", name = "sample", details = {} } = options;
  const plan = planCreation(
    files.map(({ path, content }) => ({ path, lengthBytes: content.length })),
    { name, version, pieceLengthBytes: 64 * 1024 },
  );
  const space = new Uint8Array(plan.spaceBytes);
  for (const file of plan.files) {
    const own = files.find(({ path }) =>
      path.every((part, at) => part === file.path.at(at - path.length)),
    );
    space.set(own!.content, file.offsetBytes);
  }
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const { offsetBytes, sha1LengthBytes, leavesLengthBytes } = pieceToHash(plan, piece);
    const bytes = (lengthBytes: number) => space.subarray(offsetBytes, offsetBytes + lengthBytes);
    builder.addPiece(piece, {
      ...(sha1LengthBytes !== null && {
        sha1: createHash("sha1").update(bytes(sha1LengthBytes)).digest(),
      }),
      ...(leavesLengthBytes !== null && { leaves: leavesOf(bytes(leavesLengthBytes)) }),
    });
  }
  const bytes = builder.build(details);
  const metainfo = parseMetainfo(bytes, { fileNames: "posix" });
  const { infoHash } = metainfo.v1 ?? metainfo.v2!;
  const placed = metainfo.files.map(({ path, offsetBytes, lengthBytes }) => {
    return { path, content: space.slice(offsetBytes, offsetBytes + lengthBytes) };
  });
  return { bytes, metainfo, infoHash: Buffer.from(infoHash).toString("hex"), files: placed };
}

function leavesOf(bytes: Uint8Array): Uint8Array {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_LENGTH_BYTES) {
    leaves.push(hashBlock(bytes.subarray(at, at + BLOCK_LENGTH_BYTES)));
  }
  return Buffer.concat(leaves);
}
