import { workerData } from "node:worker_threads";
import { DiskError } from "../errors.ts";
import { LANES } from "../hash-kernel/scratch-layout.ts";
import { ON_DISK } from "../ports/disk.ts";
import type { Parts, PieceVerdict } from "../ports/disk.ts";
import { adoptFile } from "./adopt-file.ts";
import { describeDiskError } from "./disk-errors.ts";
import type { DiskJob, DiskWorkerData } from "./disk-jobs.ts";
import { finishStorage, inspectStorage, statStorage, syncStorage } from "./disk-upkeep.ts";
import { allocateFile } from "./file-allocation.ts";
import { moveFile, patchMoved, planMove, syncMoved } from "./file-moving.ts";
import { removeFiles } from "./file-removal.ts";
import { renameFiles } from "./file-renaming.ts";
import { parkFiles, removePartFile } from "./file-parking.ts";
import { createFileTable, pathOf } from "./file-table.ts";
import type { KnownStorage } from "./file-table.ts";
import { readFully, writeFully } from "./file-transfer.ts";
import { createGathering } from "./gathering.ts";
import { createLaneHasher } from "./lane-hasher.ts";
import {
  hashInWindows,
  hashTogether,
  lengthOnDisk,
  missingVerdict,
  partsLength,
} from "./piece-hash.ts";
import type { PieceInMemory } from "./piece-hash.ts";
import { scratchPlace, WINDOW_BYTES, windowPlace } from "./piece-workspace.ts";
import { attempt, PATIENCE_MS, serveJobs } from "./worker-serve.ts";
import type { Outcome } from "./worker-serve.ts";

type HashJob = Extract<DiskJob, { kind: "hash" | "check" }>;

/** A larger piece is worth its hashing alone, and several would hold too much of the pool. */
const MAX_GATHERED_BYTES = 2 * 1024 * 1024;

const { memory, workspace, openFiles } = workerData as DiskWorkerData;
const pool = memory.buffer;
const bytes = new Uint8Array(pool);
const table = createFileTable(openFiles);
const hasher = createLaneHasher(memory, scratchPlace(workspace));

const gathering = createGathering({
  size: LANES,
  maxWaitMs: PATIENCE_MS,
  nowMs: () => performance.now(),
});

serveJobs<DiskJob>({ arrived, take, run, weigh, describe: describeDiskError });

function arrived(job: DiskJob): void {
  if (job.kind === "hash") gathering.arrived();
}

/**
 * Pieces that wait together are hashed side by side where that is faster; every other job goes alone.
 * Small pieces with a SHA-1 wait for each other: alone, one costs two thirds more.
 */
function take(queue: readonly DiskJob[]): number {
  if (!hasher.usesLanes) return 1;
  const limit = Math.min(LANES, queue.length);
  let count = 0;
  while (count < limit && fitsLane(queue[count] as DiskJob)) count++;
  const isAlone = count > 0 && count === queue.length && queue.every(isGathered);
  return isAlone && gathering.shouldWait(count) ? 0 : Math.max(1, count);
}

/** What a piece needs from disk must fit into its lane's window. */
function fitsLane(job: DiskJob): boolean {
  return isHashJob(job) && lengthOnDisk(partsOf(job)) <= WINDOW_BYTES;
}

function isGathered(job: DiskJob): boolean {
  return (
    job.kind === "hash" &&
    job.check.sha1 !== undefined &&
    job.check.lengthBytes <= MAX_GATHERED_BYTES
  );
}

function run(jobs: readonly DiskJob[]): Outcome[] {
  const [first] = jobs as [DiskJob];
  if (!fitsLane(first)) return [attempt(() => runOne(first))];
  return hashJobs(jobs as readonly HashJob[]);
}

function runOne(job: DiskJob): unknown {
  switch (job.kind) {
    case "open":
      table.register(job.storage, job);
      break;
    case "close":
      table.forget(job.storage);
      break;
    case "hash":
    case "check":
      return hashLarge(job);
    case "write":
      write(table.find(job.storage), job.offsetBytes, job.parts);
      break;
    case "read":
      read(table.find(job.storage), job.ranges);
      break;
    case "inspect":
      inspectStorage(table.find(job.storage));
      break;
    case "states":
      return statStorage(table.find(job.storage), job.root);
    case "adopt":
      return adoptFile(table.find(job.storage), table, job);
    case "park":
      return parkFiles(table.find(job.storage), table, job.fileIndices);
    case "trim":
      removePartFile(table.find(job.storage));
      break;
    case "rename":
      renameFiles(table.find(job.storage), job);
      break;
    case "move-plan":
      return planMove(table.find(job.storage), job.to, job.isResumed);
    case "move-file":
      return moveFile(table.find(job.storage), job.to, job.fileIndex, job.step);
    case "move-patch":
      patchMoved(table.find(job.storage), table, job.to, job);
      break;
    case "move-sync":
      return syncMoved(table.find(job.storage), job.to);
    case "allocate":
      return allocateFile(table.find(job.storage), table, job.fileIndex);
    case "remove":
      removeFiles(table.find(job.storage), job.root, job.what);
      break;
    case "finish":
      finishStorage(table.find(job.storage), table);
      break;
    case "sync":
      syncStorage(table.find(job.storage), table);
  }
  return null;
}

function weigh(job: DiskJob): number {
  if (isHashJob(job)) return job.check.lengthBytes;
  if (job.kind === "write") return partsLength(job.parts);
  return job.kind === "read"
    ? job.ranges.reduce((sum, value, at) => (at % 3 === 1 ? sum + value : sum), 0)
    : 0;
}

function isHashJob(job: DiskJob): job is HashJob {
  return job.kind === "hash" || job.kind === "check";
}

function partsOf(job: HashJob): Parts {
  return job.kind === "hash" ? job.parts : [ON_DISK, job.check.lengthBytes];
}

function hashJobs(jobs: readonly HashJob[]): Outcome[] {
  const outcomes: Outcome[] = [];
  const pieces: PieceInMemory[] = [];
  const indexes: number[] = [];
  for (const [index, job] of jobs.entries()) {
    const place = windowPlace(workspace, index);
    const brought = attempt(() => bringIn(job, job.check.offsetBytes, partsOf(job), place));
    if ("value" in brought) {
      indexes.push(index);
      pieces.push({ check: job.check, parts: brought.value as Parts });
    } else {
      outcomes[index] = failedRead(job, brought.error);
    }
  }
  hashTogether(hasher.current(), pieces).forEach((verdict, at) => {
    const index = indexes[at] as number;
    const job = jobs[index] as HashJob;
    outcomes[index] = attempt(() => settle(job, verdict));
    hasher.count(job.check.lengthBytes);
  });
  return outcomes;
}

function hashLarge(job: HashJob): PieceVerdict {
  const piece = { check: job.check, parts: partsOf(job) };
  const place = windowPlace(workspace, 0);
  hasher.count(job.check.lengthBytes);
  try {
    const verdict = hashInWindows(hasher.current(), piece, bytes, (offsetBytes, parts) =>
      bringIn(job, offsetBytes, parts, place),
    );
    return settle(job, verdict);
  } catch (error) {
    const outcome = failedRead(job, error);
    if ("error" in outcome) throw outcome.error;
    return outcome.value as PieceVerdict;
  }
}

/** Writes a good piece, if that is asked. */
function settle(job: HashJob, verdict: PieceVerdict): PieceVerdict {
  if (job.kind === "hash" && job.andWrite && verdict.ok) {
    write(table.find(job.storage), job.check.offsetBytes, job.parts);
  }
  return verdict;
}

/** A check of what is not there is a verdict, not a failure. */
function failedRead(job: HashJob, error: unknown): Outcome {
  const isMissing = error instanceof DiskError && error.code === "missing";
  return isMissing && job.kind === "check" ? { value: missingVerdict(job.check) } : { error };
}

/** Reads the parts that lie on disk to `window`; answers with parts that all lie in memory. */
function bringIn(job: HashJob, offsetBytes: number, parts: Parts, window: number): Parts {
  const inMemory: number[] = [];
  const ranges: number[] = [];
  let offset = offsetBytes;
  let free = window;
  for (let at = 0; at < parts.length; at += 2) {
    const [place, lengthBytes] = [parts[at] as number, parts[at + 1] as number];
    if (place === ON_DISK) {
      ranges.push(offset, lengthBytes, free);
      inMemory.push(free, lengthBytes);
      free += lengthBytes;
    } else {
      inMemory.push(place, lengthBytes);
    }
    offset += lengthBytes;
  }
  if (ranges.length > 0) read(table.find(job.storage), ranges);
  return inMemory;
}

function readSegment(
  storage: KnownStorage,
  fileIndex: number,
  views: Uint8Array[],
  position: number,
): void {
  const descriptor = table.descriptor(storage, fileIndex, "read");
  readFully(descriptor, views, position, placeOf(storage, fileIndex));
}

function placeOf(storage: KnownStorage, fileIndex: number): string {
  return [storage.root, ...pathOf(storage, fileIndex)].join("/");
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
    writeFully(descriptor, own, segment.position, placeOf(storage, segment.fileIndex));
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

/** Ranges that follow each other are one stretch: one system call reads what of it lies in one file. */
function read(storage: KnownStorage, ranges: readonly number[]): void {
  for (let at = 0; at < ranges.length;) {
    const start = ranges[at] as number;
    const views: Uint8Array[] = [];
    let end = start;
    for (; at < ranges.length && ranges[at] === end; at += 3) {
      const lengthBytes = ranges[at + 1] as number;
      views.push(new Uint8Array(pool, ranges[at + 2], lengthBytes));
      end += lengthBytes;
    }
    readStretch(storage, start, end - start, views);
  }
}

function readStretch(
  storage: KnownStorage,
  offsetBytes: number,
  lengthBytes: number,
  views: Uint8Array[],
): void {
  let rest = views;
  for (const segment of storage.map.segments(offsetBytes, lengthBytes)) {
    const [own, others] = splitViews(rest, segment.lengthBytes);
    rest = others;
    if (segment.fileIndex >= 0) readSegment(storage, segment.fileIndex, own, segment.position);
    else for (const view of own) view.fill(0);
  }
}
