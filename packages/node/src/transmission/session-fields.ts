import type { Answer, Settings, SettingsChange } from "@shoal/api";
import type { Arguments } from "./arguments.ts";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import type { Memories } from "./memories.ts";
import { RpcError } from "./rpc-error.ts";
import { KILO, toKilo, toMinutes } from "./torrent-fields.ts";
import type { Dialect } from "./names.ts";

/** What the session's fields are computed from. */
export interface SessionView {
  readonly settings: Settings;
  readonly node: Answer<"getNode">;
  readonly transfer: Answer<"getTransfer">;
  readonly memories: Memories;
  readonly sessionId: string;
  readonly dialect: Dialect;
}

interface SessionField {
  readonly get: (view: SessionView) => unknown;
  /** How it is changed; absent where it cannot be. */
  readonly set?: (args: Arguments, name: string, view: SessionView) => SettingsChange;
}

/** The version of Transmission whose interface this is, for clients that look at numbers. */
const TRANSMISSION = "4.1.0";
export const RPC_VERSION = { number: 18, minimum: 14, semver: "6.0.0" } as const;

/** Owner of the session's limits that are off. */
export const SESSION = "session";
/** Whether torrents that are added through this interface start, where they do not say. */
export const STARTS_ADDED = "start_added_torrents";
const MINUTE_MS = 60_000;
/** What Transmission starts with. */
const DEFAULTS = { limit: 100, ratio: 2, idleMinutes: 30, queue: 5, seedQueue: 10 } as const;
const MAX_KILO = 2 ** 40;

/** `session_get` and `session_set`. @see docs/rpc-spec.md, 4.1 */
export const SESSION_FIELDS: Readonly<Record<string, SessionField>> = {
  alt_speed_down: { get: () => 50 },
  alt_speed_enabled: { get: () => false },
  alt_speed_time_begin: { get: () => 540 },
  alt_speed_time_day: { get: () => 127 },
  alt_speed_time_enabled: { get: () => false },
  alt_speed_time_end: { get: () => 1020 },
  alt_speed_up: { get: () => 50 },
  blocklist_enabled: { get: ({ settings }) => settings.network.ipFilter !== null },
  blocklist_size: { get: () => 0 },
  blocklist_url: { get: ({ settings }) => settings.network.ipFilter ?? "" },
  cache_size_mb: { get: () => 4 },
  config_dir: { get: ({ node }) => node.dataFolder },
  default_trackers: { get: () => "" },
  dht_enabled: networkFlag("dht"),
  download_dir: {
    get: ({ node }) => node.downloadFolder,
    set: (args, name) => {
      const folder = args.text(name, 4096)!;
      if (isAbsolutePath(folder)) return { downloads: { folder } };
      throw new RpcError("path-not-absolute", "directory path is not absolute");
    },
  },
  download_dir_free_space: { get: ({ transfer }) => transfer.freeDiskBytes ?? -1 },
  ...queueFields("download", "activeDownloads", DEFAULTS.queue),
  encryption: {
    get: ({ settings, dialect }) => {
      const { encryption } = settings.network;
      if (encryption === "require") return "required";
      if (encryption === "prefer") return "preferred";
      return dialect === "snake" ? "allowed" : "tolerated";
    },
    set: (args, name) => {
      const wanted = { required: "require", preferred: "prefer" } as const;
      const text = args.text(name)!;
      const encryption = Object.hasOwn(wanted, text)
        ? wanted[text as keyof typeof wanted]
        : "allow";
      return { network: { encryption } };
    },
  },
  ...limitFields({
    value: "idle_seeding_limit",
    isOn: "idle_seeding_limit_enabled",
    fallback: DEFAULTS.idleMinutes,
    read: ({ queue }) => toMinutes(queue.idleTimeMs),
    write: (minutes) => ({
      queue: { idleTimeMs: minutes === null ? null : minutes * MINUTE_MS },
    }),
  }),
  incomplete_dir: { get: ({ node }) => node.downloadFolder },
  incomplete_dir_enabled: { get: () => false },
  lpd_enabled: networkFlag("lsd"),
  peer_limit_global: {
    get: ({ settings }) => settings.network.maxPeers,
    set: (args, name) => ({ network: { maxPeers: Math.floor(args.number(name, 1, 100_000)!) } }),
  },
  peer_limit_per_torrent: { get: ({ settings }) => settings.network.maxPeers },
  peer_port: {
    get: ({ transfer }) => transfer.port,
    set: (args, name) => ({ network: { port: Math.floor(args.number(name, 0, 65_535)!) } }),
  },
  peer_port_random_on_start: { get: () => false },
  pex_enabled: networkFlag("peerExchange"),
  port_forwarding_enabled: networkFlag("portMapping"),
  queue_stalled_enabled: { get: () => true },
  queue_stalled_minutes: { get: () => 1 },
  rename_partial_files: { get: () => false },
  reqq: { get: () => 2000 },
  rpc_version: { get: () => RPC_VERSION.number },
  rpc_version_minimum: { get: () => RPC_VERSION.minimum },
  rpc_version_semver: { get: () => RPC_VERSION.semver },
  script_torrent_added_enabled: { get: () => false },
  script_torrent_added_filename: { get: () => "" },
  // Programs are chosen by whoever can edit the daemon's settings, not by whoever knows an RPC password.
  script_torrent_done_enabled: { get: ({ settings }) => settings.downloads.onComplete.length > 0 },
  script_torrent_done_filename: { get: ({ settings }) => settings.downloads.onComplete[0] ?? "" },
  script_torrent_done_seeding_enabled: { get: () => false },
  script_torrent_done_seeding_filename: { get: () => "" },
  ...queueFields("seed", "activeSeeds", DEFAULTS.seedQueue),
  ...limitFields({
    value: "seed_ratio_limit",
    isOn: "seed_ratio_limited",
    fallback: DEFAULTS.ratio,
    read: ({ queue }) => queue.ratio,
    write: (ratio) => ({ queue: { ratio } }),
  }),
  session_id: { get: ({ sessionId }) => sessionId },
  ...speedFields("down", "downloadLimit"),
  ...speedFields("up", "uploadLimit"),
  start_added_torrents: {
    get: ({ memories }) => memories.recall(SESSION, STARTS_ADDED, 1) === 1,
    set: (args, name, { memories }) => {
      memories.remember(SESSION, STARTS_ADDED, args.flag(name) === true ? 1 : 0);
      return {};
    },
  },
  trash_original_torrent_files: { get: () => false },
  units: { get: ({ dialect }) => describeUnits(dialect) },
  utp_enabled: {
    get: ({ settings }) => settings.network.utp !== "off",
    set: (args, name) => ({ network: { utp: args.flag(name)! ? "prefer" : "off" } }),
  },
  version: { get: ({ node }) => `${TRANSMISSION} (shoal-${node.version})` },
};

function networkFlag(key: "dht" | "lsd" | "peerExchange" | "portMapping"): SessionField {
  return {
    get: ({ settings }) => settings.network[key],
    set: (args, name) => ({ network: { [key]: args.flag(name)! } }),
  };
}

/** A number and its switch, as Transmission has them; here a limit or null. */
function limitFields({
  value,
  isOn,
  fallback,
  read,
  write,
}: {
  readonly value: string;
  readonly isOn: string;
  readonly fallback: number;
  readonly read: (settings: Settings) => number | null;
  readonly write: (limit: number | null) => SettingsChange;
}): Record<string, SessionField> {
  const change = (args: Arguments, { settings, memories }: SessionView): SettingsChange => {
    const now = read(settings);
    const number =
      args.number(value, 0, MAX_KILO) ?? now ?? memories.recall(SESSION, value, fallback);
    memories.remember(SESSION, value, number);
    return write((args.flag(isOn) ?? now !== null) ? number : null);
  };
  return {
    [value]: {
      get: ({ settings, memories }) => read(settings) ?? memories.recall(SESSION, value, fallback),
      set: (args, _, view) => change(args, view),
    },
    [isOn]: {
      get: ({ settings }) => read(settings) !== null,
      set: (args, _, view) => change(args, view),
    },
  };
}

function speedFields(
  direction: "down" | "up",
  key: "downloadLimit" | "uploadLimit",
): Record<string, SessionField> {
  return limitFields({
    value: `speed_limit_${direction}`,
    isOn: `speed_limit_${direction}_enabled`,
    fallback: DEFAULTS.limit,
    read: ({ speed }) => toKilo(speed[key]),
    write: (kilo) => ({ speed: { [key]: kilo === null ? null : Math.round(kilo * KILO) } }),
  });
}

function queueFields(
  kind: "download" | "seed",
  key: "activeDownloads" | "activeSeeds",
  fallback: number,
): Record<string, SessionField> {
  return limitFields({
    value: `${kind}_queue_size`,
    isOn: `${kind}_queue_enabled`,
    fallback,
    read: ({ queue }) => queue[key],
    write: (size) => ({ queue: { [key]: size === null ? null : Math.floor(size) } }),
  });
}

function describeUnits(dialect: Dialect): Record<string, unknown> {
  const join = dialect === "snake" ? "_" : "-";
  return {
    [`speed${join}units`]: ["kB/s", "MB/s", "GB/s", "TB/s"],
    [`speed${join}bytes`]: KILO,
    [`size${join}units`]: ["kB", "MB", "GB", "TB"],
    [`size${join}bytes`]: KILO,
    [`memory${join}units`]: ["KiB", "MiB", "GiB", "TiB"],
    [`memory${join}bytes`]: 1024,
  };
}
