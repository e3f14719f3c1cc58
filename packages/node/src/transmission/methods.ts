import { addTorrent } from "./add-torrent.ts";
import { getTorrents } from "./get-torrents.ts";
import type { Method } from "./method.ts";
import {
  closeSession,
  getFreeSpace,
  getGroups,
  getSession,
  getStats,
  setGroup,
  setSession,
  testPort,
  updateBlocklist,
} from "./session-methods.ts";
import { setTorrents } from "./set-torrents.ts";
import { actionMethod, removeTorrents, renamePath, setLocation } from "./torrent-actions.ts";

/** Every method by its name in snake case. @see docs/rpc-spec.md */
export const METHODS: Readonly<Record<string, Method>> = {
  torrent_start: actionMethod("resume"),
  torrent_start_now: actionMethod("force-start"),
  torrent_stop: actionMethod("pause"),
  torrent_verify: actionMethod("recheck"),
  torrent_reannounce: actionMethod("reannounce"),
  torrent_set: setTorrents,
  torrent_get: getTorrents,
  torrent_add: addTorrent,
  torrent_remove: removeTorrents,
  torrent_set_location: setLocation,
  torrent_rename_path: renamePath,
  queue_move_top: actionMethod("queue-top"),
  queue_move_up: actionMethod("queue-up"),
  queue_move_down: actionMethod("queue-down"),
  queue_move_bottom: actionMethod("queue-bottom"),
  session_get: getSession,
  session_set: setSession,
  session_stats: getStats,
  session_close: closeSession,
  free_space: getFreeSpace,
  port_test: testPort,
  blocklist_update: updateBlocklist,
  group_get: getGroups,
  group_set: setGroup,
};
