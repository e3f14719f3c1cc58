import { isDeepStrictEqual } from "node:util";
import { assertScope } from "../rest/assert-allowed.ts";
import { viewTorrents } from "../remote/torrent-view.ts";
import { MAX_ARGUMENTS } from "./arguments.ts";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import type { Method, MethodContext } from "./method.ts";
import { spell, spellKeys, toSnake } from "./names.ts";
import { RpcError } from "./rpc-error.ts";
import { SESSION_FIELDS, type SessionView } from "./session-fields.ts";
import { KILO, toKilo } from "./torrent-fields.ts";

/** `session_get` */
export const getSession: Method = async (args, context) => {
  const asked = args.texts("fields", MAX_ARGUMENTS) ?? Object.keys(SESSION_FIELDS);
  const view = await viewSession(context);
  const fields: Record<string, unknown> = {};
  for (const name of asked) {
    const snake = toSnake(name);
    if (!Object.hasOwn(SESSION_FIELDS, snake)) continue;
    fields[spell(snake, "session", context.dialect)] = SESSION_FIELDS[snake]!.get(view);
  }
  return fields;
};

/**
 * `session_set`. Clients send what they were told together with what they change: a field that cannot be changed may
 * come as it is. Anything else is refused before anything is changed.
 */
export const setSession: Method = async (args, context) => {
  const view = await viewSession(context);
  const change: Record<string, Record<string, unknown>> = {};
  for (const name of args.names) {
    const field = Object.hasOwn(SESSION_FIELDS, name) ? SESSION_FIELDS[name] : undefined;
    if (field === undefined || isDeepStrictEqual(args.raw(name), field.get(view))) continue;
    if (field.set === undefined) {
      throw new RpcError("invalid-params", `${name} cannot be changed here.`);
    }
    for (const [section, values] of Object.entries(field.set(args, name, view))) {
      change[section] = { ...change[section], ...values };
    }
  }
  if (Object.keys(change).length > 0) {
    await context.operations.call("changeSettings", change);
  }
  return {};
};

/** `session_stats` */
export const getStats: Method = async (_, context) => {
  const { operations, control, dialect } = context;
  const views = await viewTorrents(context);
  const transfer = await operations.call("getTransfer");
  const paused = views.filter(({ summary }) => summary.state === "paused").length;
  const secondsActive = Math.round((control.clock.nowMs() - control.startedAtMs) / 1000);
  const describe = (downloadedBytes: number, uploadedBytes: number) =>
    spellKeys(
      {
        uploaded_bytes: uploadedBytes,
        downloaded_bytes: downloadedBytes,
        files_added: views.length,
        session_count: 1,
        seconds_active: secondsActive,
      },
      "stats",
      dialect,
    );
  const sum = (key: "downloadedBytes" | "uploadedBytes"): number =>
    views.reduce((total, { summary }) => total + summary[key], 0);
  const stats = {
    active_torrent_count: views.length - paused,
    download_speed: Math.round(transfer.downloadRate),
    paused_torrent_count: paused,
    torrent_count: views.length,
    upload_speed: Math.round(transfer.uploadRate),
    cumulative_stats: describe(sum("downloadedBytes"), sum("uploadedBytes")),
    current_stats: describe(transfer.downloadedBytes, transfer.uploadedBytes),
  };
  return spellKeys(stats, "stats", dialect);
};

/** `session_close` */
export const closeSession: Method = async (_, { control, caller }) => {
  assertScope("admin", caller);
  control.stop();
  return {};
};

/** `free_space` */
export const getFreeSpace: Method = async (args, { control, dialect, caller }) => {
  assertScope("read", caller);
  const path = args.text("path", 4096) ?? "";
  if (!isAbsolutePath(path)) {
    throw new RpcError("path-not-absolute", "directory path is not absolute");
  }
  const sizeBytes = await control.freeBytes(path);
  return spellKeys({ path, size_bytes: sizeBytes, total_size: -1 }, "answer", dialect);
};

/** `port_test`: nobody outside is asked; a peer that got in has shown that the port is open. */
export const testPort: Method = async (args, { operations, dialect }) => {
  const protocol = args.text("ip_protocol", 10);
  const { reachable } = await operations.call("getTransfer");
  return spellKeys(
    {
      port_is_open: reachable === "yes",
      ...(protocol !== undefined && { ip_protocol: protocol }),
    },
    "answer",
    dialect,
  );
};

/** `blocklist_update`: the filter of addresses is a file of this machine, which has no URL to be fetched from. */
export const updateBlocklist: Method = async (_, { operations }) => {
  const { settings } = await operations.call("getSettings");
  const why =
    settings.network.ipFilter === null
      ? "no filter is set (network.ipFilter)"
      : "the filter is a file, which is read when the setting changes";
  throw new RpcError("http-error", `Couldn't fetch blocklist: ${why}.`);
};

/** `group_get`: bandwidth groups are categories. */
export const getGroups: Method = async (args, { operations, dialect }) => {
  const given = args.raw("group");
  const asked = typeof given === "string" ? [given] : args.texts("group", MAX_ARGUMENTS);
  const { categories } = await operations.call("listCategories");
  const group = categories
    .filter(({ name }) => asked === undefined || asked.includes(name))
    .map(({ name, downloadLimit, uploadLimit }) =>
      spellKeys(
        {
          honors_session_limits: true,
          name,
          speed_limit_down_enabled: downloadLimit !== null,
          speed_limit_down: toKilo(downloadLimit) ?? 0,
          speed_limit_up_enabled: uploadLimit !== null,
          speed_limit_up: toKilo(uploadLimit) ?? 0,
        },
        "group",
        dialect,
      ),
    );
  return { group };
};

/** `group_set` */
export const setGroup: Method = async (args, { operations }) => {
  const name = args.text("name", 200) ?? "";
  if (name === "") throw new RpcError("invalid-params", "No group name given");
  if (args.flag("honors_session_limits") === false) {
    throw new RpcError(
      "invalid-params",
      "honors_session_limits: the session's limits always hold.",
    );
  }
  const { categories } = await operations.call("listCategories");
  const now = categories.find((category) => category.name === name);
  const limit = (direction: "down" | "up", current: number | null): number | null => {
    const kilo = args.number(`speed_limit_${direction}`);
    const isOn = args.flag(`speed_limit_${direction}_enabled`) ?? current !== null;
    return isOn ? (kilo === undefined ? current : Math.round(kilo * KILO)) : null;
  };
  await operations.call("setCategory", {
    name,
    downloadLimit: limit("down", now?.downloadLimit ?? null),
    uploadLimit: limit("up", now?.uploadLimit ?? null),
  });
  return {};
};

async function viewSession(context: MethodContext): Promise<SessionView> {
  const { operations, memories, sessionId, dialect } = context;
  const [{ settings }, node, transfer] = await Promise.all([
    operations.call("getSettings"),
    operations.call("getNode"),
    operations.call("getTransfer"),
  ]);
  return { settings, node, transfer, memories, sessionId, dialect };
}
