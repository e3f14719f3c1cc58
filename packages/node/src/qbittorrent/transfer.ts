import { createHash } from "node:crypto";
import { viewTorrents } from "../remote/torrent-view.ts";
import { readLimit } from "./add-torrents.ts";
import type { QbCall, QbMethod } from "./call.ts";
import { describeCategories } from "./categories-and-tags.ts";
import { describeAll } from "./list-torrents.ts";
import { WebApiError } from "./web-api-error.ts";

/** How often clients may look, in milliseconds. */
const REFRESH_MS = 1500;

/** `transfer/info` */
export async function describeTransfer({ operations }: QbCall) {
  const transfer = await operations.call("getTransfer");
  return {
    connection_status: transfer.reachable === "yes" ? "connected" : "firewalled",
    dht_nodes: transfer.dhtNodes ?? 0,
    dl_info_data: transfer.downloadedBytes,
    dl_info_speed: Math.round(transfer.downloadRate),
    dl_rate_limit: transfer.downloadLimit ?? 0,
    up_info_data: transfer.uploadedBytes,
    up_info_speed: Math.round(transfer.uploadRate),
    up_rate_limit: transfer.uploadLimit ?? 0,
  };
}

/** `transfer/downloadLimit` and `uploadLimit` */
export function getLimit(key: "downloadLimit" | "uploadLimit"): QbMethod["answer"] {
  return async ({ operations }) => String((await operations.call("getTransfer"))[key] ?? 0);
}

/** `transfer/setDownloadLimit` and `setUploadLimit` */
export function setLimit(key: "downloadLimit" | "uploadLimit"): QbMethod["answer"] {
  return async ({ parameters, operations }) => {
    const limit = readLimit(parameters.number("limit"));
    if (limit === undefined) throw new WebApiError(400, "Missing required parameter: limit");
    await operations.call("changeSettings", { speed: { [key]: limit } });
  };
}

/** `sync/maindata` */
export async function syncMainData(call: QbCall) {
  const { operations, control, parameters, mainData, request } = call;
  const views = await viewTorrents(call);
  const infos = await describeAll(views, call);
  const [info, transfer, { settings }, categories] = await Promise.all([
    describeTransfer(call),
    operations.call("getTransfer"),
    operations.call("getSettings"),
    describeCategories(call),
  ]);
  const sum = (key: "downloaded" | "uploaded"): number =>
    infos.reduce((total, torrent) => total + torrent[key], 0);
  const [downloaded, uploaded] = [sum("downloaded"), sum("uploaded")];
  const trackers: Record<string, string[]> = {};
  for (const { tracker, hash } of infos) if (tracker !== "") (trackers[tracker] ??= []).push(hash);
  const { activeDownloads, activeSeeds, activeLimit } = settings.queue;
  const state = {
    torrents: Object.fromEntries(infos.map(({ hash, ...rest }) => [hash, rest])),
    categories,
    tags: control.tags.all,
    trackers,
    server_state: {
      ...info,
      alltime_dl: downloaded,
      alltime_ul: uploaded,
      free_space_on_disk: transfer.freeDiskBytes ?? 0,
      global_ratio: downloaded === 0 ? "0.00" : (uploaded / downloaded).toFixed(2),
      queueing: [activeDownloads, activeSeeds, activeLimit].some((limit) => limit !== null),
      refresh_interval: REFRESH_MS,
      total_peer_connections: transfer.peers,
      use_alt_speed_limits: false,
      use_subcategories: false,
    },
  };
  const { authorization, cookie } = request.headers;
  const secret = authorization ?? cookie ?? request.remote.address;
  // Secrets are not kept where differences are.
  const client = createHash("sha256").update(secret).digest("base64");
  return mainData.answer(client, Math.trunc(parameters.number("rid") ?? 0), state);
}
