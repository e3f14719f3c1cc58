import type { ExitCode } from "../exit-codes.ts";
import { EXIT } from "../exit-codes.ts";
import { formatBytes, formatCount, toPlainText } from "../output/format.ts";
import {
  describeMagnet,
  describeMetainfo,
  type TorrentDescription,
} from "../torrent/describe-torrent.ts";
import { loadSource } from "../torrent/load-source.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

/** Says what a torrent file or magnet link holds. */
export async function runInfo(
  text: string,
  _options: CommonOptions,
  { output }: CommandContext,
): Promise<ExitCode> {
  const source = await loadSource(text);
  const description =
    source.kind === "magnet" ? describeMagnet(source.magnet) : describeMetainfo(source.metainfo);
  for (const line of infoLines(description)) output.data(line);
  output.result(description);
  return EXIT.ok;
}

function infoLines(torrent: TorrentDescription): string[] {
  const { pieceCount, pieceLengthBytes, lengthBytes, files } = torrent;
  const rows: [string, string | null][] = [
    ["name", torrent.name],
    ["infohash v1", torrent.infoHashV1],
    ["infohash v2", torrent.infoHashV2],
    ["size", lengthBytes === null ? null : `${formatBytes(lengthBytes)} (${lengthBytes} bytes)`],
    [
      "pieces",
      pieceCount === null ? null : `${pieceCount} of ${formatBytes(pieceLengthBytes ?? 0)}`,
    ],
    ...torrent.trackers.map((url): [string, string] => ["tracker", url]),
    ...torrent.webSeeds.map((url): [string, string] => ["web seed", url]),
    ["private", torrent.private === true ? "yes: peers come from its trackers alone" : null],
    ["comment", torrent.comment],
    ["created by", torrent.createdBy],
    ["created at", torrent.createdAt],
    ["magnet", torrent.magnet],
  ];
  const lines = rows
    .filter(([, value]) => value !== null && value !== "")
    .map(([label, value]) => `${label.padEnd(12)} ${toPlainText(value ?? "")}`);
  if (files === null) {
    return [...lines, "", "Its files are known once peers have sent them: shoal get fetches them."];
  }
  const sizes = files.map((file) => formatBytes(file.lengthBytes));
  const width = Math.max(...sizes.map((size) => size.length));
  return [
    ...lines,
    "",
    `${formatCount(files.length, "file")}:`,
    ...files.map(({ path }, index) => `  ${sizes[index]!.padStart(width)}  ${toPlainText(path)}`),
  ];
}
