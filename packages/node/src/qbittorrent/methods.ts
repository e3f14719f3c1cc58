import { assertScope } from "../rest/assert-allowed.ts";
import { addTorrents } from "./add-torrents.ts";
import { changes, type QbMethod, reads } from "./call.ts";
import {
  changeTags,
  createTags,
  deleteTags,
  describeCategories,
  listTags,
  removeCategories,
  setCategory,
} from "./categories-and-tags.ts";
import { findTorrent, listTorrents } from "./list-torrents.ts";
import { getPreferences, setPreferences } from "./preferences.ts";
import * as changing from "./torrent-changes.ts";
import * as parts from "./torrent-parts.ts";
import * as transfer from "./transfer.ts";
import { WebApiError } from "./web-api-error.ts";

/** The version of qBittorrent whose API this is, and the API's. */
export const APP_VERSION = "v5.0.5";
export const WEB_API_VERSION = "2.11.2";

const { act, change } = changing;

/** Every method by its path below `/api/v2/`, but for those that sign in and out. */
export const METHODS: Readonly<Record<string, QbMethod>> = {
  "app/version": reads(() => APP_VERSION),
  "app/webapiVersion": reads(() => WEB_API_VERSION),
  "app/buildInfo": reads(() => ({
    qt: "",
    libtorrent: "",
    boost: "",
    openssl: process.versions.openssl,
    zlib: process.versions.zlib,
    bitness: 64,
    platform: process.platform,
  })),
  "app/preferences": reads(getPreferences),
  "app/setPreferences": changes(setPreferences),
  "app/defaultSavePath": reads(
    async ({ operations }) => (await operations.call("getNode")).downloadFolder,
  ),
  "app/shutdown": changes(({ control, caller }) => {
    assertScope("admin", caller);
    control.stop();
  }),

  "sync/maindata": reads(transfer.syncMainData),
  "sync/torrentPeers": reads(parts.describePeers),

  "transfer/info": reads(transfer.describeTransfer),
  "transfer/speedLimitsMode": reads(() => "0"),
  "transfer/downloadLimit": reads(transfer.getLimit("downloadLimit")),
  "transfer/uploadLimit": reads(transfer.getLimit("uploadLimit")),
  "transfer/setDownloadLimit": changes(transfer.setLimit("downloadLimit")),
  "transfer/setUploadLimit": changes(transfer.setLimit("uploadLimit")),

  "torrents/info": reads(listTorrents),
  "torrents/count": reads(async ({ operations }) =>
    String((await operations.call("listTorrents", { limit: 1 })).total),
  ),
  "torrents/properties": reads(parts.describeProperties),
  "torrents/trackers": reads(parts.describeTrackers),
  "torrents/webseeds": reads(async (call) =>
    (await (await findTorrent(call)).webSeeds()).map(({ url }) => ({ url })),
  ),
  "torrents/files": reads(parts.describeFiles),
  "torrents/pieceStates": reads(parts.describePieces),
  "torrents/add": changes(addTorrents),
  "torrents/delete": changes(
    act(({ parameters }) =>
      parameters.flag("deleteFiles") === true ? "remove-with-files" : "remove",
    ),
  ),
  "torrents/stop": changes(act(() => "pause")),
  "torrents/pause": changes(act(() => "pause")),
  "torrents/start": changes(act(() => "resume")),
  "torrents/resume": changes(act(() => "resume")),
  "torrents/recheck": changes(act(() => "recheck")),
  "torrents/reannounce": changes(act(() => "reannounce")),
  "torrents/topPrio": changes(act(() => "queue-top")),
  "torrents/bottomPrio": changes(act(() => "queue-bottom")),
  "torrents/increasePrio": changes(act(() => "queue-up")),
  "torrents/decreasePrio": changes(act(() => "queue-down")),
  "torrents/setForceStart": changes(async (call) => {
    if (call.parameters.flag("value") === true) return await act(() => "force-start")(call);
    return await change(() => ({ autoManaged: true }))(call);
  }),
  "torrents/setSuperSeeding": changes(
    change(({ parameters }) => ({ superSeeding: parameters.flag("value") === true })),
  ),
  "torrents/toggleSequentialDownload": changes(
    change(({ control }, hash) => ({ sequential: !(control.glance(hash)?.sequential ?? false) })),
  ),
  "torrents/toggleFirstLastPiecePrio": changes(
    change(({ control }, hash) => ({ endsFirst: !(control.glance(hash)?.endsFirst ?? false) })),
  ),
  "torrents/downloadLimit": reads(changing.getLimit("download")),
  "torrents/uploadLimit": reads(changing.getLimit("upload")),
  "torrents/setDownloadLimit": changes(changing.setLimit("download")),
  "torrents/setUploadLimit": changes(changing.setLimit("upload")),
  "torrents/setShareLimits": changes(changing.setShareLimits),
  "torrents/setLocation": changes(changing.setLocation),
  "torrents/setCategory": changes(changing.setCategory),
  "torrents/filePrio": changes(changing.setFilePriority),
  "torrents/renameFile": changes(changing.renameFile),
  "torrents/renameFolder": changes(changing.renameFolder),
  "torrents/addTrackers": changes(changing.addTrackers),
  "torrents/addPeers": changes(changing.addPeers),
  "torrents/removeTrackers": changes(refuse("Trackers can be added, and not removed.")),
  "torrents/editTracker": changes(refuse("Trackers can be added, and not replaced.")),
  "torrents/rename": changes(refuse("A torrent keeps its name; its files can be renamed.")),
  "torrents/setAutoManagement": changes(({ parameters }) => {
    if (parameters.flag("enable") !== true) return;
    throw new WebApiError(409, "Folders do not follow categories by themselves.");
  }),

  "torrents/categories": reads(describeCategories),
  "torrents/createCategory": changes(setCategory("create")),
  "torrents/editCategory": changes(setCategory("edit")),
  "torrents/removeCategories": changes(removeCategories),
  "torrents/tags": reads(listTags),
  "torrents/createTags": changes(createTags),
  "torrents/deleteTags": changes(deleteTags),
  "torrents/addTags": changes(changeTags("add")),
  "torrents/removeTags": changes(changeTags("remove")),
  "torrents/setTags": changes(changeTags("set")),
};

/** What cannot be done here is refused, so that nobody believes it was. */
function refuse(text: string): QbMethod["answer"] {
  return () => {
    throw new WebApiError(409, text);
  };
}
