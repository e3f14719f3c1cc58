import type { Sent } from "@shoal/api";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import type { QbCall } from "./call.ts";
import { readShareLimits } from "./share-limits.ts";
import { WebApiError } from "./web-api-error.ts";

type Addition = Sent<"addTorrent">;

/** Links of one request: each may be fetched before the answer. */
export const MAX_URLS = 100;

/**
 * `torrents/add`: links, one a line, and torrent files. Answers `Ok.` when any of them was added, and `Fails.` when none
 * was, as when all are here already. The layout of content is always the torrent's own, and what lies in the folder is always
 * checked, whatever `contentLayout` and `skip_checking` say.
 * @throws {WebApiError} 415 when a file is no torrent file.
 */
export async function addTorrents(call: QbCall): Promise<string> {
  const { parameters, operations, control } = call;
  const urls = parameters.list("urls", /[\r\n]+/);
  if (urls.length > MAX_URLS) throw new WebApiError(400, `urls: more than ${MAX_URLS}.`);
  const options = readOptions(call);
  const tags = parameters.list("tags", ",");
  const sources: Addition["source"][] = [
    ...urls.map((url) => (/^https?:/i.test(url) ? { url } : { magnet: url })),
    ...parameters.files.map(({ bytes }) => ({
      torrentFile: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    })),
  ];
  let added = 0;
  for (const source of sources) {
    try {
      const { infoHash } = await operations.call("addTorrent", { source, ...options });
      added += 1;
      if (tags.length > 0) await control.tags.set(infoHash, tags);
      if (parameters.flag("addToTopOfQueue")) control.moveInQueue(infoHash, 0);
    } catch (error) {
      const name = (error as Error).constructor.name;
      if ("torrentFile" in source && (name === "BencodeError" || name === "MetainfoError")) {
        throw new WebApiError(415, "Torrent file is not valid");
      }
      // Who may not at all is told so, and not that a torrent is bad.
      if ((error as { status?: unknown }).status === 403) throw error;
      control.report("qbittorrent: a torrent was not added", error);
    }
  }
  return added > 0 ? "Ok." : "Fails.";
}

function readOptions({ parameters }: QbCall): Omit<Addition, "source"> {
  const folder = parameters.text("savepath")?.trim();
  if (folder && !isAbsolutePath(folder))
    throw new WebApiError(400, "savepath: expected a whole path.");
  const category = parameters.text("category")?.trim();
  const paused = parameters.flag("stopped") ?? parameters.flag("paused");
  const sequential = parameters.flag("sequentialDownload");
  const endsFirst = parameters.flag("firstLastPiecePrio");
  const downloadLimit = readLimit(parameters.number("dlLimit"));
  const uploadLimit = readLimit(parameters.number("upLimit"));
  const shareLimits = readShareLimits(parameters, {});
  return {
    ...(folder && { folder }),
    ...(category && { category }),
    ...(paused !== undefined && { paused }),
    ...(sequential !== undefined && { sequential }),
    ...(endsFirst !== undefined && { endsFirst }),
    ...(downloadLimit !== undefined && { downloadLimit }),
    ...(uploadLimit !== undefined && { uploadLimit }),
    ...(parameters.flag("forced") === true && { autoManaged: false }),
    ...(shareLimits !== null && { shareLimits }),
  };
}

/** Bytes per second; 0 and less mean no limit. */
export function readLimit(limit: number | undefined): number | null | undefined {
  if (limit === undefined) return undefined;
  return limit <= 0 ? null : Math.round(limit);
}
