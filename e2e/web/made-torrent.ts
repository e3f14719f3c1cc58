import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTorrentBuilder, parseMetainfo, planCreation, toHex } from "@shoal/protocol";
import { patternBytes } from "../sample.ts";

const PIECE_BYTES = 64 * 1024;

/** A torrent of files in a folder of its name, and what they hold. */
export interface MadeTorrent {
  readonly name: string;
  /** Base64, as the API takes it. */
  readonly torrentFile: string;
  readonly bytes: Uint8Array;
  readonly infoHash: string;
  /** Puts the files below a folder. */
  write(folder: string): Promise<void>;
}

/** @param lengths Of the files, by their names. */
export function makeTorrent(name: string, lengths: Readonly<Record<string, number>>): MadeTorrent {
  const files = Object.entries(lengths).map(([path, lengthBytes]) => ({
    path: path.split("/"),
    lengthBytes,
  }));
  const plan = planCreation(files, { name, version: "v1", pieceLengthBytes: PIECE_BYTES });
  const space = new Uint8Array(plan.spaceBytes);
  const contents = plan.files.map((file, index) => {
    const content = patternBytes(file.lengthBytes, index + name.length);
    space.set(content, file.offsetBytes);
    return content;
  });
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const bytes = space.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    builder.addPiece(piece, { sha1: createHash("sha1").update(bytes).digest() });
  }
  const bytes = builder.build({ isPrivate: true });
  return {
    ...{ name, bytes },
    torrentFile: Buffer.from(bytes).toString("base64"),
    infoHash: toHex(parseMetainfo(bytes).v1!.infoHash),
    async write(folder) {
      for (const [index, { path }] of plan.files.entries()) {
        const file = join(folder, name, ...path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, contents[index]!);
      }
    },
  };
}
