import type { Runtime } from "./runtime.ts";

/** One end of a line between two threads. What goes over it arrives as a structured clone, in order. */
export interface ThreadLine {
  /** What the other end no longer takes is dropped. @throws {Error} for what cannot be cloned, such as a function. */
  post(value: unknown): void;
  /** Takes what comes, beginning with what has come already. To be called once. */
  receive(onValue: (value: unknown) => void): void;
}

/** A thread, as who started it has it. */
export interface Thread extends ThreadLine {
  /** Resolves once it has ended: with null when its work was done, else with what it died of. Never rejects. */
  readonly whenEnded: Promise<Error | null>;
  /** Ends it without warning, as a crash would. */
  kill(): Promise<void>;
}

/** What a thread is given. */
export interface ThreadContext {
  /** A world of its own, closed when `main` is over. */
  readonly runtime: Runtime;
  readonly line: ThreadLine;
  /** What `start` was called with, cloned. */
  readonly data: unknown;
}

/** What the module of a thread exports as `main`. The thread ends when it settles. */
export type ThreadMain = (context: ThreadContext) => Promise<void>;

/** Starts threads, each with a world of its own. */
export interface Threads {
  /** @param module Exports a {@link ThreadMain} named `main`. */
  start(module: URL, data: unknown): Thread;
}
