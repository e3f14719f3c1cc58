import { checkPieces, layoutOf } from "@shoal/engine";
import { describePiece, type Metainfo, piecesOfFile, toHex } from "@shoal/protocol";
import type { FileState, PieceCheck } from "@shoal/runtime";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes, formatCount, formatRanges, toPlainText } from "../output/format.ts";
import type { Output } from "../output/output.ts";
import { showCounter } from "../output/show-counter.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { loadTorrentFile } from "../torrent/load-source.ts";
import type { CommandContext, CommonOptions } from "./context.ts";

export interface VerifyOptions extends CommonOptions {
  readonly dir: string;
}

interface FileVerdict {
  readonly path: string;
  readonly lengthBytes: number;
  readonly ok: boolean;
  /** False when there is no such file. */
  readonly exists: boolean;
  /** Pieces with bytes of this file that do not verify. */
  readonly badPieces: readonly number[];
}

/** Reads and hashes everything. Exit code 6 when anything does not verify. */
export async function runVerify(
  path: string,
  { dir }: VerifyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  const metainfo = await loadTorrentFile(path);
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const { clock, disk } = runtime;
    const storage = await disk.open(layoutOf(metainfo, dir));
    const bad = new Set<number>();
    const counter = showCounter("checking", metainfo.pieceCount, clock, output);
    try {
      await checkPieces({
        storage,
        pieces: Array.from({ length: metainfo.pieceCount }, (_, piece) => piece),
        checkOf: (piece) => checkOf(metainfo, piece),
        width: disk.checkWidth,
        signal,
        onPiece: (piece, ok) => {
          counter.add();
          if (!ok) bad.add(piece);
        },
      });
    } finally {
      counter.stop();
    }
    const files = judgeFiles(metainfo, await storage.states(), bad);
    return report(metainfo, files, bad, output);
  } finally {
    await runtime.close();
  }
}

function checkOf(metainfo: Metainfo, piece: number): PieceCheck | null {
  const { offsetBytes, lengthBytes, sha1, merkle } = describePiece(metainfo, piece);
  if (sha1 === null && merkle === null) return null;
  return {
    offsetBytes,
    lengthBytes,
    ...(sha1 === null ? {} : { sha1 }),
    ...(merkle === null ? {} : { merkle }),
  };
}

function judgeFiles(
  metainfo: Metainfo,
  states: readonly FileState[],
  bad: ReadonlySet<number>,
): FileVerdict[] {
  return metainfo.files.map((file, index) => {
    const { first, end } = piecesOfFile(metainfo, index);
    const badPieces: number[] = [];
    for (let piece = first; piece < end; piece++) if (bad.has(piece)) badPieces.push(piece);
    const exists = states[index]?.lengthBytes !== null;
    const ok = exists && badPieces.length === 0;
    return { path: file.path.join("/"), lengthBytes: file.lengthBytes, ok, exists, badPieces };
  });
}

function report(
  metainfo: Metainfo,
  files: readonly FileVerdict[],
  bad: ReadonlySet<number>,
  output: Output,
): ExitCode {
  const { name, pieceCount, lengthBytes, v1, v2 } = metainfo;
  const damaged = files.filter((file) => !file.ok);
  const ok = damaged.length === 0 && bad.size === 0;
  for (const { path, exists, badPieces } of damaged) {
    const what = exists
      ? `bad ${badPieces.length === 1 ? "piece" : "pieces"} ${formatRanges(badPieces)}`
      : "missing";
    output.data(`${toPlainText(path)}: ${what}`);
  }
  output.note(
    ok
      ? `${output.paint("green", "verified:")} ${formatCount(pieceCount, "piece")}, ${formatBytes(lengthBytes)}`
      : `${output.paint("red", "not verified:")} ${damaged.length} of ${formatCount(files.length, "file")}, ` +
          `${bad.size} of ${formatCount(pieceCount, "piece")}; shoal get repairs them`,
  );
  output.result({
    name,
    infoHashV1: v1 === null ? null : toHex(v1.infoHash),
    infoHashV2: v2 === null ? null : toHex(v2.infoHash),
    ok,
    pieceCount,
    verifiedPieces: pieceCount - bad.size,
    badPieces: [...bad].sort((a, b) => a - b),
    files,
  });
  return ok ? EXIT.ok : EXIT.verificationFailed;
}
