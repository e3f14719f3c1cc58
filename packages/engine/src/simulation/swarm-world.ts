import { createHash } from "node:crypto";
import {
  BLOCK_LENGTH_BYTES,
  createTorrentBuilder,
  type CreationFile,
  type Metainfo,
  parseMetainfo,
  pieceToHash,
  planCreation,
  type TorrentVersion,
} from "@shoal/protocol";
import { createContent, type HostOptions, type SimHost, type SimWorld } from "@shoal/runtime/sim";
import { createSession } from "../session/create-session.ts";
import type { Session, SessionOptions } from "../session/session.ts";
import type { TorrentOptions } from "../torrent/options.ts";
import type { Torrent } from "../torrent/torrent.ts";

/** A torrent with made-up content, for simulated swarms. */
export interface SampleTorrent {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  /** One per file of the metainfo. */
  readonly contents: readonly Uint8Array[];
}

/** Makes a torrent of files of these lengths, whose content depends on the seed alone. */
export function sampleTorrent(options: {
  version: TorrentVersion;
  pieceLengthBytes: number;
  fileLengths: readonly number[];
  seed?: number;
  /** Trackers, and whether it is private. */
  details?: Parameters<ReturnType<typeof createTorrentBuilder>["build"]>[0];
}): SampleTorrent {
  const { version, pieceLengthBytes, fileLengths, seed = 1 } = options;
  const isSingle = fileLengths.length === 1;
  const files: CreationFile[] = fileLengths.map((lengthBytes, index) => ({
    path: isSingle ? [] : [`file-${index}.bin`],
    lengthBytes,
  }));
  const plan = planCreation(files, { name: "sample", version, pieceLengthBytes });
  const space = new Uint8Array(plan.spaceBytes);
  const contents = plan.files.map((file, index) => {
    const content = createContent(seed * 1000 + index, file.lengthBytes);
    space.set(content, file.offsetBytes);
    return content;
  });
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const { offsetBytes, sha1LengthBytes, leavesLengthBytes } = pieceToHash(plan, piece);
    builder.addPiece(piece, {
      ...(sha1LengthBytes === null
        ? {}
        : { sha1: sha1(space.subarray(offsetBytes, offsetBytes + sha1LengthBytes)) }),
      ...(leavesLengthBytes === null
        ? {}
        : { leaves: leavesOf(space.subarray(offsetBytes, offsetBytes + leavesLengthBytes)) }),
    });
  }
  const bytes = builder.build(options.details ?? {});
  return { bytes, metainfo: parseMetainfo(bytes), contents };
}

export const DATA_DIR = "/data";

/** Puts a sample's files on a host's disk. */
export function placeContent(host: SimHost, sample: SampleTorrent, dir = DATA_DIR): void {
  sample.metainfo.files.forEach((file, index) => {
    host.files.write([dir, ...file.path].join("/"), sample.contents[index]!);
  });
}

/** Whether a host's disk holds all of a sample's files, byte for byte. */
export function holdsContent(host: SimHost, sample: SampleTorrent, dir = DATA_DIR): boolean {
  return sample.metainfo.files.every((file, index) => {
    return host.files.holds([dir, ...file.path].join("/"), sample.contents[index]!);
  });
}

/** A host of the simulated world that runs a session with one torrent. */
export interface Node {
  readonly host: SimHost;
  readonly session: Session;
  readonly torrent: Torrent;
}

/** Starts a session with one torrent on a new host; a seed has the content already. */
export async function startNode(
  world: SimWorld,
  init: {
    host: HostOptions | SimHost;
    sample: SampleTorrent;
    source?: SampleTorrent["bytes"] | string;
    seed?: boolean;
    session?: Partial<SessionOptions>;
    torrent?: Partial<TorrentOptions>;
  },
): Promise<Node> {
  const host = "files" in init.host ? init.host : world.host(init.host);
  if (init.seed === true) placeContent(host, init.sample);
  const session = await world.complete(
    createSession({ runtime: host, port: 6881, host: host.address, ...init.session }),
  );
  const torrent = await session.add(init.source ?? init.sample.bytes, {
    dir: DATA_DIR,
    ...init.torrent,
  });
  if (init.seed === true) await world.complete(torrent.whenComplete());
  return { host, session, torrent };
}

/** Where a node's peers reach it. */
export function endpointOf({ host, session }: Node): { address: string; port: number } {
  return { address: host.address, port: session.port };
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

function leavesOf(bytes: Uint8Array): Uint8Array {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_LENGTH_BYTES) {
    leaves.push(
      createHash("sha256")
        .update(bytes.subarray(at, at + BLOCK_LENGTH_BYTES))
        .digest(),
    );
  }
  return Buffer.concat(leaves);
}
