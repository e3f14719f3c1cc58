import { basename, dirname, join } from "node:path";
import type { ShareLimits } from "@shoal/engine";
import { type BencodeDictionary, encodeBencode, formatMagnet } from "@shoal/protocol";
import type { LocalFiles } from "../local-files/local-files.ts";
import { describeFailure, type ImportFailure } from "./import-failure.ts";
import type { ImportedCategory, ImportedFolder, ImportedTorrent } from "./imported-torrent.ts";
import {
  count,
  flag,
  inner,
  integers,
  MAX_FILE_BYTES,
  MAX_FILES,
  readDictionary,
  texts,
  withoutExtension,
} from "./resume-reading.ts";

const MINUTE_MS = 60_000;
const BACKUP = "BT_backup";
/** Priorities of files by libtorrent's numbers are the engine's. */
const MAX_PRIORITY = 7;

/**
 * Reads qBittorrent's folder: `BT_backup` with a torrent file and a record (`.fastresume`) for each torrent, and
 * `categories.json` beside it or in the folder of settings.
 * @param folder `BT_backup` or the folder that it is in.
 * @throws {DiskError} when there is no such folder.
 */
export async function readQbittorrent(files: LocalFiles, folder: string): Promise<ImportedFolder> {
  const backup = basename(folder) === BACKUP ? folder : join(folder, BACKUP);
  const names = await files.list(backup, MAX_FILES);
  const order = await readOrder(files, backup);
  const torrents: ImportedTorrent[] = [];
  const failed: ImportFailure[] = [];
  for (const name of names) {
    if (!name.endsWith(".fastresume")) continue;
    try {
      torrents.push(await readTorrent(files, join(backup, name), new Set(names), order));
    } catch (error) {
      failed.push(describeFailure(name, error));
    }
  }
  return { torrents, categories: await readCategories(files, backup), failed };
}

async function readTorrent(
  files: LocalFiles,
  path: string,
  names: ReadonlySet<string>,
  order: ReadonlyMap<string, number>,
): Promise<ImportedTorrent> {
  const label = withoutExtension(basename(path));
  const record = await readDictionary(files, path);
  const stamp = await files.stamp(path);
  const torrentName = `${label}.torrent`;
  const category = record.text("qBt-category") ?? "";
  const folder = record.text("qBt-savePath") || record.text("save_path");
  return {
    label: record.text("qBt-name") || (record.text("name") ?? label),
    source: names.has(torrentName)
      ? await files.read(join(dirname(path), torrentName), MAX_FILE_BYTES)
      : sourceOf(record),
    folder: folder ?? null,
    // Stopped by the user: paused, and not waiting in the queue.
    paused: flag(record, "paused") && !flag(record, "auto_managed"),
    category: category === "" ? null : category,
    tags: texts(record.list("qBt-tags")),
    downloadLimit: readLimit(record, "download_rate_limit"),
    uploadLimit: readLimit(record, "upload_rate_limit"),
    shareLimits: readShareLimits(record),
    autoManaged: flag(record, "auto_managed") || flag(record, "paused"),
    sequential: flag(record, "sequential_download"),
    endsFirst: flag(record, "qBt-firstLastPiecePriority"),
    superSeeding: flag(record, "super_seeding"),
    priorities: integers(record.list("file_priority")).map((priority) =>
      Math.min(MAX_PRIORITY, Math.max(0, priority)),
    ),
    paths: texts(record.list("mapped_files")).map((file) => file.split(/[/\\]/)),
    trackers: (record.list("trackers") ?? []).map((tier) =>
      Array.isArray(tier) ? texts(tier as never) : [],
    ),
    webSeeds: texts(record.list("url-list")),
    downloadedBytes: count(record, "total_downloaded"),
    uploadedBytes: count(record, "total_uploaded"),
    have: readPieces(record),
    // Nothing tells when a file was last written: what was changed after the record is not what it speaks of.
    verifiedAtMs: stamp?.modifiedMs ?? 0,
    place: order.get(label) ?? order.size + count(record, "added_time"),
  };
}

/** A torrent that was added by a link keeps its metadata in the record, once it has any. */
function sourceOf(record: BencodeDictionary): Uint8Array | string {
  const info = inner(record, "info");
  if (info !== undefined) return encodeBencode(new Map([["info", info]]));
  const v1 = readHash(record, "info-hash", 20);
  const v2 = readHash(record, "info-hash2", 32);
  if (v1 === null && v2 === null) throw new TypeError("The record names no torrent.");
  return formatMagnet({
    infoHashV1: v1,
    infoHashV2: v2,
    name: record.text("name") ?? record.text("qBt-name") ?? null,
    trackers: [],
    webSeeds: [],
  });
}

/** Zeros stand for a version that the torrent does not have. */
function readHash(record: BencodeDictionary, name: string, length: number): Uint8Array | null {
  const hash = record.bytes(name);
  return hash?.length === length && hash.some((byte) => byte !== 0) ? hash : null;
}

/** 0 and less is no limit. */
function readLimit(record: BencodeDictionary, name: string): number | null {
  const limit = record.integer(name) ?? 0;
  return limit > 0 ? limit : null;
}

/** -2 as the session, -1 none; the ratio is in thousandths, times are minutes. */
function readShareLimits(record: BencodeDictionary): ShareLimits {
  const read = (name: string, scale: number): number | null | undefined => {
    const value = record.integer(name);
    if (value === undefined || value <= -2 * (scale < 1 ? 1000 : 1)) return undefined;
    return value < 0 ? null : value * scale;
  };
  const limits: { ratio?: number | null; seedTimeMs?: number | null; idleTimeMs?: number | null } =
    {};
  const ratio = read("qBt-ratioLimit", 1 / 1000);
  const seedTimeMs = read("qBt-seedingTimeLimit", MINUTE_MS);
  const idleTimeMs = read("qBt-inactiveSeedingTimeLimit", MINUTE_MS);
  if (ratio !== undefined) limits.ratio = ratio;
  if (seedTimeMs !== undefined) limits.seedTimeMs = seedTimeMs;
  if (idleTimeMs !== undefined) limits.idleTimeMs = idleTimeMs;
  return limits;
}

/** libtorrent writes a byte for each piece, whose lowest bit says that it is here. */
function readPieces(record: BencodeDictionary): ImportedTorrent["have"] {
  const pieces = record.bytes("pieces");
  if (pieces === undefined || pieces.length === 0) return "none";
  const bits = new Uint8Array(Math.ceil(pieces.length / 8));
  pieces.forEach((byte, piece) => {
    if ((byte & 1) === 1) bits[piece >> 3]! |= 0x80 >> (piece & 7);
  });
  return { unit: "piece", bits };
}

/** The file `queue`: infohashes, one a line. */
async function readOrder(files: LocalFiles, backup: string): Promise<ReadonlyMap<string, number>> {
  const order = new Map<string, number>();
  try {
    for await (const batch of files.lines(join(backup, "queue"), MAX_FILE_BYTES)) {
      for (const line of batch) order.set(line.trim(), order.size);
    }
  } catch {
    // Without queueing there is none.
  }
  return order;
}

/** Beside the backup, or where settings lie by the XDG folders. */
async function readCategories(
  files: LocalFiles,
  backup: string,
): Promise<readonly ImportedCategory[]> {
  const data = dirname(backup);
  const config = join(data, "..", "..", "..", ".config", basename(data));
  for (const folder of [data, join(data, "config"), join(data, "..", "config"), config]) {
    try {
      const json = await files.read(join(folder, "categories.json"), MAX_FILE_BYTES);
      return parseCategories(Buffer.from(json).toString("utf8"));
    } catch {
      // Looked for in the next place.
    }
  }
  return [];
}

function parseCategories(json: string): ImportedCategory[] {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, options]) => {
    const { save_path: path } = (options ?? {}) as { save_path?: unknown };
    return { name, folder: typeof path === "string" && path !== "" ? path : null };
  });
}
