import { z } from "zod";
import { bytes, rateLimit, wei } from "../schemas/primitives.ts";

/** What a setting is, beside its type: the reference page, the command line and the settings page show it. */
export interface SettingMeta {
  readonly description: string;
  /** Such as `bytes/s`, `ms`, `BTT wei`. */
  readonly unit?: string;
  /** Takes effect at the next start only. */
  readonly restart?: boolean;
}

const port = z.int().min(0).max(65_535);
const path = z.string().max(4096);
const minute = z.int().min(0).max(1440);
const count = z.int().min(0).nullable();

const scheduleRule = z.strictObject({
  days: z.array(z.int().min(0).max(6)).max(7).meta({ description: "0 is Sunday" }),
  fromMinute: minute,
  toMinute: minute,
  download: rateLimit.optional(),
  upload: rateLimit.optional(),
});

const watchFolder = z.strictObject({
  path,
  folder: path.nullable().default(null),
  category: z.string().max(200).nullable().default(null),
  paused: z.boolean().default(false),
});

function setting<T extends z.ZodType>(schema: T, meta: SettingMeta): T {
  return schema.meta({ ...meta });
}

const downloads = z.strictObject({
  folder: setting(path.default(""), {
    description: "Where downloads go; empty: Downloads in the data folder",
  }),
  preallocate: setting(z.boolean().default(false), {
    description: "Take all the room of a file at once",
  }),
  watchFolders: setting(z.array(watchFolder).max(50).default([]), {
    description: "Folders whose torrent files and magnet links are added as they appear",
  }),
  onComplete: setting(z.array(z.string().max(4096)).max(50).default([]), {
    description:
      "A program and its arguments, run when a torrent is complete; {name}, {path}, {infohash} and {category} are replaced. No shell",
  }),
});

const speed = z.strictObject({
  downloadLimit: setting(rateLimit.default(null), {
    description: "Of all torrents together",
    unit: "bytes/s",
  }),
  uploadLimit: setting(rateLimit.default(null), {
    description: "Of all torrents together",
    unit: "bytes/s",
  }),
  limitLocalPeers: setting(z.boolean().default(true), {
    description: "Limits hold in the local network too",
    restart: true,
  }),
  schedule: setting(z.array(scheduleRule).max(50).default([]), {
    description: "Other limits at certain times; the first rule that holds is taken",
  }),
});

const queue = z.strictObject({
  activeDownloads: setting(count.default(8), { description: "Torrents that download at once" }),
  activeSeeds: setting(count.default(null), { description: "Torrents that seed at once" }),
  activeLimit: setting(count.default(null), { description: "Torrents that run at once" }),
  ratio: setting(z.number().min(0).nullable().default(null), {
    description: "Seed until so much is uploaded for each byte downloaded",
  }),
  seedTimeMs: setting(z.number().min(0).nullable().default(null), {
    description: "Seed for so long",
    unit: "ms",
  }),
  idleTimeMs: setting(z.number().min(0).nullable().default(null), {
    description: "Seed until nobody has wanted anything for so long",
    unit: "ms",
  }),
  shareAction: setting(z.enum(["pause", "remove", "super-seed", "none"]).default("pause"), {
    description: "What happens to a torrent that has shared enough",
  }),
});

const network = z.strictObject({
  port: setting(port.default(0), {
    description: "For peers, TCP and UDP; 0 takes a free one, and keeps it",
    restart: true,
  }),
  interface: setting(z.string().max(100).nullable().default(null), {
    description: "Everything leaves by this network interface, or not at all",
    restart: true,
  }),
  proxy: setting(z.string().max(500).nullable().default(null), {
    description: "socks5:// or http:// URL that everything goes through, or not at all",
    restart: true,
  }),
  encryption: setting(z.enum(["off", "allow", "prefer", "require"]).default("allow"), {
    description: "Of peers' connections (MSE)",
    restart: true,
  }),
  utp: setting(z.enum(["off", "prefer", "only"]).default("prefer"), {
    description: "Peers over uTP (BEP 29)",
    restart: true,
  }),
  dht: setting(z.boolean().default(true), {
    description: "Find peers in the DHT (BEP 5)",
    restart: true,
  }),
  dhtBootstrap: setting(z.array(z.string().max(300)).max(20).default([]), {
    description: "host:port of nodes to begin with; empty: the public ones",
    restart: true,
  }),
  lsd: setting(z.boolean().default(true), {
    description: "Find peers in the local network (BEP 14)",
    restart: true,
  }),
  peerExchange: setting(z.boolean().default(true), {
    description: "Learn peers from peers (BEP 11)",
    restart: true,
  }),
  portMapping: setting(z.boolean().default(true), {
    description: "Ask the router to pass the port on",
    restart: true,
  }),
  webRtc: setting(z.boolean().default(true), {
    description: "Speak to browsers' peers",
    restart: true,
  }),
  maxPeers: setting(z.int().min(1).max(100_000).default(500), {
    description: "Connections over all torrents",
  }),
  ipFilter: setting(path.nullable().default(null), {
    description:
      "File of addresses that are never connected to: an address, network or range a line",
  }),
});

const web = z.strictObject({
  host: setting(z.string().max(255).default("127.0.0.1"), {
    description: "Address that the web interface listens at",
    restart: true,
  }),
  port: setting(port.default(9550), {
    description: "Of the web interface and all APIs",
    restart: true,
  }),
  hostNames: setting(z.array(z.string().max(255)).max(50).default([]), {
    description: "Names under which browsers may reach it, beside localhost",
  }),
  allowedOrigins: setting(z.array(z.string().max(500)).max(50).default([]), {
    description: "Origins of web pages that may use the API with a key (CORS)",
  }),
  transmissionRpc: setting(z.boolean().default(true), {
    description: "Answer at /transmission/rpc",
  }),
  qbittorrentApi: setting(z.boolean().default(true), {
    description: "Answer at /api/v2 as qBittorrent does",
  }),
  gateway: setting(z.boolean().default(false), {
    description: "Serve content of this node's torrents to everybody at /content",
  }),
  guide: setting(z.boolean().default(true), {
    description: "Show the guided start to whoever opens the page, until somebody has ended it",
  }),
  abuseContact: setting(z.string().max(500).nullable().default(null), {
    description: "Shown by the content gateway",
  }),
  denyList: setting(path.nullable().default(null), {
    description: "File of infohashes and CIDs that the gateway never serves, one a line",
  }),
});

const chain = z.strictObject({
  embedded: setting(z.boolean().default(true), {
    description: "Run the embedded chain: play money, worth nothing",
    restart: true,
  }),
  network: setting(z.string().max(50).default("embedded"), {
    description: "Where bandwidth is paid",
    restart: true,
  }),
  rpcUrls: setting(z.array(z.string().max(2048)).max(10).default([]), {
    description: "RPC endpoints of that network; empty: the public ones",
    restart: true,
  }),
});

const trading = z.strictObject({
  wallet: setting(z.string().max(200).nullable().default(null), {
    description: "Which wallet pays and is paid",
  }),
  sell: setting(z.boolean().default(false), { description: "Sell upload bandwidth" }),
  minPrice: setting(wei.default("100000000000000"), {
    description: "Reserve price of 1 MiB",
    unit: "BTT wei",
  }),
  freeSlots: setting(z.int().min(1).max(200).default(1), {
    description: "Upload slots that are never sold",
  }),
  buy: setting(z.boolean().default(false), { description: "Pay for downloads" }),
  bid: setting(wei.nullable().default(null), {
    description: "For 1 MiB; null: found by itself",
    unit: "BTT wei",
  }),
  budget: setting(wei.default("10000000000000000000"), {
    description: "Spent at the most",
    unit: "BTT wei",
  }),
});

const log = z.strictObject({
  level: setting(z.enum(["debug", "info", "warn", "error"]).default("info"), {
    description: "What is logged",
    restart: true,
  }),
  keepBytes: setting(bytes.max(100 * 2 ** 20).default(2 * 2 ** 20), {
    description: "How much of the log is kept in memory, for those who look at it later",
    unit: "bytes",
    restart: true,
  }),
});

/** The daemon's one configuration, each setting with its default, its unit and a line that says what it does. */
export const settings = z.strictObject({
  downloads: downloads.prefault({}),
  speed: speed.prefault({}),
  queue: queue.prefault({}),
  network: network.prefault({}),
  web: web.prefault({}),
  chain: chain.prefault({}),
  trading: trading.prefault({}),
  log: log.prefault({}),
});

export type Settings = z.output<typeof settings>;

type ChangeOf<T extends z.ZodObject> = z.ZodType<Partial<z.output<T>>>;

/** The same settings, none of them needed and none with a default: an absent one stays as it is. */
function changeOf<T extends z.ZodObject>(section: T): ChangeOf<T> {
  const fields = Object.entries(section.shape).map(([name, field]) => [
    name,
    (field instanceof z.ZodDefault
      ? (field.unwrap() as z.ZodType)
      : (field as z.ZodType)
    ).optional(),
  ]);
  return z.strictObject(
    Object.fromEntries(fields) as Record<string, z.ZodType>,
  ) as unknown as ChangeOf<T>;
}

/** A part of it, as somebody changes it: sections and settings that are absent stay as they are. */
export const settingsChange = z.strictObject({
  downloads: changeOf(downloads).optional(),
  speed: changeOf(speed).optional(),
  queue: changeOf(queue).optional(),
  network: changeOf(network).optional(),
  web: changeOf(web).optional(),
  chain: changeOf(chain).optional(),
  trading: changeOf(trading).optional(),
  log: changeOf(log).optional(),
});

export type SettingsChange = z.output<typeof settingsChange>;
