import type { Clock, Log } from "@shoal/runtime";
import type { ResumeRecord, ResumeStore } from "./resume.ts";
import type { Transfer } from "./transfer.ts";

/**
 * After so long the system has written back what it was given (Linux: 30 s, and 5 s between its
 * rounds), so that a power cut cannot take it any more.
 */
const SETTLE_MS = 45_000;

/**
 * Saves one torrent's resume data, one save at a time.
 *
 * Until the clean record at the end only settled pieces are listed, so the record holds after a
 * power cut too. After a crash the pieces of the last minute and a half at most are hashed again.
 */
export class ResumeKeeper {
  readonly #store: ResumeStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #torrent: { readonly infoHash: string; readonly dir: string };
  /** Payload of earlier runs. */
  #earlier = { downloadedBytes: 0, uploadedBytes: 0 };
  /** Bits of the pieces that were here at the last save, and will have settled by the next. */
  #settling: Uint8Array | null = null;
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
    if (record === null) return null;
    this.#earlier = record;
    this.#settling = record.have;
    return record;
  }

  /** Something is worth saving. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Called about once a second. */
  tick(transfer: Transfer, nowMs: number): void {
    const isDue = this.#isDirty && nowMs - this.#lastSaveMs >= SETTLE_MS;
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
    const settled = isClean ? have : this.#settle(have);
    await this.#store.save(this.#torrent.infoHash, this.#torrent.dir, {
      have: settled,
      files: await transfer.storage.states(),
      isClean,
      downloadedBytes: this.#earlier.downloadedBytes + transfer.downloadMeter.totalBytes,
      uploadedBytes: this.#earlier.uploadedBytes + transfer.uploadMeter.totalBytes,
    });
    if (Buffer.compare(settled, have) !== 0) this.#isDirty = true;
  }

  /** What was here at the last save has settled since; never more than what is here now. */
  #settle(have: Uint8Array): Uint8Array {
    const settled = (this.#settling ?? new Uint8Array(have.length)).map(
      (bits, index) => bits & (have[index] ?? 0),
    );
    this.#settling = have;
    return settled.length === have.length ? settled : new Uint8Array(have.length);
  }
}
