import { join } from "node:path";
import type { ShareLimits } from "@shoal/engine";
import type { BencodeDictionary, BencodeValue } from "@shoal/protocol";
import type { LocalFiles } from "../local-files/local-files.ts";
import { describeFailure, type ImportFailure } from "./import-failure.ts";
import type { ImportedFolder, ImportedTorrent } from "./imported-torrent.ts";
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
/** Priorities of files, from low to high. */
const PRIORITIES: Readonly<Record<number, number>> = { [-1]: 1, 0: 4, 1: 6 };

/**
 * Reads Transmission's folder of settings: `torrents` with torrent files and magnet links, `resume` with a record of the
 * same name for each.
 * @throws {DiskError} when there is no such folder.
 * @see Transmission 3.00 and 4.0, libtransmission/resume.cc
 */
export async function readTransmission(files: LocalFiles, folder: string): Promise<ImportedFolder> {
  const names = await files.list(join(folder, "torrents"), MAX_FILES);
  const torrents: ImportedTorrent[] = [];
  const failed: ImportFailure[] = [];
  for (const name of names) {
    if (!/\.(?:torrent|magnet)$/.test(name)) continue;
    try {
      torrents.push(await readTorrent(files, folder, name));
    } catch (error) {
      failed.push(describeFailure(name, error));
    }
  }
  return { torrents, categories: [], failed };
}

async function readTorrent(
  files: LocalFiles,
  folder: string,
  name: string,
): Promise<ImportedTorrent> {
  const label = withoutExtension(name);
  const bytes = await files.read(join(folder, "torrents", name), MAX_FILE_BYTES);
  const source = name.endsWith(".magnet") ? Buffer.from(bytes).toString("utf8").trim() : bytes;
  const resume = withUnderscores(
    await readDictionary(files, join(folder, "resume", `${label}.resume`)),
  );
  const group = resume.text("group") ?? "";
  return {
    label: resume.text("name") ?? label,
    source,
    folder: resume.text("destination") ?? null,
    paused: flag(resume, "paused"),
    category: group === "" ? null : group,
    tags: texts(resume.list("labels")),
    downloadLimit: readLimit(inner(resume, "speed_limit_down")),
    uploadLimit: readLimit(inner(resume, "speed_limit_up")),
    shareLimits: readShareLimits(resume),
    autoManaged: true,
    sequential: flag(resume, "sequential_download") || flag(resume, "sequentialDownload"),
    endsFirst: false,
    superSeeding: false,
    priorities: readPriorities(resume),
    paths: texts(resume.list("files")).map((path) => path.split("/")),
    trackers: [],
    webSeeds: [],
    downloadedBytes: count(resume, "downloaded"),
    uploadedBytes: count(resume, "uploaded"),
    ...readProgress(resume),
    place: count(resume, "queue_position", count(resume, "added_date")),
  };
}

/** Newer versions write names with underscores. */
function withUnderscores(dictionary: BencodeDictionary): BencodeDictionary {
  for (const [name, value] of [...dictionary]) dictionary.set(name.replaceAll("-", "_"), value);
  for (const value of dictionary.values()) if (isDictionary(value)) withUnderscores(value);
  return dictionary;
}

function isDictionary(value: BencodeValue): value is BencodeDictionary {
  return value instanceof Map;
}

function readLimit(limit: BencodeDictionary | undefined): number | null {
  if (limit === undefined || !flag(limit, "use_speed_limit")) return null;
  return count(limit, "speed_Bps", count(limit, "speed") * 1000);
}

/** Modes: 0 as the session, 1 of its own, 2 none. */
function readShareLimits(resume: BencodeDictionary): ShareLimits {
  const [ratio, idle] = [inner(resume, "ratio_limit"), inner(resume, "idle_limit")];
  const limits: { ratio?: number | null; idleTimeMs?: number | null } = {};
  const ratioMode = ratio?.integer("ratio_mode") ?? 0;
  // Bencode has no fractions: the ratio is a text.
  const own = Number(ratio?.text("ratio_limit") ?? NaN);
  if (ratioMode === 2) limits.ratio = null;
  else if (ratioMode === 1 && own >= 0) limits.ratio = own;
  const idleMode = idle?.integer("idle_mode") ?? 0;
  if (idleMode === 2) limits.idleTimeMs = null;
  else if (idleMode === 1) limits.idleTimeMs = count(idle!, "idle_limit") * MINUTE_MS;
  return limits;
}

/** `dnd`, do not download, beside the priorities. */
function readPriorities(resume: BencodeDictionary): number[] {
  const skipped = integers(resume.list("dnd"));
  const levels = integers(resume.list("priority"));
  const priorities = Array.from({ length: Math.max(skipped.length, levels.length) }, (_, index) =>
    skipped[index] === 1 ? 0 : (PRIORITIES[levels[index] ?? 0] ?? 4),
  );
  return priorities.every((priority) => priority === 4) ? [] : priorities;
}

/**
 * `blocks`: a bit for each 16 KiB, or `all` or `none`. `time-checked`: for each file when its pieces were checked, one time or
 * a first one and offsets; Transmission itself believes a piece whose file was not changed since.
 */
function readProgress(resume: BencodeDictionary): Pick<ImportedTorrent, "have" | "verifiedAtMs"> {
  const progress = inner(resume, "progress");
  const bits = progress?.bytes("blocks") ?? Buffer.from("none");
  const word = Buffer.from(bits).toString("latin1");
  const verifiedAtMs = (progress?.list("time_checked") ?? []).map((time) => {
    if (typeof time === "number") return time * 1000;
    if (!Array.isArray(time)) return 0;
    const [first = 0, ...offsets] = integers(time as readonly BencodeValue[]);
    // A piece with an offset of 0 was never checked, the others are one less than written.
    return first === 0 || offsets.includes(0) ? 0 : first * 1000;
  });
  const have = word === "all" || word === "none" ? word : { unit: "block" as const, bits };
  return { have, verifiedAtMs };
}
