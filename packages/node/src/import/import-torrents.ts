import { isAbsolute } from "node:path";
import type { Answer, Sent } from "@shoal/api";
import { keepProgress } from "@shoal/engine";
import { infoHashHex, type Magnet, type Metainfo } from "@shoal/protocol";
import type { Store } from "@shoal/runtime";
import type { LocalFiles } from "../local-files/local-files.ts";
import type { TorrentTags } from "../remote/torrent-tags.ts";
import type { Torrents } from "../torrents/torrents.ts";
import { believeProgress } from "./believe-progress.ts";
import { describeFailure } from "./import-failure.ts";
import type { ImportedTorrent } from "./imported-torrent.ts";
import { readQbittorrent } from "./read-qbittorrent.ts";
import { readTransmission } from "./read-transmission.ts";

export interface ImportInit {
  readonly torrents: Torrents;
  readonly tags: TorrentTags;
  readonly files: LocalFiles;
  /** The store that the torrents' session keeps its progress in. */
  readonly store: Store;
}

type Report = Answer<"importTorrents">;

/**
 * Takes over another client's torrents: where their files lie, how far they are, categories, tags, limits and the order of the
 * queue. Nothing in the other client's folder is changed, and neither are the torrents' files. What it says is verified
 * is believed as far as lengths and times of files allow, and hashed otherwise.
 * @throws {DiskError} when the folder is not there; {RangeError} when its path is not whole.
 */
export async function importTorrents(
  { from, folder, dryRun = false }: Sent<"importTorrents">,
  init: ImportInit,
): Promise<Report> {
  if (!isAbsolute(folder)) throw new RangeError("folder: expected a path from the root.");
  const read = from === "qbittorrent" ? readQbittorrent : readTransmission;
  const { torrents, categories, failed } = await read(init.files, folder);
  const report: Report = { added: 0, known: 0, failed: [...failed] };
  if (!dryRun) {
    for (const { name, folder: path } of categories) {
      // What is here already counts.
      const isNew = init.torrents.categories.get(name) === undefined;
      if (isNew) await init.torrents.setCategory(name, { folder: path });
    }
  }
  for (const torrent of torrents.toSorted((a, b) => a.place - b.place)) {
    try {
      if (await importTorrent(torrent, dryRun, init)) report.added += 1;
      else report.known += 1;
    } catch (error) {
      report.failed.push(describeFailure(torrent.label, error));
    }
  }
  return report;
}

/** @returns false when it is here already. */
async function importTorrent(
  torrent: ImportedTorrent,
  dryRun: boolean,
  { torrents, tags, files, store }: ImportInit,
): Promise<boolean> {
  const parsed = await torrents.read(torrent.source);
  const infoHash = nameOf(parsed);
  if (torrents.session.find(infoHash) !== undefined) return false;
  const { folder, category } = torrent;
  if (folder === null || !isAbsolute(folder)) {
    throw new RangeError("The record does not say in which folder its files are.");
  }
  if (dryRun) return true;
  const { downloadedBytes, uploadedBytes, sequential, endsFirst, priorities } = torrent;
  if ("infoBytes" in parsed) {
    const believed = await believeProgress(torrent, parsed, folder, files);
    await keepProgress(store, infoHash, folder, {
      ...{ have: believed.have, files: believed.files, downloadedBytes, uploadedBytes },
      choices: {
        ...(priorities.length === parsed.files.length && { priorities }),
        ...(believed.names.length > 0 && { names: believed.names }),
        ...(sequential && { sequential }),
        ...(endsFirst && { endsFirst }),
      },
    });
  }
  const { paused, downloadLimit, uploadLimit, shareLimits, autoManaged, webSeeds } = torrent;
  const added = await torrents.add({
    ...{ source: parsed, folder, paused, downloadLimit, uploadLimit, shareLimits, autoManaged },
    ...{ webSeeds, trackers: torrent.trackers.flat() },
    ...(category !== null && { category }),
    ...(!("infoBytes" in parsed) && { sequential, endsFirst }),
  });
  if (torrent.superSeeding) added.setSuperSeeding(true);
  if (torrent.tags.length > 0) await tags.set(added.infoHash, torrent.tags.map(toTag));
  return true;
}

function nameOf(parsed: Metainfo | Magnet): string {
  const hash =
    "infoBytes" in parsed
      ? (parsed.v1?.infoHash ?? parsed.v2?.infoHash)
      : (parsed.infoHashV1 ?? parsed.infoHashV2);
  return infoHashHex(hash!);
}

/** A comma parts tags in lists, and control characters are no name. */
function toTag(label: string): string {
  return label.replace(/[,\p{Cc}]/gu, " ").slice(0, 200);
}
