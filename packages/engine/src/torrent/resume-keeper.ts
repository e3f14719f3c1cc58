import type { Clock, FileState, Log } from "@shoal/runtime";
import type { FileChoices, ResumeRecord, ResumeStore, SavedResume } from "./resume.ts";
import type { Totals } from "./totals.ts";
import type { Transfer } from "./transfer.ts";

/**
 * After so long the system has written back what it was given (Linux: 30 s, and 5 s between its
 * rounds), so that a power cut cannot take it any more.
 */
const SETTLE_MS = 45_000;

/** What a record may lag behind: after a kill the pieces of the last second are hashed again. */
const SAVE_PERIOD_MS = 1000;

/** What a {@link ResumeKeeper} must know of its torrent. */
export interface ResumedTorrent {
  readonly infoHash: string;
  readonly dir: string;
  /** What to remember of the user's choices. */
  choices(): FileChoices;
}

/**
 * Saves one torrent's resume data, one save at a time.
 *
 * A record lists what is written, for a killed process, and what of it has settled, for a system that
 * lost its power: there the pieces of the last minute and a half at most are hashed again.
 */
export class ResumeKeeper {
  readonly #store: ResumeStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #torrent: ResumedTorrent;
  readonly #totals: Totals;
  readonly #bootId: string;
  /** Bits of the pieces that have settled, and of those that will have by `#settlesAtMs`. */
  #settled: Uint8Array | null = null;
  #settling: Uint8Array | null = null;
  #settlesAtMs = -Infinity;
  /** The last record lists pieces that had not settled. */
  #isUnsettled = false;
  #isDirty = false;
  #saving: Promise<void> | null = null;
  #lastSaveMs = -Infinity;

  constructor(
    store: ResumeStore,
    clock: Clock,
    log: Log,
    bootId: string,
    torrent: ResumedTorrent,
    totals: Totals,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#bootId = bootId;
    this.#torrent = torrent;
    this.#totals = totals;
  }

  async load(): Promise<ResumeRecord | null> {
    const { infoHash, dir } = this.#torrent;
    const record = await this.#store.load(infoHash, dir, this.#bootId);
    if (record === null) return null;
    this.#totals.adopt(record);
    this.#settled = record.settled;
    this.#settling = record.have;
    this.#settlesAtMs = this.#clock.monotonicMs() + SETTLE_MS;
    return record;
  }

  /** Something is worth saving. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Called about once a second. */
  tick(transfer: Transfer, nowMs: number): void {
    const hasSettled = this.#isUnsettled && nowMs >= this.#settlesAtMs;
    const isDue = (this.#isDirty || hasSettled) && nowMs - this.#lastSaveMs >= SAVE_PERIOD_MS;
    if (isDue && this.#saving === null) void this.save(transfer, false);
  }

  /** Saves now. `isClean` says that nothing will be written after this. Failures are logged. */
  async save(
    transfer: Transfer,
    isClean: boolean,
    durability: "full" | "normal" = "normal",
  ): Promise<void> {
    await this.#saving;
    this.#isDirty = false;
    this.#lastSaveMs = this.#clock.monotonicMs();
    this.#saving = this.#save(transfer, isClean, durability)
      .catch((error: unknown) => {
        // The torrent goes on: at worst, more is hashed again at the next start.
        this.#isDirty = true;
        this.#log.warn("could not save resume data", { infoHash: this.#torrent.infoHash, error });
      })
      .finally(() => (this.#saving = null));
    await this.#saving;
  }

  /** The files are in another folder, as `states` says: from now on that is where they are remembered. */
  async saveMoved(transfer: Transfer, dir: string, states: readonly FileState[]): Promise<void> {
    // A save that is under way waits for the files, and they wait for this: it is of no use any more.
    const have = transfer.have.bytes.slice();
    const record = { ...this.#record(have, this.#settle(have), false), files: states };
    await this.#store.saveMoved(this.#torrent.infoHash, dir, record);
    // What was verified while it was moved comes with the next one.
    this.#isDirty = true;
  }

  async #save(transfer: Transfer, isClean: boolean, durability: "full" | "normal"): Promise<void> {
    // The bits are taken before the files' state: whatever is written in between is hashed again.
    const have = transfer.have.bytes.slice();
    if (isClean) await transfer.storage.sync();
    const settled = isClean ? have : this.#settle(have);
    this.#isUnsettled = Buffer.compare(settled, have) !== 0;
    const { infoHash, dir } = this.#torrent;
    const files = await transfer.storage.states();
    if (dir !== this.#torrent.dir) return this.touch();
    const record = { ...this.#record(have, settled, isClean), files };
    await this.#store.save(infoHash, dir, record, durability);
  }

  #record(have: Uint8Array, settled: Uint8Array, isClean: boolean): Omit<SavedResume, "files"> {
    return {
      have,
      settled,
      bootId: this.#bootId,
      isClean,
      downloadedBytes: this.#totals.downloadedBytes,
      uploadedBytes: this.#totals.uploadedBytes,
      choices: this.#torrent.choices(),
    };
  }

  /** Moves on to the next generation of settled pieces when its time has come. */
  #settle(have: Uint8Array): Uint8Array {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#settlesAtMs) {
      this.#settled = this.#settling;
      this.#settling = have;
      this.#settlesAtMs = nowMs + SETTLE_MS;
    }
    // Never more than what is here now: a piece may have been found bad since.
    return have.map((bits, index) => bits & (this.#settled?.[index] ?? 0));
  }
}
