export { ConfigError, NodeError } from "./errors.ts";
export { Configuration, SETTINGS_FILE } from "./config/configuration.ts";
export type { SettingsListener } from "./config/configuration.ts";
export { renderSettingsPage } from "./config/settings-page.ts";
export { Torrents } from "./torrents/torrents.ts";
export type { TorrentsInit } from "./torrents/torrents.ts";
export type { Addition, ShareLimitsWish, SourceName } from "./torrents/addition.ts";
export type { Categories, CategorySettings } from "./torrents/categories.ts";
export type { TorrentBoard, TorrentChanges } from "./torrents/torrent-board.ts";
