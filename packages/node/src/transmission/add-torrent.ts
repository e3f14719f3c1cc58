import type { Sent } from "@shoal/api";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import type { Arguments } from "./arguments.ts";
import { ENGINE_PRIORITY } from "./file-fields.ts";
import { identify } from "./get-torrents.ts";
import { readLabels } from "./labels.ts";
import type { MethodContext } from "./method.ts";
import { spell } from "./names.ts";
import { RpcError } from "./rpc-error.ts";
import { SESSION, STARTS_ADDED } from "./session-fields.ts";

type Addition = Sent<"addTorrent">;
type Source = Addition["source"];

/** Characters of a torrent file in base64: its 10 MiB, a third more, and room for line ends. */
const MAX_METAINFO = 14 * 2 ** 20;

/** `torrent_add`. A torrent that is here already is told as such, which is no failure. @throws {RpcError} */
export async function addTorrent(
  args: Arguments,
  context: MethodContext,
): Promise<Record<string, unknown>> {
  const { operations, control, dialect } = context;
  const source = readSource(args);
  const { category, tags } = await readLabels(args.texts("labels"), context);
  const startsAdded = context.memories.recall(SESSION, STARTS_ADDED, 1) === 1;
  const options = { ...(!startsAdded && { paused: true }), ...readOptions(args) };
  const addition = { source, ...options, ...(category !== null && { category }) };
  let infoHash: string;
  let kind = "torrent_added";
  try {
    ({ infoHash } = await operations.call("addTorrent", addition));
    if (tags.length > 0) await control.tags.set(infoHash, tags);
    setPriorities(infoHash, args, context);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "duplicate-torrent") throw error;
    kind = "torrent_duplicate";
    ({ infoHash } = await operations.call("inspectSource", source));
  }
  return { [spell(kind, "answer", dialect)]: await identify(infoHash, context) };
}

function readSource(args: Arguments): Source {
  const torrentFile = args.text("metainfo", MAX_METAINFO)?.replace(/\s/g, "");
  if (torrentFile !== undefined && torrentFile !== "") return { torrentFile };
  const name = args.text("filename")?.trim() ?? "";
  if (name === "") throw new RpcError("invalid-params", "no filename or metainfo specified");
  if ((args.text("cookies") ?? "") !== "") {
    const text = "Cookies are not supported: fetch the torrent file and send it as metainfo.";
    throw new RpcError("invalid-params", text);
  }
  if (/^https?:\/\//i.test(name)) return { url: name };
  if (/^magnet:/i.test(name) || /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[a-z2-7]{32})$/i.test(name)) {
    return { magnet: name };
  }
  // A caller from afar gets to read no file of this machine.
  const text = `Expected a magnet link, an infohash or a URL; send torrent files as metainfo.`;
  throw new RpcError("unrecognized-info", text);
}

function readOptions(args: Arguments): Omit<Addition, "source"> {
  const folder = args.text("download_dir", 4096);
  if (folder !== undefined && folder !== "" && !isAbsolutePath(folder)) {
    throw new RpcError("path-not-absolute", "download directory path is not absolute");
  }
  if ((args.number("bandwidth_priority", -1, 1) ?? 0) !== 0) {
    throw new RpcError("invalid-params", "bandwidth_priority: there is none; use limits.");
  }
  const paused = args.flag("paused");
  const sequential = args.flag("sequential_download");
  const skipFiles = args.numbers("files_unwanted");
  return {
    ...(folder && { folder }),
    ...(paused !== undefined && { paused }),
    ...(sequential !== undefined && { sequential }),
    ...(skipFiles !== undefined && { skipFiles: [...skipFiles] }),
  };
}

/** Files get their priorities once the metadata is here, which may be long after the answer. */
function setPriorities(infoHash: string, args: Arguments, context: MethodContext): void {
  for (const level of ["low", "normal", "high"] as const) {
    const files = args.numbers(`priority_${level}`);
    if (files === undefined || files.length === 0) continue;
    context.operations
      .call("changeFiles", { infoHash, files: [...files], priority: ENGINE_PRIORITY[level] })
      .catch((error: unknown) => context.control.report("transmission: file priorities", error));
  }
}
