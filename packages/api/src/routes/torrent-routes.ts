import { z } from "zod";
import { infoHash, nothing } from "../schemas/primitives.ts";
import {
  inspected,
  peer,
  pieces,
  torrentAction,
  torrentAddition,
  torrentChange,
  torrentDetail,
  torrentFile,
  torrentSource,
  torrentState,
  torrentSummary,
  tracker,
  webSeed,
} from "../schemas/torrent.ts";
import type { RouteShape } from "./route.ts";

/** A torrent file of 10 MB in base64, and what stands around it. */
const MAX_SOURCE_BYTES = 15 * 2 ** 20;

const one = z.object({ infoHash });
const file = one.extend({ index: z.coerce.number().int().min(0) });
const flag = z.stringbool().default(false);

export const TORRENT_ROUTES = {
  listTorrents: {
    summary: "Torrents, a page at a time",
    query: z.object({
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      sort: z
        .enum([
          "queuePosition",
          "name",
          "sizeBytes",
          "progress",
          "downloadRate",
          "uploadRate",
          "ratio",
          "addedAtMs",
          "etaS",
          "state",
        ])
        .default("queuePosition"),
      order: z.enum(["asc", "desc"]).default("asc"),
      state: torrentState.optional(),
      category: z.string().max(200).optional(),
      search: z.string().max(200).optional(),
    }),
    answer: z.object({ total: z.int(), torrents: z.array(torrentSummary) }),
  },
  addTorrent: {
    summary: "Add a torrent",
    body: torrentAddition,
    answer: torrentSummary,
    maxBodyBytes: MAX_SOURCE_BYTES,
  },
  inspectSource: {
    summary: "Say what a source holds, adding nothing",
    body: torrentSource,
    answer: inspected,
    maxBodyBytes: MAX_SOURCE_BYTES,
  },
  actOnTorrents: {
    summary: "Do something to several torrents",
    body: z.object({
      infoHashes: z.array(infoHash).max(100_000).or(z.literal("all")),
      action: torrentAction,
    }),
    answer: z.object({
      done: z.int(),
      failed: z.array(z.object({ infoHash, error: z.string() })),
    }),
    maxBodyBytes: 8 * 2 ** 20,
  },
  getTorrent: { summary: "Everything about one torrent", path: one, answer: torrentDetail },
  changeTorrent: {
    summary: "Change a torrent; what is absent stays",
    path: one,
    body: torrentChange,
    answer: torrentDetail,
  },
  removeTorrent: {
    summary: "Forget a torrent",
    path: one,
    query: z.object({ deleteFiles: flag }),
    answer: nothing,
  },
  moveTorrent: {
    summary: "Move a torrent's files to another folder; the answer comes when the move has begun",
    path: one,
    body: z.object({ folder: z.string().min(1).max(4096) }),
    answer: nothing,
  },
  exportTorrent: { summary: "Its torrent file", path: one, answer: "bytes" },
  getPieces: {
    summary: "Which pieces are here, and how many peers have each",
    path: one,
    answer: pieces,
  },
  listFiles: { summary: "Its files", path: one, answer: z.object({ files: z.array(torrentFile) }) },
  changeFiles: {
    summary: "Say how much files are wanted: 0 skips, 4 is normal, 7 comes first",
    path: one,
    body: z.object({
      files: z.array(z.int().min(0)).min(1).max(100_000),
      priority: z.int().min(0).max(7),
    }),
    answer: z.object({ files: z.array(torrentFile) }),
    maxBodyBytes: 2 ** 20,
  },
  renameFile: {
    summary: "Rename a file below the torrent's folder",
    path: file,
    body: z.object({ path: z.string().min(1).max(4096) }),
    answer: nothing,
  },
  getContent: {
    summary: "A file's bytes, while it downloads: ranges are fetched first",
    path: file,
    answer: "bytes",
  },
  listPeers: {
    summary: "Its connected peers",
    path: one,
    answer: z.object({ peers: z.array(peer) }),
  },
  addPeers: {
    summary: "Connect to peers",
    path: one,
    body: z.object({ peers: z.array(z.string().max(300)).min(1).max(200) }),
    answer: nothing,
  },
  listTrackers: {
    summary: "Its trackers",
    path: one,
    answer: z.object({ trackers: z.array(tracker) }),
  },
  addTracker: {
    summary: "Add a tracker",
    path: one,
    body: z.object({ url: z.string().max(2048) }),
    answer: nothing,
  },
  listWebSeeds: {
    summary: "Its web seeds (BEP 19)",
    path: one,
    answer: z.object({ webSeeds: z.array(webSeed) }),
  },
  addWebSeed: {
    summary: "Add a web seed",
    path: one,
    body: z.object({ url: z.string().max(2048) }),
    answer: nothing,
  },
  removeWebSeed: {
    summary: "Remove a web seed",
    path: one,
    query: z.object({ url: z.string().max(2048) }),
    answer: nothing,
  },
} as const satisfies Record<string, RouteShape>;
