import type { EventData } from "@shoal/api";
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
  #freeDiskBytes: number | null = null;
  #wasReached = false;

  constructor(
    torrents: Torrents,
    world: { readonly clock: Clock; readonly disk: Pick<Disk, "freeBytes"> },
  ) {
    this.#torrents = torrents;
    this.#disk = world.disk;
    this.#timer = world.clock.setRepeating(DISK_EVERY_MS, () => void this.lookAtDisk());
  }

  /** Rates of all torrents together, in bytes per second. */
  get rates(): { readonly downloadRate: number; readonly uploadRate: number } {
    const { downloadRate, uploadRate } = this.#torrents.session.traffic;
    return { downloadRate: Math.round(downloadRate), uploadRate: Math.round(uploadRate) };
  }

  describe(limits: { download: number | null; upload: number | null }): Transfer {
    const { session, summaries } = this.#torrents;
    // Adds up all torrents: once is enough.
    const { downloadRate, uploadRate, downloadedBytes, uploadedBytes } = session.traffic;
    return {
      downloadRate: Math.round(downloadRate),
      uploadRate: Math.round(uploadRate),
      downloadLimit: limits.download,
      uploadLimit: limits.upload,
      downloadedBytes,
      uploadedBytes,
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
}
