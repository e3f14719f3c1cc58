import type { Clock } from "@shoal/runtime";
import type { RateMeter } from "../rate/rate-meter.ts";

/** What a torrent has done, as it is kept over runs. Dates are milliseconds since 1970. */
export interface SavedTotals {
  readonly addedAtMs: number;
  readonly completedAtMs: number | null;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly activeMs: number;
  readonly seedingMs: number;
  /** The date from which on time is still to be added, and to what; null when it stood still. */
  readonly counting: { readonly sinceMs: number; readonly seeding: boolean } | null;
}

/** What a torrent's time is counted as. */
export type Occupation = "idle" | "downloading" | "seeding";

interface Meters {
  readonly downloadMeter: RateMeter;
  readonly uploadMeter: RateMeter;
}

/** What a torrent has done over all runs, and in this one. Time is added when it is asked for: no tick. */
export class Totals {
  readonly addedAtMs: number;
  completedAtMs: number | null;
  readonly #clock: Clock;
  #earlier: { downloadedBytes: number; uploadedBytes: number };
  /** Of this run, before the present meters. */
  #run = { downloadedBytes: 0, uploadedBytes: 0 };
  #meters: Meters | null = null;
  #activeMs: number;
  #seedingMs: number;
  #occupation: Occupation = "idle";
  #sinceMs: number;
  #seenBytes = 0;
  #quietSinceMs: number;

  /**
   * @param saved Of an earlier run.
   * @param lastSeenMs The date until which the earlier run is known to have gone on.
   */
  constructor(clock: Clock, saved: SavedTotals | null = null, lastSeenMs = 0) {
    this.#clock = clock;
    this.#sinceMs = this.#quietSinceMs = clock.monotonicMs();
    this.addedAtMs = saved?.addedAtMs ?? clock.nowMs();
    this.completedAtMs = saved?.completedAtMs ?? null;
    this.#earlier = {
      downloadedBytes: saved?.downloadedBytes ?? 0,
      uploadedBytes: saved?.uploadedBytes ?? 0,
    };
    const counting = saved?.counting ?? null;
    // Dates may jump: what cannot be is not counted.
    const unsavedMs = counting === null ? 0 : Math.max(0, lastSeenMs - counting.sinceMs);
    this.#activeMs = (saved?.activeMs ?? 0) + unsavedMs;
    this.#seedingMs = (saved?.seedingMs ?? 0) + (counting?.seeding === true ? unsavedMs : 0);
  }

  /** Over all runs. */
  get downloadedBytes(): number {
    return this.#earlier.downloadedBytes + this.runDownloadedBytes;
  }
  get uploadedBytes(): number {
    return this.#earlier.uploadedBytes + this.runUploadedBytes;
  }
  get runDownloadedBytes(): number {
    return this.#run.downloadedBytes + (this.#meters?.downloadMeter.totalBytes ?? 0);
  }
  get runUploadedBytes(): number {
    return this.#run.uploadedBytes + (this.#meters?.uploadMeter.totalBytes ?? 0);
  }
  /** Bytes uploaded for each byte downloaded, or for each byte held if those are more. */
  ratio(heldBytes: number): number {
    const takenBytes = Math.max(this.downloadedBytes, heldBytes);
    return takenBytes === 0 ? 0 : this.uploadedBytes / takenBytes;
  }
  /** For how long it was downloading or seeding. */
  get activeMs(): number {
    return this.#activeMs + (this.#occupation === "idle" ? 0 : this.#passedMs());
  }
  get seedingMs(): number {
    return this.#seedingMs + (this.#occupation === "seeding" ? this.#passedMs() : 0);
  }

  /** @returns For how long no payload has moved, as seen by the calls of this function. */
  quietMs(): number {
    const bytes = this.runDownloadedBytes + this.runUploadedBytes;
    const nowMs = this.#clock.monotonicMs();
    if (bytes !== this.#seenBytes || this.#occupation === "idle") this.#quietSinceMs = nowMs;
    this.#seenBytes = bytes;
    return nowMs - this.#quietSinceMs;
  }

  /** Counts time as this from now on. */
  occupy(occupation: Occupation): void {
    if (occupation === this.#occupation) return;
    this.#activeMs = this.activeMs;
    this.#seedingMs = this.seedingMs;
    this.#sinceMs = this.#clock.monotonicMs();
    this.#occupation = occupation;
    this.quietMs();
  }

  /** Counts what these meters count; null when they are gone. */
  follow(meters: Meters | null): void {
    this.#run = {
      downloadedBytes: this.runDownloadedBytes,
      uploadedBytes: this.runUploadedBytes,
    };
    this.#meters = meters;
  }

  /** Takes over what was saved elsewhere, unless there is something already. */
  adopt(saved: { readonly downloadedBytes: number; readonly uploadedBytes: number }): void {
    const { downloadedBytes, uploadedBytes } = this.#earlier;
    if (downloadedBytes === 0 && uploadedBytes === 0) this.#earlier = { ...saved };
  }

  save(): SavedTotals {
    return {
      addedAtMs: this.addedAtMs,
      completedAtMs: this.completedAtMs,
      downloadedBytes: this.downloadedBytes,
      uploadedBytes: this.uploadedBytes,
      activeMs: Math.round(this.activeMs),
      seedingMs: Math.round(this.seedingMs),
      counting:
        this.#occupation === "idle"
          ? null
          : { sinceMs: this.#clock.nowMs(), seeding: this.#occupation === "seeding" },
    };
  }

  #passedMs(): number {
    return this.#clock.monotonicMs() - this.#sinceMs;
  }
}
