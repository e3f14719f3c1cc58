import { z } from "zod";
import { bytes, dateMs, rateLimit } from "./primitives.ts";

/** The session at a glance; also what the event `transfer` carries each second. */
export const transfer = z.object({
  downloadRate: z.number(),
  uploadRate: z.number(),
  downloadLimit: rateLimit,
  uploadLimit: rateLimit,
  downloadedBytes: bytes.meta({ description: "Payload of this run" }),
  uploadedBytes: bytes,
  freeDiskBytes: bytes.nullable().meta({ description: "Where downloads go by default" }),
  torrents: z.int(),
  active: z.int(),
  peers: z.int(),
  dhtNodes: z.int().nullable(),
  port: z.int(),
  reachable: z
    .enum(["yes", "unknown"])
    .meta({ description: "Whether a peer has connected from outside since the start" }),
});

export const speedPoint = z.object({
  atMs: dateMs,
  downloadRate: z.number(),
  uploadRate: z.number(),
});

export const feed = z.object({
  id: z.int(),
  url: z.string().max(2048),
  title: z.string(),
  category: z.string().nullable(),
  intervalS: z.int().min(60),
  filter: z.object({
    include: z.array(z.string().max(500)).max(100).meta({
      description:
        "Patterns of titles to add: words, all of which a title has, with * and ?, | between alternatives. Nothing is added without one; * adds everything",
    }),
    exclude: z
      .array(z.string().max(500))
      .max(100)
      .meta({ description: "Patterns of titles that are not added" }),
    minBytes: bytes.nullable(),
    maxBytes: bytes.nullable(),
    smartEpisodes: z.boolean().meta({ description: "Take each episode once" }),
  }),
  addPaused: z.boolean(),
  isOn: z.boolean(),
  lastAskedMs: dateMs.nullable(),
  error: z.string().nullable(),
});

export const feedItem = z.object({
  guid: z.string(),
  title: z.string(),
  link: z.string(),
  publishedAtMs: dateMs.nullable(),
  sizeBytes: bytes.nullable(),
  matched: z.boolean(),
  added: z.boolean(),
});

export const logEntry = z.object({
  number: z.int(),
  atMs: dateMs,
  level: z.enum(["debug", "info", "warn", "error"]),
  event: z.string(),
  text: z.string(),
});
