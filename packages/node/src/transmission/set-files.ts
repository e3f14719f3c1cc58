import type { TorrentView } from "../remote/torrent-view.ts";
import type { Arguments } from "./arguments.ts";
import { ENGINE_PRIORITY } from "./file-fields.ts";
import type { MethodContext } from "./method.ts";
import { RpcError } from "./rpc-error.ts";

const LISTS = [
  "files_wanted",
  "files_unwanted",
  "priority_low",
  "priority_normal",
  "priority_high",
] as const;

/**
 * The files of `torrent_set`: wanted or not, and with what priority. An empty list means all files. Transmission
 * keeps a priority for files that are not wanted; here such a file gets it once it is.
 * @throws {RpcError} `file-index-out-of-range`
 */
export async function setFiles(
  view: TorrentView,
  args: Arguments,
  { operations }: MethodContext,
): Promise<void> {
  const lists = new Map(LISTS.map((name) => [name, args.numbers(name)]));
  if ([...lists.values()].every((list) => list === undefined)) return;
  const files = await view.files();
  const indicesOf = (name: (typeof LISTS)[number]): readonly number[] => {
    const list = lists.get(name);
    if (list?.length === 0) return files.map((_, index) => index);
    if (list?.some((index) => files[index] === undefined)) {
      throw new RpcError("file-index-out-of-range");
    }
    return list ?? [];
  };
  const wanted = files.map(({ priority }) => priority);
  for (const index of indicesOf("files_wanted")) wanted[index] ||= ENGINE_PRIORITY.normal;
  for (const index of indicesOf("files_unwanted")) wanted[index] = ENGINE_PRIORITY.skip;
  for (const level of ["low", "normal", "high"] as const) {
    for (const index of indicesOf(`priority_${level}`)) {
      if (wanted[index] !== ENGINE_PRIORITY.skip) wanted[index] = ENGINE_PRIORITY[level];
    }
  }
  const changed = Map.groupBy(wanted.keys(), (index) =>
    wanted[index] === files[index]!.priority ? null : wanted[index]!,
  );
  for (const [priority, indices] of changed) {
    if (priority === null) continue;
    await operations.call("changeFiles", { infoHash: view.infoHash, files: indices, priority });
  }
}
