import type { TraceKind } from "./trace.ts";

/** A run of a program, as what it has to do with sees it. */
export interface RunningProgram {
  /** False from `close` or `crash` on: nothing of it is called any more. */
  readonly isAlive: boolean;
  /** Notes what happened to it. */
  trace(kind: TraceKind, detail: number): void;
}
