import { workerData } from "node:worker_threads";
import { DiskError } from "../errors.ts";
import { createHasher } from "../hash-kernel/hasher.ts";
import type { Hasher } from "../hash-kernel/hasher.ts";
import { NEVER_LANES, measureLaneCosts } from "../hash-kernel/lane-costs.ts";
import { LANES } from "../hash-kernel/scratch-layout.ts";
import { ON_DISK } from "../ports/disk.ts";
import type { Parts, PieceCheck, PieceVerdict } from "../ports/disk.ts";
import { describeDiskError } from "./disk-errors.ts";
import type { DiskJob, DiskWorkerData, HashJob } from "./disk-jobs.ts";
import { finishStorage, inspectStorage, statStorage, syncStorage } from "./disk-upkeep.ts";
import { createFileTable } from "./file-table.ts";
import type { KnownStorage } from "./file-table.ts";
import { readFully, writeFully } from "./file-transfer.ts";
import { isInMemory, judgePieces } from "./piece-batch.ts";
import { createPieceHasher, missingVerdict } from "./piece-hash.ts";
import { serveJobs } from "./worker-serve.ts";

/** Long enough for sequential disks, short enough to stay in a core's cache with what hashes it. */
const READ_BUFFER_BYTES = 1024 * 1024;

const { memory, scratchOffset, openFiles } = workerData as DiskWorkerData;
const pool = memory.buffer;
const table = createFileTable(openFiles);
const zeros = new Uint8Array(64 * 1024);
let readBuffer: Uint8Array | null = null;
let hasher: Hasher | null = null;

serveJobs({
  run: (job) => run(job as DiskJob),
  weigh: (job) => weigh(job as DiskJob),
  describe: describeDiskError,
  group: {
    limit: LANES,
    accepts: (job) => isHashInMemory(job as DiskJob),
    run: (jobs) => judgePieces(findHasher(), jobs as HashJob[]),
  },
});

function isHashInMemory(job: DiskJob): boolean {
  return job.kind === "hash" && isInMemory(job);
}

/** OpenSSL alone until it is known what this machine's vectors are worth: measured at the first piece. */
function findHasher(): Hasher {
  hasher ??= startMeasuring();
  return hasher;
}

function startMeasuring(): Hasher {
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  void measureLaneCosts({ nowMs: () => performance.now(), pause }).then((costs) => {
    hasher = createHasher({ memory, scratchOffset, costs });
  });
  return createHasher({ memory, scratchOffset, costs: NEVER_LANES });
}

function run(job: DiskJob): unknown {
  switch (job.kind) {
    case "open":
      table.register(job.storage, job.root, job.files);
      break;
    case "close":
      table.forget(job.storage);
      break;
    case "hash":
      return hash(job.storage, job.check, job.parts);
    case "write":
      write(table.find(job.storage), job.offsetBytes, job.parts);
      break;
    case "check":
      return check(table.find(job.storage), job.check);
    case "read":
      read(table.find(job.storage), job.ranges);
      break;
    case "inspect":
      inspectStorage(table.find(job.storage));
      break;
    case "states":
      return statStorage(table.find(job.storage));
    case "finish":
      finishStorage(table.find(job.storage), table);
      break;
    case "sync":
      syncStorage(table.find(job.storage), table);
  }
  return null;
}

function weigh(job: DiskJob): number {
  if (job.kind === "hash" || job.kind === "check") return job.check.lengthBytes;
  if (job.kind === "write") return partsLength(job.parts);
  return job.kind === "read"
    ? job.ranges.reduce((sum, value, at) => (at % 3 === 1 ? sum + value : sum), 0)
    : 0;
}

function partsLength(parts: Parts): number {
  let lengthBytes = 0;
  for (let at = 1; at < parts.length; at += 2) lengthBytes += parts[at] as number;
  return lengthBytes;
}

function hash(storage: number, piece: PieceCheck, parts: Parts): PieceVerdict {
  const hasher = createPieceHasher(piece);
  let offset = piece.offsetBytes;
  for (let at = 0; at < parts.length; at += 2) {
    const [place, lengthBytes] = [parts[at] as number, parts[at + 1] as number];
    if (place === ON_DISK)
      feedFromDisk(table.find(storage), offset, lengthBytes, (bytes) => hasher.update(bytes));
    else hasher.update(new Uint8Array(pool, place, lengthBytes));
    offset += lengthBytes;
  }
  return hasher.finish();
}

function check(storage: KnownStorage, piece: PieceCheck): PieceVerdict {
  const hasher = createPieceHasher(piece);
  try {
    feedFromDisk(storage, piece.offsetBytes, piece.lengthBytes, (bytes) => hasher.update(bytes));
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return missingVerdict(piece);
    throw error;
  }
  return hasher.finish();
}

function feedFromDisk(
  storage: KnownStorage,
  offsetBytes: number,
  lengthBytes: number,
  feed: (bytes: Uint8Array) => void,
): void {
  readBuffer ??= new Uint8Array(READ_BUFFER_BYTES);
  for (const segment of storage.map.segments(offsetBytes, lengthBytes)) {
    const { fileIndex } = segment;
    const buffer = fileIndex < 0 ? zeros : readBuffer;
    for (let done = 0; done < segment.lengthBytes;) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, segment.lengthBytes - done));
      if (fileIndex >= 0) readSegment(storage, fileIndex, [bytes], segment.position + done);
      feed(bytes);
      done += bytes.length;
    }
  }
}

function readSegment(
  storage: KnownStorage,
  fileIndex: number,
  views: Uint8Array[],
  position: number,
): void {
  const descriptor = table.descriptor(storage, fileIndex, "read");
  readFully(descriptor, views, position, pathOf(storage, fileIndex));
}

function pathOf(storage: KnownStorage, fileIndex: number): string {
  return [storage.root, ...(storage.files[fileIndex]?.path ?? [])].join("/");
}

/** Writes each stretch of parts that lies in memory: one system call per stretch and file. */
function write(storage: KnownStorage, offsetBytes: number, parts: Parts): void {
  let offset = offsetBytes;
  for (let at = 0; at < parts.length;) {
    if (parts[at] === ON_DISK) {
      offset += parts[at + 1] as number;
      at += 2;
      continue;
    }
    const views: Uint8Array[] = [];
    const start = offset;
    while (at < parts.length && parts[at] !== ON_DISK) {
      const [place, lengthBytes] = [parts[at] as number, parts[at + 1] as number];
      views.push(new Uint8Array(pool, place, lengthBytes));
      offset += lengthBytes;
      at += 2;
    }
    writeStretch(storage, start, offset - start, views);
  }
}

function writeStretch(
  storage: KnownStorage,
  offsetBytes: number,
  lengthBytes: number,
  views: Uint8Array[],
): void {
  let rest = views;
  for (const segment of storage.map.segments(offsetBytes, lengthBytes)) {
    const [own, others] = splitViews(rest, segment.lengthBytes);
    rest = others;
    if (segment.fileIndex < 0) continue;
    const descriptor = table.descriptor(storage, segment.fileIndex, "write");
    storage.unsynced.add(segment.fileIndex);
    writeFully(descriptor, own, segment.position, pathOf(storage, segment.fileIndex));
  }
}

function splitViews(views: Uint8Array[], lengthBytes: number): [Uint8Array[], Uint8Array[]] {
  const own: Uint8Array[] = [];
  let left = lengthBytes;
  let index = 0;
  for (; index < views.length && left > 0; index++) {
    const view = views[index] as Uint8Array;
    if (view.length > left) {
      own.push(view.subarray(0, left));
      return [own, [view.subarray(left), ...views.slice(index + 1)]];
    }
    own.push(view);
    left -= view.length;
  }
  return [own, views.slice(index)];
}

/** Ranges that follow each other in a file are read by one system call. */
function read(storage: KnownStorage, ranges: readonly number[]): void {
  let views: Uint8Array[] = [];
  let fileIndex = -1;
  let start = 0;
  let end = 0;
  const flush = () => {
    if (views.length > 0) readSegment(storage, fileIndex, views, start);
    views = [];
  };
  for (let at = 0; at < ranges.length; at += 3) {
    let place = ranges[at + 2] as number;
    for (const segment of storage.map.segments(ranges[at] as number, ranges[at + 1] as number)) {
      const view = new Uint8Array(pool, place, segment.lengthBytes);
      place += segment.lengthBytes;
      if (segment.fileIndex < 0) {
        view.fill(0);
        continue;
      }
      if (segment.fileIndex !== fileIndex || segment.position !== end) {
        flush();
        fileIndex = segment.fileIndex;
        start = segment.position;
      }
      views.push(view);
      end = segment.position + segment.lengthBytes;
    }
  }
  flush();
}
