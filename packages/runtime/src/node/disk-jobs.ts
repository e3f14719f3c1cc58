import type { SharedMemory } from "../hash-kernel/web-assembly.ts";
import type { PartFile, Parts, PieceCheck, ReadRun, StorageFile } from "../ports/disk.ts";

/** What a disk worker gets at its start. */
export interface DiskWorkerData {
  readonly memory: SharedMemory;
  /** Where its own `WORKSPACE_BYTES` of that memory start. Workers that never hash share one. */
  readonly workspace: number;
  /** Open files that this worker may keep. */
  readonly openFiles: number;
}

/** The jobs of a disk worker. Every worker can do all of them; which one does what is the disk's choice. */
export type DiskJob =
  /** Makes a storage known, or known anew where its files lie elsewhere than before. */
  | {
      readonly kind: "open";
      readonly storage: number;
      readonly root: string;
      readonly files: readonly StorageFile[];
      readonly partFile?: PartFile;
    }
  /** Looks for links that lead outside, in what exists of a storage. */
  | { readonly kind: "inspect"; readonly storage: number }
  | HashJob
  | {
      readonly kind: "write";
      readonly storage: number;
      readonly offsetBytes: number;
      readonly parts: Parts;
    }
  | { readonly kind: "check"; readonly storage: number; readonly check: PieceCheck }
  | { readonly kind: "read"; readonly storage: number; readonly ranges: ReadRun["ranges"] }
  | { readonly kind: "states"; readonly storage: number; readonly root?: string }
  /** One step of a copy; answers with an {@link AdoptStep}. */
  | {
      readonly kind: "adopt";
      readonly storage: number;
      readonly fileIndex: number;
      readonly from: string;
      /** Where in the file to go on. */
      readonly position: number;
    }
  | { readonly kind: "park"; readonly storage: number; readonly fileIndices: readonly number[] }
  | { readonly kind: "trim"; readonly storage: number }
  | {
      readonly kind: "rename";
      readonly storage: number;
      readonly paths: readonly (readonly [fileIndex: number, path: readonly string[]])[];
      readonly isResumed: boolean;
    }
  | {
      readonly kind: "move-plan";
      readonly storage: number;
      readonly to: string;
      readonly isResumed: boolean;
    }
  | {
      readonly kind: "move-file";
      readonly storage: number;
      readonly to: string;
      readonly fileIndex: number;
      readonly step: MoveStep;
    }
  | {
      readonly kind: "move-patch";
      readonly storage: number;
      readonly to: string;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly kind: "move-sync"; readonly storage: number; readonly to: string }
  | { readonly kind: "allocate"; readonly storage: number; readonly fileIndex: number }
  | {
      readonly kind: "remove";
      readonly storage: number;
      readonly root: string;
      readonly what: "everything" | "part-file";
    }
  | { readonly kind: "finish"; readonly storage: number }
  | { readonly kind: "sync"; readonly storage: number }
  | { readonly kind: "close"; readonly storage: number };

/** How far a copy has come: bytes done, or how it ended. */
export type AdoptStep = number | "cloned" | "copied" | null;

/** What is to be moved. */
export interface MovePlan {
  /** The new root is the old one by another name. */
  readonly isSamePlace: boolean;
  /** Files that exist, the part file behind the last one. */
  readonly fileIndices: readonly number[];
  readonly lengthBytes: number;
}

/** How far the move of a file is. */
export interface MoveStep {
  /** Bytes that are copied. */
  readonly position: number;
  /** When the file had last been written as its copy began. */
  readonly modifiedMs: number;
}

/** Hashes a piece, of which some parts may lie on disk. */
export interface HashJob {
  readonly kind: "hash";
  /** Also writes it, when it is good. */
  readonly andWrite: boolean;
  readonly storage: number;
  readonly check: PieceCheck;
  readonly parts: Parts;
}
