import type { Torrent } from "@shoal/engine";
import { matchFile } from "../arguments/match-files.ts";
import { CliError } from "../errors.ts";
import { toPlainText } from "../output/format.ts";
import type { Output } from "../output/output.ts";

/**
 * Writes one file of a torrent to stdout while it comes, as fast as the reader takes it.
 * @param pattern A glob, as for `--select`; the largest of several files is taken.
 * @throws {CliError} `not-found` when no file matches; what the torrent throws.
 */
export async function streamToStdout(
  torrent: Torrent,
  pattern: string,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const candidates = [...torrent.files.entries()].filter(([, { path }]) =>
    matchFile(path, [pattern]),
  );
  const [largest] = candidates.toSorted(([, a], [, b]) => b.lengthBytes - a.lengthBytes);
  if (largest === undefined) {
    throw new CliError(
      "not-found",
      `no file of the torrent matches ${pattern}; shoal info lists them`,
    );
  }
  const [fileIndex, file] = largest;
  output.note(`streaming ${toPlainText(file.path.join("/"))}`);
  for await (const chunk of torrent.stream(fileIndex, { signal })) await output.bytes(chunk);
}
