import type { TorrentCore } from "../torrent/torrent-core.ts";

/** Payload of all torrents of a session together. */
export interface SessionTraffic {
  /** Bytes per second over the last seconds. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Bytes of this run, also of torrents that are gone. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
}

/** Adds up what torrents have moved. */
export class Traffic {
  /** Of torrents that are gone. */
  #downloadedBytes = 0;
  #uploadedBytes = 0;

  gone({ totals }: TorrentCore): void {
    this.#downloadedBytes += totals.runDownloadedBytes;
    this.#uploadedBytes += totals.runUploadedBytes;
  }

  /** @param awake Those that may be moving something. */
  measure(
    cores: readonly TorrentCore[],
    awake: Iterable<TorrentCore>,
    nowMs: number,
  ): SessionTraffic {
    let [downloadedBytes, uploadedBytes] = [this.#downloadedBytes, this.#uploadedBytes];
    for (const { totals } of cores) {
      downloadedBytes += totals.runDownloadedBytes;
      uploadedBytes += totals.runUploadedBytes;
    }
    let [downloadRate, uploadRate] = [0, 0];
    for (const { active } of awake) {
      downloadRate += active?.transfer?.downloadMeter.bytesPerSecond(nowMs) ?? 0;
      uploadRate += active?.transfer?.uploadMeter.bytesPerSecond(nowMs) ?? 0;
    }
    return { downloadRate, uploadRate, downloadedBytes, uploadedBytes };
  }
}
