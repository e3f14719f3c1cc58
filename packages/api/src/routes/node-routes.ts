import { z } from "zod";
import { bytes, dateMs, nothing } from "../schemas/primitives.ts";
import { feed, feedItem, logEntry, speedPoint, transfer } from "../schemas/transfer.ts";
import { category } from "../schemas/torrent.ts";
import { settings, settingsChange } from "../settings/settings.ts";
import type { RouteShape } from "./route.ts";

const feedChange = feed
  .pick({ category: true, intervalS: true, filter: true, addPaused: true, isOn: true })
  .partial();
const feedPath = z.object({ id: z.coerce.number().int() });

export const NODE_ROUTES = {
  getNode: {
    summary: "What is running, and where it keeps things",
    answer: z.object({
      version: z.string(),
      startedAtMs: dateMs,
      dataFolder: z.string(),
      downloadFolder: z.string(),
      memoryBytes: bytes,
      isFirstRun: z
        .boolean()
        .meta({ description: "Nobody has been through the guided start, or ended it" }),
      chain: z
        .object({ network: z.string(), isPlayMoney: z.boolean(), rpcUrl: z.string().nullable() })
        .nullable(),
    }),
  },
  getSettings: {
    summary: "The whole configuration, and which settings wait for a restart",
    answer: z.object({ settings, waitingForRestart: z.array(z.string()) }),
  },
  changeSettings: {
    summary: "Change some settings; what is absent stays",
    body: settingsChange,
    answer: z.object({ settings, waitingForRestart: z.array(z.string()) }),
  },
  getLog: {
    summary: "What was logged, oldest first",
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      level: logEntry.shape.level.default("info"),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    answer: z.object({ entries: z.array(logEntry) }),
  },
  makeBackup: {
    summary: "Write the whole node's state into one file, payload apart",
    body: z.object({ path: z.string().max(4096) }),
    answer: z.object({ path: z.string(), lengthBytes: bytes }),
  },
  importTorrents: {
    summary: "Take over torrents, progress and categories of another client",
    body: z.object({
      from: z.enum(["qbittorrent", "transmission"]),
      folder: z.string().max(4096),
      dryRun: z.boolean().default(false),
    }),
    answer: z.object({
      added: z.int(),
      known: z.int(),
      failed: z.array(
        z.object({ name: z.string(), error: z.string(), code: z.string().nullable() }),
      ),
    }),
  },
  streamEvents: {
    summary: "Server-sent events: see `events`",
    query: z.object({
      topics: z.string().max(500).optional().meta({
        description:
          "torrents, transfer, log, wallet, trading, sample; separated by commas; all when absent",
      }),
    }),
    answer: "events",
  },

  getTransfer: { summary: "Rates, limits and counts of the session", answer: transfer },
  getSpeedHistory: {
    summary: "Rates over time, kept by the daemon",
    query: z.object({
      fromMs: z.coerce.number().min(0).optional(),
      points: z.coerce.number().int().min(2).max(2000).default(300),
    }),
    answer: z.object({ stepMs: z.number(), points: z.array(speedPoint) }),
  },
  listCategories: {
    summary: "Categories with their limits",
    answer: z.object({ categories: z.array(category) }),
  },
  setCategory: {
    summary: "Make a category, or change it",
    path: z.object({ name: z.string().min(1).max(200) }),
    body: category.omit({ name: true, torrents: true }).partial(),
    answer: category,
  },
  removeCategory: {
    summary: "Remove a category; its torrents stay",
    path: z.object({ name: z.string().min(1).max(200) }),
    answer: nothing,
  },
  listFeeds: { summary: "RSS feeds", answer: z.object({ feeds: z.array(feed) }) },
  addFeed: {
    summary: "Add an RSS feed",
    body: feedChange.extend({ url: z.url().max(2048) }),
    answer: feed,
  },
  changeFeed: { summary: "Change an RSS feed", path: feedPath, body: feedChange, answer: feed },
  removeFeed: { summary: "Remove an RSS feed", path: feedPath, answer: nothing },
  listFeedItems: {
    summary: "What a feed has told lately",
    path: feedPath,
    answer: z.object({ items: z.array(feedItem) }),
  },
} as const satisfies Record<string, RouteShape>;
