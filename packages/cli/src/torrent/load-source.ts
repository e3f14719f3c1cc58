import { readFile, stat } from "node:fs/promises";
import process from "node:process";
import {
  BENCODE_LIMITS,
  fromHex,
  type Magnet,
  type Metainfo,
  parseMagnet,
  parseMetainfo,
  ProtocolError,
} from "@shoal/protocol";
import type { Http } from "@shoal/runtime";
import { CliError } from "../errors.ts";
import { toFileError } from "../process/file-error.ts";
import { toPlainText } from "../output/format.ts";
import { fetchTorrent } from "./fetch-torrent.ts";

/** The largest torrent file that is read or fetched: the parser takes no more. */
const MAX_TORRENT_FILE_BYTES = BENCODE_LIMITS.torrent.lengthBytes;

/** What names a torrent on the command line, read. */
export type TorrentSource =
  | { readonly kind: "torrent"; readonly metainfo: Metainfo }
  | { readonly kind: "magnet"; readonly magnet: Magnet };

/**
 * Reads what names a torrent: a torrent file, a magnet link, an infohash in hex, or (given `http`) the address of
 * a torrent file.
 * @throws {CliError} `not-found`, `file-failed`, `fetch-failed` or `bad-torrent`.
 * @throws {MagnetError} when a magnet link cannot be read.
 */
export async function loadSource(
  source: string,
  options: { readonly http?: Http; readonly signal?: AbortSignal } = {},
): Promise<TorrentSource> {
  if (/^magnet:/i.test(source)) return { kind: "magnet", magnet: parseMagnet(source) };
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(source)) {
    return { kind: "magnet", magnet: magnetOf(fromHex(source)) };
  }
  if (options.http !== undefined && /^https?:\/\//i.test(source)) {
    const bytes = await fetchTorrent(source, {
      ...options,
      http: options.http,
      maxBytes: MAX_TORRENT_FILE_BYTES,
    });
    return { kind: "torrent", metainfo: readTorrent(bytes, source) };
  }
  return { kind: "torrent", metainfo: await loadTorrentFile(source) };
}

/**
 * Reads a torrent file.
 * @throws {CliError} `not-found`, `file-failed` or `bad-torrent`.
 */
export async function loadTorrentFile(path: string): Promise<Metainfo> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_TORRENT_FILE_BYTES) {
      throw new CliError(
        "bad-torrent",
        `${path} has ${size} bytes, but torrent files have at most ${MAX_TORRENT_FILE_BYTES}: name the torrent file, not its content`,
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof CliError ? error : toFileError(error, "read", path);
  }
  return readTorrent(bytes, path);
}

function readTorrent(bytes: Uint8Array, from: string): Metainfo {
  try {
    // Files that already lie on a POSIX system keep the names that they have there.
    const fileNames = process.platform === "win32" ? "portable" : "posix";
    return parseMetainfo(bytes, { fileNames });
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new CliError(
      "bad-torrent",
      `${from} is not a usable torrent file: ${toPlainText(cause.message)}`,
      { cause },
    );
  }
}

function magnetOf(infoHash: Uint8Array): Magnet {
  const isV1 = infoHash.length === 20;
  return {
    infoHashV1: isV1 ? infoHash : null,
    infoHashV2: isV1 ? null : infoHash,
    name: null,
    trackers: [],
    webSeeds: [],
    peers: [],
    selectOnly: null,
  };
}
