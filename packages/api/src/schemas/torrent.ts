import { z } from "zod";
import { bytes, dateMs, fraction, infoHash, rateLimit, shortText } from "./primitives.ts";

export const torrentState = z.enum([
  "metadata",
  "checking",
  "downloading",
  "seeding",
  "queued",
  "paused",
  "error",
  "closed",
]);

/** Why a download is not as fast as it could be. */
export const slowReason = z.enum([
  "no-peers",
  "connecting",
  "all-choked",
  "nothing-useful",
  "tracker-error",
  "web-seed-error",
  "rate-limited",
  "disk",
]);

/** What lists show of a torrent. */
export const torrentSummary = z.object({
  infoHash,
  name: z.string(),
  state: torrentState,
  error: z.string().nullable().meta({ description: "What stopped it, in state error" }),
  errorCode: z.string().nullable().meta({ description: "The same for programs" }),
  sizeBytes: bytes.meta({ description: "Of what is wanted; 0 while the metadata is missing" }),
  verifiedBytes: bytes,
  progress: fraction.meta({ description: "Of what is wanted, or of the check in state checking" }),
  downloadRate: z.number(),
  uploadRate: z.number(),
  etaS: z.number().nullable(),
  seeds: z.int().meta({ description: "Connected peers that have everything" }),
  leechers: z.int(),
  ratio: z.number(),
  downloadedBytes: bytes.meta({ description: "Payload over all runs" }),
  uploadedBytes: bytes,
  addedAtMs: dateMs,
  completedAtMs: dateMs.nullable(),
  category: z.string().nullable(),
  queuePosition: z.int(),
  slow: slowReason
    .nullable()
    .meta({ description: "Why it is not faster; null while it is as fast as its peers let it" }),
});

export const shareLimits = z.object({
  ratio: z.number().min(0).nullable().optional(),
  seedTimeMs: z.number().min(0).nullable().optional(),
  idleTimeMs: z.number().min(0).nullable().optional(),
  action: z.enum(["pause", "remove", "super-seed", "none"]).optional(),
});

/** What the page of one torrent shows beside. */
export const torrentDetail = torrentSummary.extend({
  folder: z.string(),
  contentPath: z.string().nullable().meta({ description: "Its file, or its root folder" }),
  isPrivate: z.boolean(),
  versions: z.array(z.enum(["v1", "v2"])),
  infoHashes: z.object({ v1: z.string().nullable(), v2: z.string().nullable() }),
  magnet: z.string(),
  comment: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAtMs: dateMs.nullable(),
  pieceLengthBytes: bytes,
  pieceCount: z.int(),
  verifiedPieces: z.int(),
  availability: z.number(),
  wastedBytes: bytes,
  failedPieces: z.int(),
  activeMs: z.number(),
  seedingMs: z.number(),
  connectingPeers: z.int(),
  knownAddresses: z.int(),
  moving: fraction.nullable(),
  downloadLimit: rateLimit,
  uploadLimit: rateLimit,
  shareLimits,
  autoManaged: z.boolean(),
  sequential: z.boolean(),
  endsFirst: z.boolean(),
  superSeeding: z.boolean(),
});

export const torrentChange = z.object({
  paused: z.boolean().optional(),
  category: shortText.nullable().optional(),
  downloadLimit: rateLimit.optional(),
  uploadLimit: rateLimit.optional(),
  shareLimits: shareLimits.optional(),
  autoManaged: z.boolean().optional(),
  sequential: z.boolean().optional(),
  endsFirst: z.boolean().optional(),
  superSeeding: z.boolean().optional(),
});

/** Where a torrent comes from: exactly one of the three. */
export const torrentSource = z
  .object({
    magnet: z
      .string()
      .max(64 * 1024)
      .optional()
      .meta({ description: "Magnet link or infohash" }),
    torrentFile: z
      .string()
      .max(14 * 2 ** 20)
      .optional()
      .meta({ description: "A torrent file's bytes in base64" }),
    url: z
      .string()
      .max(4096)
      .optional()
      .meta({ description: "http or https URL of a torrent file" }),
  })
  .refine(
    (source) => Object.values(source).filter((each) => each !== undefined).length === 1,
    "Give exactly one of magnet, torrentFile and url.",
  );

export const torrentAddition = z.object({
  source: torrentSource,
  folder: z
    .string()
    .max(4096)
    .optional()
    .meta({ description: "The category's, or the default one, when absent" }),
  category: shortText.optional(),
  paused: z.boolean().optional(),
  sequential: z.boolean().optional(),
  endsFirst: z.boolean().optional(),
  autoManaged: z.boolean().optional(),
  recheck: z.boolean().optional(),
  downloadLimit: rateLimit.optional(),
  uploadLimit: rateLimit.optional(),
  shareLimits: shareLimits.optional(),
  skipFiles: z
    .array(z.int().min(0))
    .max(100_000)
    .optional()
    .meta({ description: "Files not to fetch, by place" }),
  trackers: z.array(z.string().max(2048)).max(100).optional(),
});

/** What a source holds before it is added. */
export const inspected = z.object({
  infoHash,
  name: z.string(),
  isKnown: z.boolean().meta({ description: "The session has it already" }),
  sizeBytes: bytes.nullable().meta({ description: "Null while only a magnet link is known" }),
  files: z.array(z.object({ path: z.string(), lengthBytes: bytes })),
  trackers: z.array(z.string()),
});

export const torrentAction = z.enum([
  "pause",
  "resume",
  "force-start",
  "recheck",
  "reannounce",
  "remove",
  "remove-with-files",
  "queue-up",
  "queue-down",
  "queue-top",
  "queue-bottom",
]);

export const torrentFile = z.object({
  index: z.int(),
  path: z.string(),
  lengthBytes: bytes,
  doneBytes: bytes,
  priority: z.int().min(0).max(7),
  isMedia: z.boolean().meta({ description: "A browser may be able to play it" }),
});

export const peer = z.object({
  id: z.int(),
  address: z.string(),
  port: z.int(),
  client: z.string(),
  incoming: z.boolean(),
  encrypted: z.boolean(),
  source: z.string(),
  progress: fraction,
  downloadRate: z.number(),
  uploadRate: z.number(),
  downloadedBytes: bytes,
  uploadedBytes: bytes,
  choking: z.boolean(),
  interested: z.boolean(),
  peerChoking: z.boolean(),
  peerInterested: z.boolean(),
  snubbed: z.boolean(),
  isSeed: z.boolean(),
});

export const tracker = z.object({
  url: z.string(),
  tier: z.int(),
  state: z.string(),
  seeders: z.int().nullable(),
  leechers: z.int().nullable(),
  lastAnnounceMs: dateMs.nullable(),
  nextAnnounceMs: dateMs.nullable(),
  error: z.string().nullable(),
});

export const webSeed = z.object({
  url: z.string(),
  state: z.enum(["idle", "active", "waiting", "failed", "banned"]),
  downloadRate: z.number(),
  downloadedBytes: bytes,
  error: z.string().nullable(),
});

export const pieces = z.object({
  pieceCount: z.int(),
  have: z.string().meta({ description: "Bitfield in base64, the first piece in the highest bit" }),
  availability: z
    .string()
    .meta({ description: "One byte a piece in base64: peers that have it, 255 at the most" }),
});

export const category = z.object({
  name: shortText,
  folder: z.string().max(4096).nullable(),
  downloadLimit: rateLimit,
  uploadLimit: rateLimit,
  shareLimits,
  torrents: z.int(),
});
