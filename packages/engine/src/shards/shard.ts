import type { Clock, Log, Thread, Threads, Timer } from "@shoal/runtime";
import { SessionError } from "../errors.ts";
import { Caller } from "./calls.ts";
import type { ShardCalls, ShardEvent, ShardOptions, TorrentNames } from "./shard-protocol.ts";

const SHARD_MODULE = new URL("./shard-thread.ts", import.meta.url);

/** A worker that dies is started again after a second; one that goes on dying, ever later. */
const RESTART_MS = 1000;
const MAX_RESTART_MS = 60_000;
/** A worker that has not closed its session by then is ended: the goodbye to trackers takes 3 s at the most. */
const CLOSE_MS = 30_000;

/** What becomes of a worker. */
export interface ShardOwner {
  /** What it is opened with, as it is now. */
  optionsOf(shard: Shard): ShardOptions;
  onEvent(shard: Shard, event: ShardEvent): void;
  onDied(shard: Shard, error: Error): void;
  /** Its session is open, with these torrents. */
  onOpen(shard: Shard, torrents: readonly TorrentNames[]): void;
}

/** One worker, as the main thread has it: started again when it dies. */
export class Shard {
  readonly index: number;
  /** Its session's; 0 before that is open for the first time. */
  port: number;
  readonly #threads: Threads;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #owner: ShardOwner;
  #thread: Thread | null = null;
  #caller: Caller<ShardCalls, ShardEvent> | null = null;
  #up = Promise.withResolvers<void>();
  #isUp = false;
  #isClosed = false;
  #restart: Timer | null = null;
  #restartMs = RESTART_MS;
  #openedAtMs = 0;

  constructor(init: {
    index: number;
    port: number;
    threads: Threads;
    clock: Clock;
    log: Log;
    owner: ShardOwner;
  }) {
    this.index = init.index;
    this.port = init.port;
    this.#threads = init.threads;
    this.#clock = init.clock;
    this.#log = init.log;
    this.#owner = init.owner;
  }

  /** Whether its session is open now. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Starts the thread and opens its session. @throws what that failed with. */
  async open(): Promise<void> {
    const thread = this.#threads.start(SHARD_MODULE, this.index);
    const caller = new Caller<ShardCalls, ShardEvent>(thread, (event) =>
      this.#owner.onEvent(this, event),
    );
    this.#thread = thread;
    this.#caller = caller;
    void thread.whenEnded.then((error) => {
      caller.fail(this.#isClosed ? closed() : died(this.index, error));
      if (this.#thread === thread && this.#isUp) this.#died(error);
    });
    try {
      const { port, torrents } = await caller.call("open", [this.#owner.optionsOf(this)]);
      this.port = port;
      this.#owner.onOpen(this, torrents);
    } catch (error) {
      await thread.kill();
      throw error;
    }
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#isUp = true;
    this.#up.resolve();
  }

  /**
   * Makes a call as soon as the worker is up.
   * @throws {SessionError} `worker-died` when it died meanwhile: whether the call was carried out is not known.
   */
  async call<Name extends keyof ShardCalls>(
    name: Name,
    args: Parameters<ShardCalls[Name]>,
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<ShardCalls[Name]>>> {
    if (this.#isClosed) throw closed();
    while (!this.#isUp) await until(this.#up.promise, signal);
    const made = this.#caller!.call(name, args as never, signal);
    return (await made) as Awaited<ReturnType<ShardCalls[Name]>>;
  }

  /** Closes its session in order and ends its thread; without order when it takes too long. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#restart?.cancel();
    this.#up.promise.catch(() => {});
    this.#up.reject(closed());
    const [thread, caller] = [this.#thread, this.#caller];
    if (thread === null || caller === null) return;
    const overdue = this.#clock.setTimer(CLOSE_MS, () => {
      this.#log.warn(`worker ${this.index} does not close, and is ended`, {});
      void thread.kill();
    });
    if (this.#isUp) await caller.call("close", []).catch(() => {});
    else await thread.kill();
    this.#isUp = false;
    await thread.whenEnded;
    overdue.cancel();
  }

  #died(reason: Error | null): void {
    this.#isUp = false;
    if (this.#isClosed) return;
    if (this.#clock.monotonicMs() - this.#openedAtMs > MAX_RESTART_MS) this.#restartMs = RESTART_MS;
    this.#up = Promise.withResolvers<void>();
    this.#up.promise.catch(() => {});
    this.#owner.onDied(this, died(this.index, reason));
    this.#restartLater();
  }

  #restartLater(): void {
    this.#restart = this.#clock.setTimer(this.#restartMs, () => {
      this.open().catch((error: unknown) => {
        if (this.#isClosed) return;
        this.#log.error(`worker ${this.index} could not be started again`, { error });
        this.#restartLater();
      });
    });
    this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS);
  }
}

function closed(): SessionError {
  return new SessionError("closed", "the session is closed");
}

function died(index: number, cause: Error | null): SessionError {
  const reason = cause === null ? "it ended" : cause.message;
  const message = `worker ${index} died and is started again with its torrents: ${reason}`;
  return new SessionError("worker-died", message, { cause });
}

/** @throws as the promise; the signal's reason. */
async function until(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
