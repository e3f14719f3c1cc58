import type { FileSelector, Torrent, TorrentOptions } from "@shoal/engine";
import type { Magnet, Metainfo } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import type { GetOptions } from "../commands/get-options.ts";
import { matchFile } from "../arguments/match-files.ts";
import type { PriorityRule } from "../arguments/parse-priority.ts";
import { CliError } from "../errors.ts";
import { toPlainText } from "../output/format.ts";
import { loadSource } from "./load-source.ts";
import { resolvePeers } from "./resolve-peers.ts";

/** What a session is told to download, and how. */
export interface DownloadPlan {
  readonly source: Metainfo | Magnet;
  readonly options: TorrentOptions;
}

/**
 * Reads what names a torrent, and resolves the peers to ask.
 * @throws as {@link loadSource} and {@link resolvePeers}.
 */
export async function planDownload(
  text: string,
  options: GetOptions,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const source = await loadSource(text, { http: runtime.http, signal });
  const { dir, select, sequential = false, recheck = false } = options;
  const magnet = source.kind === "magnet" ? source.magnet : null;
  const named = await resolvePeers(options.peer ?? [], runtime.dns, signal);
  // Peers that a link names are a hint: one that has no address is no reason to give up.
  const hinted = (magnet?.peers ?? []).map((peer) =>
    resolvePeers([peer], runtime.dns, signal).catch(() => []),
  );
  return {
    source: source.kind === "magnet" ? source.magnet : source.metainfo,
    options: {
      dir,
      sequential,
      recheck,
      peers: [...named, ...(await Promise.all(hinted)).flat()],
      allocation: options.preallocate === true ? "preallocate" : "sparse",
      select: chooseFiles(
        select ?? (options.stdout === undefined ? undefined : [options.stdout]),
        options.priority ?? [],
        magnet,
      ),
      webSeeds: options.webSeed ?? [],
      reuse: options.reuse ?? [],
    },
  };
}

/** The last `--priority` that names a file; else what `--select` asks for, or the link itself (BEP 53), or all. */
function chooseFiles(
  patterns: readonly string[] | undefined,
  rules: readonly PriorityRule[],
  magnet: Magnet | null,
): FileSelector {
  const ranges = magnet?.selectOnly ?? null;
  return ({ path }, index) => {
    const isSelected =
      patterns !== undefined
        ? matchFile(path, patterns)
        : (ranges?.some(({ first, last }) => index >= first && index <= last) ?? true);
    const rule = rules.findLast(({ pattern }) => matchFile(path, [pattern]));
    return isSelected && rule !== undefined ? rule.priority : isSelected;
  };
}

/** @throws {CliError} `not-found` when no file of the torrent is wanted. */
export function checkSelection({ files }: Torrent, { select }: GetOptions): void {
  if (select === undefined || files.some((file) => file.wanted)) return;
  const shown = files.slice(0, 10).map((file) => toPlainText(file.path.join("/")));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : "";
  throw new CliError(
    "not-found",
    `no file of the torrent matches ${select.join(", ")}; it has ${shown.join(", ")}${more}`,
  );
}
