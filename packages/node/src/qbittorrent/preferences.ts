import type { Answer, Settings, SettingsChange } from "@shoal/api";
import { isDeepStrictEqual } from "node:util";
import type { QbCall, QbMethod } from "./call.ts";
import { WebApiError } from "./web-api-error.ts";

interface PreferenceView {
  readonly settings: Settings;
  readonly node: Answer<"getNode">;
  readonly transfer: Answer<"getTransfer">;
}

interface Preference {
  readonly get: (view: PreferenceView) => unknown;
  readonly set?: (value: unknown, all: Readonly<Record<string, unknown>>) => SettingsChange;
}

const MINUTE_MS = 60_000;
const SHARE_ACTIONS = ["pause", "remove", "super-seed"] as const;

/** Settings by qBittorrent's names. Rates are bytes per second, times minutes. */
const PREFERENCES: Readonly<Record<string, Preference>> = {
  add_stopped_enabled: fixed(false),
  add_trackers: fixed(""),
  add_trackers_enabled: fixed(false),
  alt_dl_limit: fixed(0),
  alt_up_limit: fixed(0),
  announce_ip: fixed(""),
  anonymous_mode: fixed(false),
  auto_tmm_enabled: fixed(false),
  autorun_enabled: { get: ({ settings }) => settings.downloads.onComplete.length > 0 },
  autorun_program: { get: ({ settings }) => settings.downloads.onComplete.join(" ") },
  bittorrent_protocol: { get: ({ settings }) => (settings.network.utp === "off" ? 1 : 0) },
  create_subfolder_enabled: fixed(true),
  current_network_interface: { get: ({ settings }) => settings.network.interface ?? "" },
  dht: flag(
    (settings) => settings.network.dht,
    (isOn) => ({ network: { dht: isOn } }),
  ),
  dl_limit: rate("downloadLimit"),
  dont_count_slow_torrents: fixed(true),
  encryption: {
    get: ({ settings }) =>
      ({ allow: 0, prefer: 0, require: 1, off: 2 })[settings.network.encryption],
    set: (value) => ({
      network: { encryption: (["allow", "require", "off"] as const)[integer(value, 0, 2)]! },
    }),
  },
  incomplete_files_ext: fixed(false),
  ip_filter_enabled: { get: ({ settings }) => settings.network.ipFilter !== null },
  ip_filter_path: { get: ({ settings }) => settings.network.ipFilter ?? "" },
  limit_lan_peers: flag(
    (settings) => settings.speed.limitLocalPeers,
    (isOn) => ({ speed: { limitLocalPeers: isOn } }),
  ),
  listen_port: {
    get: ({ transfer }) => transfer.port,
    set: (value) => ({ network: { port: integer(value, 0, 65_535) } }),
  },
  locale: fixed("en"),
  lsd: flag(
    (settings) => settings.network.lsd,
    (isOn) => ({ network: { lsd: isOn } }),
  ),
  max_active_downloads: queue("activeDownloads"),
  max_active_torrents: queue("activeLimit"),
  max_active_uploads: queue("activeSeeds"),
  max_connec: {
    get: ({ settings }) => settings.network.maxPeers,
    set: (value) => ({ network: { maxPeers: integer(value, 1, 100_000) } }),
  },
  max_connec_per_torrent: fixed(-1),
  ...shareLimit("max_ratio", "ratio", 1),
  max_ratio_act: {
    get: ({ settings }) =>
      Math.max(0, (SHARE_ACTIONS as readonly string[]).indexOf(settings.queue.shareAction)),
    set: (value) => ({ queue: { shareAction: SHARE_ACTIONS[integer(value, 0, 2)]! } }),
  },
  ...shareLimit("max_seeding_time", "seedTimeMs", MINUTE_MS),
  ...shareLimit("max_inactive_seeding_time", "idleTimeMs", MINUTE_MS),
  max_uploads: fixed(-1),
  max_uploads_per_torrent: fixed(-1),
  pex: flag(
    (settings) => settings.network.peerExchange,
    (isOn) => ({ network: { peerExchange: isOn } }),
  ),
  preallocate_all: flag(
    (settings) => settings.downloads.preallocate,
    (isOn) => ({ downloads: { preallocate: isOn } }),
  ),
  proxy_type: { get: ({ settings }) => (settings.network.proxy === null ? "None" : "SOCKS5") },
  queueing_enabled: {
    get: ({ settings: { queue: limits } }) =>
      [limits.activeDownloads, limits.activeSeeds, limits.activeLimit].some(
        (limit) => limit !== null,
      ),
  },
  random_port: fixed(false),
  rss_auto_downloading_enabled: fixed(true),
  rss_processing_enabled: fixed(true),
  save_path: {
    get: ({ node }) => node.downloadFolder,
    set: (value) => ({ downloads: { folder: text(value) } }),
  },
  scan_dirs: {
    get: ({ settings }) =>
      Object.fromEntries(
        settings.downloads.watchFolders.map(({ path, folder }) => [path, folder ?? 1]),
      ),
  },
  scheduler_enabled: { get: ({ settings }) => settings.speed.schedule.length > 0 },
  start_paused_enabled: fixed(false),
  temp_path: fixed(""),
  temp_path_enabled: fixed(false),
  torrent_content_layout: fixed("Original"),
  up_limit: rate("uploadLimit"),
  upnp: flag(
    (settings) => settings.network.portMapping,
    (isOn) => ({ network: { portMapping: isOn } }),
  ),
  use_https: fixed(false),
  web_ui_address: { get: ({ settings }) => settings.web.host },
  web_ui_csrf_protection_enabled: fixed(true),
  web_ui_domain_list: { get: ({ settings }) => settings.web.hostNames.join(";") },
  web_ui_host_header_validation_enabled: fixed(true),
  web_ui_port: { get: ({ settings }) => settings.web.port },
  web_ui_username: fixed("admin"),
};

/** `app/preferences` */
export const getPreferences: QbMethod["answer"] = async (call) => {
  const view = await viewSettings(call);
  return Object.fromEntries(
    Object.entries(PREFERENCES).map(([name, { get }]) => [name, get(view)]),
  );
};

/**
 * `app/setPreferences`: changes what can be changed. Clients send all that they were told: what cannot be changed may come
 * as it is, and is refused otherwise. Unknown names are passed over, as qBittorrent does.
 * @throws {WebApiError} 400
 */
export const setPreferences: QbMethod["answer"] = async (call) => {
  const given = readJson(call.parameters.needed("json"));
  const view = await viewSettings(call);
  const change: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(given)) {
    const preference = Object.hasOwn(PREFERENCES, name) ? PREFERENCES[name] : undefined;
    if (preference === undefined || isDeepStrictEqual(preference.get(view), value)) continue;
    if (preference.set === undefined) {
      throw new WebApiError(400, `${name} cannot be changed here.`);
    }
    for (const [section, values] of Object.entries(preference.set(value, given))) {
      change[section] = { ...change[section], ...values };
    }
  }
  if (Object.keys(change).length > 0) {
    await call.operations.call("changeSettings", change);
  }
};

async function viewSettings({ operations }: QbCall): Promise<PreferenceView> {
  const [{ settings }, node, transfer] = await Promise.all([
    operations.call("getSettings"),
    operations.call("getNode"),
    operations.call("getTransfer"),
  ]);
  return { settings, node, transfer };
}

function fixed(value: unknown): Preference {
  return { get: () => value };
}

function flag(
  get: (settings: Settings) => boolean,
  set: (isOn: boolean) => SettingsChange,
): Preference {
  return {
    get: ({ settings }) => get(settings),
    set: (value) => {
      if (typeof value === "boolean") return set(value);
      throw new WebApiError(400, "Expected true or false.");
    },
  };
}

/** 0 means no limit. */
function rate(key: "downloadLimit" | "uploadLimit"): Preference {
  return {
    get: ({ settings }) => settings.speed[key] ?? 0,
    set: (value) => ({ speed: { [key]: number(value) > 0 ? Math.round(number(value)) : null } }),
  };
}

/** -1 means any number. */
function queue(key: "activeDownloads" | "activeSeeds" | "activeLimit"): Preference {
  return {
    get: ({ settings }) => settings.queue[key] ?? -1,
    set: (value) => ({ queue: { [key]: number(value) < 0 ? null : integer(value, 0, 1e6) } }),
  };
}

/** A number and its switch. Switched on without a number it is 0, as in qBittorrent. */
function shareLimit(
  name: string,
  key: "ratio" | "seedTimeMs" | "idleTimeMs",
  unit: number,
): Record<string, Preference> {
  return {
    [name]: {
      get: ({ settings }) => (settings.queue[key] === null ? -1 : settings.queue[key] / unit),
      set: (value, all) => {
        const isOff = all[`${name}_enabled`] === false || number(value) < 0;
        return { queue: { [key]: isOff ? null : number(value) * unit } };
      },
    },
    [`${name}_enabled`]: {
      get: ({ settings }) => settings.queue[key] !== null,
      set: (value, all) => {
        const given = all[name];
        const limit = typeof given === "number" && given >= 0 ? given * unit : 0;
        return { queue: { [key]: value === true ? limit : null } };
      },
    },
  };
}

function number(value: unknown): number {
  if (typeof value === "number" && Math.abs(value) <= 2 ** 53) return value;
  throw new WebApiError(400, "Expected a number.");
}

function integer(value: unknown, least: number, most: number): number {
  const whole = Math.trunc(number(value));
  if (whole >= least && whole <= most) return whole;
  throw new WebApiError(400, `Expected a number from ${least} to ${most}.`);
}

function text(value: unknown): string {
  if (typeof value === "string" && value.length <= 4096) return value;
  throw new WebApiError(400, "Expected a text.");
}

function readJson(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {}
  throw new WebApiError(400, "json: expected an object.");
}
