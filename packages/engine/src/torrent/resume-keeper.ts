import type { Clock, Log } from "@shoal/runtime";
import type { ResumeRecord, ResumeStore } from "./resume.ts";
import type { Transfer } from "./transfer.ts";

/** What resume data may lag behind: pieces of the last second are hashed again after a crash. */
const SAVE_PERIOD_MS = 1000;

/** Saves one torrent's resume data: soon after each change, one save at a time. */
export class ResumeKeeper {
  readonly #store: ResumeStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #torrent: { readonly infoHash: string; readonly dir: string };
  /** Payload of earlier runs. */
  #earlier = { downloadedBytes: 0, uploadedBytes: 0 };
  #isDirty = false;
  #saving: Promise<void> | null = null;
  #lastSaveMs = -Infinity;

  constructor(
    store: ResumeStore,
    clock: Clock,
    log: Log,
    torrent: { readonly infoHash: string; readonly dir: string },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#torrent = torrent;
  }

  async load(): Promise<ResumeRecord | null> {
    const record = await this.#store.load(this.#torrent.infoHash, this.#torrent.dir);
    if (record !== null) this.#earlier = record;
    return record;
  }

  /** Something is worth saving. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Called about once a second. */
  tick(transfer: Transfer, nowMs: number): void {
    const isDue = this.#isDirty && nowMs - this.#lastSaveMs >= SAVE_PERIOD_MS;
    if (isDue && this.#saving === null) void this.save(transfer, false);
  }

  /** Saves now. `isClean` says that nothing will be written after this. Failures are logged. */
  async save(transfer: Transfer, isClean: boolean): Promise<void> {
    await this.#saving;
    this.#isDirty = false;
    this.#lastSaveMs = this.#clock.monotonicMs();
    this.#saving = this.#save(transfer, isClean)
      .catch((error: unknown) => {
        // The torrent goes on: at worst, more is hashed again at the next start.
        this.#isDirty = true;
        this.#log.warn("could not save resume data", { infoHash: this.#torrent.infoHash, error });
      })
      .finally(() => (this.#saving = null));
    await this.#saving;
  }

  async #save(transfer: Transfer, isClean: boolean): Promise<void> {
    // The bits are taken before the files' state: whatever is written in between is hashed again.
    const have = transfer.have.bytes.slice();
    if (isClean) await transfer.storage.sync();
    await this.#store.save(this.#torrent.infoHash, this.#torrent.dir, {
      have,
      files: await transfer.storage.states(),
      isClean,
      downloadedBytes: this.#earlier.downloadedBytes + transfer.downloadMeter.totalBytes,
      uploadedBytes: this.#earlier.uploadedBytes + transfer.uploadMeter.totalBytes,
    });
  }
}
