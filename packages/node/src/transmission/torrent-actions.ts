import type { Sent } from "@shoal/api";
import type { TorrentView } from "../remote/torrent-view.ts";
import { assertScope } from "../rest/assert-allowed.ts";
import { selectTorrents } from "./get-torrents.ts";
import type { Method, MethodContext } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import { readLocation } from "./set-torrents.ts";

type Action = Sent<"actOnTorrents">["action"];

/** A method that does the same to each torrent it names. */
export function actionMethod(action: Action): Method {
  return async (args, context) => {
    await act(await selectTorrents(args, context), action, context);
    return {};
  };
}

/** `torrent_remove` */
export const removeTorrents: Method = async (args, context) => {
  const deletes = args.flag("delete_local_data") ?? false;
  const views = await selectTorrents(args, context);
  await act(views, deletes ? "remove-with-files" : "remove", context);
  return {};
};

/** `torrent_set_location` */
export const setLocation: Method = async (args, context) => {
  const folder = readLocation(args);
  if (folder === undefined) throw new RpcError("invalid-params", "no location");
  if (args.flag("move") !== true) {
    const text = "Files are moved, not found elsewhere: set move, or add the torrent again there.";
    throw new RpcError("invalid-params", text);
  }
  for (const { infoHash } of await selectTorrents(args, context)) {
    await context.operations.call("moveTorrent", { infoHash, folder });
    context.ids.touch(infoHash);
  }
  return {};
};

/** `torrent_rename_path`: a file or a folder gets another name in the same place. */
export const renamePath: Method = async (args, context) => {
  assertScope("torrents", context.caller);
  const views = await selectTorrents(args, context);
  const [view] = views;
  if (view === undefined || views.length !== 1) {
    throw new RpcError("invalid-params", "torrent-rename-path requires 1 torrent");
  }
  const path = args.text("path", 4096) ?? "";
  const name = args.text("name", 255) ?? "";
  if (path === "" || name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) {
    throw new RpcError("invalid-params", "path and name: expected a path, and a name without /.");
  }
  await rename(view, path, name, context);
  context.ids.touch(view.infoHash);
  return { path, name, id: context.ids.idOf(view.infoHash) };
};

async function rename(
  view: TorrentView,
  path: string,
  name: string,
  { operations, control }: MethodContext,
): Promise<void> {
  const { infoHash } = view;
  const renamed = [...path.split("/").slice(0, -1), name].join("/");
  const files = await view.files();
  const file = files.find((each) => each.path === path);
  if (file !== undefined) {
    await operations.call("renameFile", { infoHash, index: file.index, path: renamed });
  } else if (files.some((each) => each.path.startsWith(`${path}/`))) {
    await control.renameFolder(infoHash, path, renamed);
  } else throw new RpcError("invalid-params", `path: the torrent has nothing at ${path}.`);
}

async function act(
  views: readonly TorrentView[],
  action: Action,
  { operations, ids, caller }: MethodContext,
): Promise<void> {
  assertScope("torrents", caller);
  if (views.length === 0) return;
  const infoHashes = views.map(({ infoHash }) => infoHash);
  const { failed } = await operations.call("actOnTorrents", { infoHashes, action });
  for (const infoHash of infoHashes) ids.touch(infoHash);
  const [first] = failed;
  if (first !== undefined) throw new RpcError("system-error", first.error);
}
