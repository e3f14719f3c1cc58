import type { Sent } from "@shoal/api";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import { readLimit } from "./add-torrents.ts";
import type { QbCall, QbMethod } from "./call.ts";
import { findTorrent } from "./list-torrents.ts";
import { readShareLimits } from "./share-limits.ts";
import { ENGINE_PRIORITIES } from "./torrent-parts.ts";
import { WebApiError } from "./web-api-error.ts";

type Action = Sent<"actOnTorrents">["action"];
type Change = Omit<Sent<"changeTorrent">, "infoHash">;

/** Does something to each torrent of `hashes`. Those that are not here are passed over, as qBittorrent does. */
export function act(action: (call: QbCall) => Action): QbMethod["answer"] {
  return async (call) => {
    const infoHashes = call.parameters.hashes();
    if (infoHashes.length === 0) return;
    await call.operations.call("actOnTorrents", { infoHashes, action: action(call) });
  };
}

/** Changes each torrent of `hashes`. */
export function change(
  toChange: (call: QbCall, infoHash: string) => Change | Promise<Change>,
): QbMethod["answer"] {
  return async (call) => {
    for (const infoHash of await listHashes(call)) {
      await call.operations.call("changeTorrent", {
        infoHash,
        ...(await toChange(call, infoHash)),
      });
    }
  };
}

/** The torrents of `hashes` that are here. */
export async function listHashes({ parameters, control, operations }: QbCall): Promise<string[]> {
  const hashes = parameters.hashes();
  // Also asks whether the caller may look at all.
  const { total } = await operations.call("listTorrents", { limit: 1 });
  if (hashes !== "all") return hashes.filter((hash) => control.glance(hash) !== null);
  const all: string[] = [];
  while (all.length < total) {
    const page = await operations.call("listTorrents", { offset: all.length, limit: 1000 });
    if (page.torrents.length === 0) break;
    all.push(...page.torrents.map(({ infoHash }) => infoHash));
  }
  return all;
}

/** `torrents/setDownloadLimit` and `setUploadLimit`, in bytes per second. */
export function setLimit(direction: "download" | "upload"): QbMethod["answer"] {
  return change(({ parameters }) => {
    const limit = readLimit(parameters.number("limit"));
    if (limit === undefined) throw new WebApiError(400, "Missing required parameter: limit");
    return direction === "download" ? { downloadLimit: limit } : { uploadLimit: limit };
  });
}

/** `torrents/downloadLimit` and `uploadLimit`: 0 where there is none. */
export function getLimit(direction: "download" | "upload"): QbMethod["answer"] {
  return async (call) => {
    const pairs = (await listHashes(call)).map((hash) => {
      const traits = call.control.glance(hash);
      return [hash, traits?.[`${direction}Limit`] ?? 0] as const;
    });
    return Object.fromEntries(pairs);
  };
}

/** `torrents/setShareLimits` */
export const setShareLimits = change(({ parameters, control }, infoHash) => {
  const shareLimits = readShareLimits(parameters, control.glance(infoHash)?.shareLimits ?? {});
  if (shareLimits === null) throw new WebApiError(400, "Missing required parameter: ratioLimit");
  return { shareLimits };
});

/** `torrents/setCategory` @throws {WebApiError} 409 when there is no such category. */
export const setCategory: QbMethod["answer"] = async (call) => {
  const name = call.parameters.text("category") ?? "";
  const { categories } = await call.operations.call("listCategories");
  if (name !== "" && !categories.some((category) => category.name === name)) {
    throw new WebApiError(409, "Incorrect category name");
  }
  await change(() => ({ category: name === "" ? null : name }))(call);
};

/** `torrents/setLocation` */
export const setLocation: QbMethod["answer"] = async (call) => {
  const folder = call.parameters.text("location")?.trim() ?? "";
  if (folder === "") throw new WebApiError(400, "Save path cannot be empty");
  if (!isAbsolutePath(folder))
    throw new WebApiError(409, "Cannot create save path: it is not whole.");
  for (const infoHash of await listHashes(call)) {
    await call.operations.call("moveTorrent", { infoHash, folder });
  }
};

/** `torrents/filePrio` */
export const setFilePriority: QbMethod["answer"] = async (call) => {
  const { parameters, operations } = call;
  const ids = parameters.list("id", "|").map(Number);
  const priority = ENGINE_PRIORITIES[parameters.number("priority") ?? -1];
  if (priority === undefined) throw new WebApiError(400, "Priority is not valid");
  if (ids.length === 0 || !ids.every(Number.isSafeInteger)) {
    throw new WebApiError(400, "File IDs must be integers");
  }
  const view = await findTorrent(call);
  if (view.summary.state === "metadata") {
    throw new WebApiError(409, "Torrent's metadata has not yet downloaded");
  }
  const files = await view.files();
  if (ids.some((id) => files[id] === undefined)) {
    throw new WebApiError(409, "File ID is not valid");
  }
  await operations.call("changeFiles", { infoHash: view.infoHash, files: ids, priority });
};

/** `torrents/renameFile`, by the old path, or by the place that older clients send. */
export const renameFile: QbMethod["answer"] = async (call) => {
  const { parameters, operations } = call;
  const view = await findTorrent(call);
  const newPath = parameters.text("newPath") ?? parameters.needed("name");
  const files = await view.files();
  const old = parameters.text("oldPath");
  const file =
    old === undefined
      ? files[parameters.number("id") ?? -1]
      : files.find(({ path }) => path === old);
  if (file === undefined) throw new WebApiError(409, "There is no such file.");
  const { index } = file;
  await operations.call("renameFile", { infoHash: view.infoHash, index, path: newPath });
};

/** `torrents/renameFolder` */
export const renameFolder: QbMethod["answer"] = async (call) => {
  const view = await findTorrent(call);
  const [from, to] = [call.parameters.needed("oldPath"), call.parameters.needed("newPath")];
  if (!(await view.files()).some(({ path }) => path.startsWith(`${from}/`))) {
    throw new WebApiError(409, "There is no such folder.");
  }
  await call.control.renameFolder(view.infoHash, from, to);
};

/** `torrents/addTrackers` */
export const addTrackers: QbMethod["answer"] = async (call) => {
  const { infoHash } = await findTorrent(call);
  const urls = call.parameters.list("urls", /[\r\n]+/);
  if (urls.length > 100) throw new WebApiError(400, "urls: more than 100.");
  for (const url of urls) await call.operations.call("addTracker", { infoHash, url });
};

/** `torrents/addPeers` */
export const addPeers: QbMethod["answer"] = async (call) => {
  const peers = call.parameters.list("peers", "|").slice(0, 200);
  if (peers.length === 0) throw new WebApiError(400, "No valid peers were specified");
  for (const infoHash of await listHashes(call)) {
    await call.operations.call("addPeers", { infoHash, peers });
  }
};
