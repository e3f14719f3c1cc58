import type { EventData } from "@shoal/api";
import type { SessionEvent } from "@shoal/engine";
import { isPublicAddress } from "@shoal/protocol";
import type { Clock, Disk, Timer } from "@shoal/runtime";
import type { Torrents } from "../torrents/torrents.ts";

type Transfer = EventData<"transfer">;

/** Free room is looked up so often: it takes a system call. */
const DISK_EVERY_MS = 10_000;

const RUNNING: ReadonlySet<string> = new Set(["metadata", "checking", "downloading", "seeding"]);

/** The session at a glance: rates and sums of all torrents. */
export class TransferWatch {
  readonly #torrents: Torrents;
  readonly #disk: Pick<Disk, "freeBytes">;
  readonly #timer: Timer;
  readonly #endListening: () => void;
  /** Payload over all runs of torrents that are gone, less what there was at the start of this one. */
  #offset = { downloaded: 0, uploaded: 0 };
  #freeDiskBytes: number | null = null;
  #wasReached = false;

  constructor(
    torrents: Torrents,
    world: { readonly clock: Clock; readonly disk: Pick<Disk, "freeBytes"> },
  ) {
    this.#torrents = torrents;
    this.#disk = world.disk;
    const before = this.#sum();
    this.#offset = { downloaded: -before.downloaded, uploaded: -before.uploaded };
    this.#endListening = torrents.on((event) => this.#heard(event));
    this.#timer = world.clock.setRepeating(DISK_EVERY_MS, () => void this.lookAtDisk());
  }

  /** Rates of all torrents together, in bytes per second. */
  get rates(): { readonly downloadRate: number; readonly uploadRate: number } {
    let [downloadRate, uploadRate] = [0, 0];
    for (const summary of this.#torrents.summaries) {
      downloadRate += summary.downloadRate;
      uploadRate += summary.uploadRate;
    }
    return { downloadRate, uploadRate };
  }

  describe(limits: { download: number | null; upload: number | null }): Transfer {
    const { session, summaries } = this.#torrents;
    const { downloaded, uploaded } = this.#sum();
    return {
      ...this.rates,
      downloadLimit: limits.download,
      uploadLimit: limits.upload,
      downloadedBytes: downloaded + this.#offset.downloaded,
      uploadedBytes: uploaded + this.#offset.uploaded,
      freeDiskBytes: this.#freeDiskBytes,
      torrents: summaries.length,
      active: summaries.filter(({ state }) => RUNNING.has(state)).length,
      peers: session.connections.count,
      dhtNodes: session.discovery.dht?.nodes ?? null,
      port: session.port,
      reachable: this.#isReachable() ? "yes" : "unknown",
    };
  }

  async lookAtDisk(): Promise<void> {
    try {
      this.#freeDiskBytes = await this.#disk.freeBytes(this.#torrents.downloadFolder);
    } catch {
      this.#freeDiskBytes = null;
    }
  }

  close(): void {
    this.#timer.cancel();
    this.#endListening();
  }

  /** Payload over all runs of the torrents that are here. */
  #sum(): { downloaded: number; uploaded: number } {
    let [downloaded, uploaded] = [0, 0];
    for (const { downloadedBytes, uploadedBytes } of this.#torrents.summaries) {
      downloaded += downloadedBytes;
      uploaded += uploadedBytes;
    }
    return { downloaded, uploaded };
  }

  #isReachable(): boolean {
    this.#wasReached ||= this.#torrents.session.torrents.some((torrent) => {
      if (torrent.isAsleep) return false;
      return torrent.peers.some(
        ({ incoming, remote }) => incoming && isPublicAddress(remote.address),
      );
    });
    return this.#wasReached;
  }

  #heard(event: SessionEvent): void {
    if (event.type !== "torrent-removed") return;
    const { downloadedBytes, uploadedBytes } = event.torrent.status().totals;
    this.#offset.downloaded += downloadedBytes;
    this.#offset.uploaded += uploadedBytes;
  }
}
