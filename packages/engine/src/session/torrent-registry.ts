import type { Clock } from "@shoal/runtime";
import type { TorrentEvent } from "../torrent/status.ts";
import { Torrent } from "../torrent/torrent.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import type { SessionEvent } from "./session.ts";
import { type Changes, TorrentChanges } from "./torrent-changes.ts";
import { TorrentIndex } from "./torrent-index.ts";
import type { TorrentQueue } from "./torrent-queue.ts";
import { type SessionTraffic, Traffic } from "./traffic.ts";

/** The torrents of a session: as it knows them, as its users do, and what has become of them. */
export class TorrentRegistry {
  readonly index = new TorrentIndex();
  readonly queue: TorrentQueue;
  readonly #clock: Clock;
  readonly #emit: (event: SessionEvent) => void;
  readonly #changes: TorrentChanges;
  readonly #traffic = new Traffic();
  readonly #cores = new Map<Torrent, TorrentCore>();
  readonly #torrents = new Map<TorrentCore, Torrent>();
  readonly #awake = new Set<TorrentCore>();

  constructor(queue: TorrentQueue, clock: Clock, emit: (event: SessionEvent) => void) {
    this.queue = queue;
    this.#clock = clock;
    this.#emit = emit;
    this.#changes = new TorrentChanges(clock);
  }

  /** In order of the queue. */
  get torrents(): readonly Torrent[] {
    return this.queue.cores.map((core) => this.#torrents.get(core)!);
  }
  get awake(): ReadonlySet<TorrentCore> {
    return this.#awake;
  }
  get traffic(): SessionTraffic {
    return this.#traffic.measure(this.queue.cores, this.#awake, this.#clock.monotonicMs());
  }

  coreOf(torrent: Torrent): TorrentCore | undefined {
    return this.#cores.get(torrent);
  }

  torrentOf(core: TorrentCore): Torrent | undefined {
    return this.#torrents.get(core);
  }

  /** @throws {SessionError} `duplicate-torrent` */
  add(core: TorrentCore): Torrent {
    this.index.add(core);
    const torrent = new Torrent(core);
    this.#torrents.set(core, torrent);
    this.#cores.set(torrent, core);
    this.queue.add(core);
    this.#changes.add(core);
    return torrent;
  }

  remove(core: TorrentCore): void {
    const torrent = this.#torrents.get(core);
    if (torrent === undefined) return;
    this.index.delete(core);
    this.#torrents.delete(core);
    this.#cores.delete(torrent);
    this.#awake.delete(core);
    this.queue.remove(core);
    this.#changes.remove(core);
    this.#traffic.gone(core);
    this.#emit({ type: "torrent-removed", torrent });
  }

  /** Something of a torrent is another than before. */
  touch(core: TorrentCore): void {
    this.#changes.touch(core);
  }

  awoke(core: TorrentCore, isAwake: boolean): void {
    if (isAwake) this.#awake.add(core);
    else this.#awake.delete(core);
    this.#changes.touch(core);
  }

  /** Something has happened to a torrent. */
  heard(core: TorrentCore, event: TorrentEvent): void {
    const torrent = this.#torrents.get(core);
    if (torrent === undefined) return;
    this.#changes.touch(core);
    if (event.type === "state") this.#emit({ type: "torrent-state", torrent, state: event.state });
    else if (event.type === "complete") this.#emit({ type: "torrent-complete", torrent });
  }

  changes(revision: number): Changes<Torrent> {
    const changes = this.#changes.since(revision, this.queue.cores, this.#awake);
    return { ...changes, changed: changes.changed.map((core) => this.#torrents.get(core)!) };
  }
}
