import { infoHashHex } from "@shoal/protocol";
import type { Timer } from "@shoal/runtime";
import { SessionError } from "../errors.ts";
import type { DirectionLimits } from "../rate/limit-tree.ts";
import { Connections, type ConnectionPlaces } from "../session/connections.ts";
import type { QueueLimits } from "../session/plan-queue.ts";
import type { CategoryOptions } from "../session/session.ts";
import { EventHub } from "../session/event-hub.ts";
import { assertShareLimits, type ShareLimits } from "../session/share-limits.ts";
import { assertSchedule, limitsAt, type SpeedSchedule } from "../session/speed-schedule.ts";
import { parseSource } from "../torrent/load-source.ts";
import { identify, nameOf, swarmsOf } from "../torrent/source.ts";
import type { TorrentEvent, TorrentStatus } from "../torrent/status.ts";
import { LimitDivider } from "./limit-divider.ts";
import { namePlaces, nameRates } from "./limit-names.ts";
import type { WholeLimits } from "./share.ts";
import { revive } from "./packed-error.ts";
import type { RemoteTorrent } from "./remote-torrent.ts";
import { RemoteTorrents } from "./remote-torrents.ts";
import { Shard, type ShardOwner } from "./shard.ts";
import type {
  RemoteTorrentOptions,
  SharedOptions,
  ShardCalls,
  ShardEvent,
  ShardOptions,
  TorrentNames,
} from "./shard-protocol.ts";
import type {
  ShardedQueue,
  ShardedSession,
  ShardedSessionEvent,
  ShardedSessionOptions,
  WorkerStatus,
} from "./sharded-session.ts";
import { workerOf } from "./worker-of.ts";

const DIVIDE_MS = 1000;
const MAX_WORKERS = 64;
const MAX_PORT = 65_535;

/** See {@link ShardedSession}. */
export class ShardDirector implements ShardedSession, ShardOwner {
  readonly connections: ConnectionPlaces;
  readonly #options: ShardedSessionOptions;
  readonly #shared: SharedOptions;
  readonly #shards: readonly Shard[];
  readonly #divider: LimitDivider;
  readonly #torrents: RemoteTorrents;
  readonly #hub: EventHub<ShardedSessionEvent>;
  readonly queue: ShardedQueue;
  readonly #categories = new Map<string, CategoryOptions>();
  #queueLimits: QueueLimits;
  readonly #places: Connections;
  #shareLimits: ShareLimits;
  #usual: Required<DirectionLimits>;
  #schedule: SpeedSchedule | null = null;
  #divide: Timer | null = null;
  #isOpen = false;
  #closing: Promise<void> | null = null;

  /** @throws {RangeError} */
  constructor(options: ShardedSessionOptions) {
    const { runtime, threads, workers, port = 0, signal: _signal, ...others } = options;
    const {
      downloadLimit = null,
      uploadLimit = null,
      schedule,
      maxPeers,
      queue,
      ...shared
    } = others;
    if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS) {
      throw new RangeError(`Expected 1 to ${MAX_WORKERS} workers, got ${workers}.`);
    }
    if (port + workers - 1 > MAX_PORT) {
      throw new RangeError(
        `Expected ${workers} ports from ${port} on, but ${MAX_PORT} is the last.`,
      );
    }
    const { clock, log } = runtime;
    const onError = (error: unknown) => log.error("a listener of a session threw", { error });
    this.#options = options;
    this.#shared = shared;
    this.#shareLimits = options.shareLimits ?? {};
    assertShareLimits(this.#shareLimits);
    this.#usual = assertLimits({ download: downloadLimit, upload: uploadLimit });
    if (schedule !== undefined) assertSchedule(schedule);
    this.#schedule = schedule ?? null;
    this.#queueLimits = queue ?? {};
    this.queue = this.#createQueue();
    this.#hub = new EventHub(onError);
    this.#torrents = new RemoteTorrents(onError);
    this.#places = new Connections(maxPeers);
    this.#shards = Array.from({ length: workers }, (_, index) => {
      const own = port === 0 ? 0 : port + index;
      return new Shard({ index, port: own, threads, clock, log, owner: this });
    });
    const divider = new LimitDivider(
      this.#shards.map((shard) => ({
        get isUp() {
          return shard.isUp;
        },
        measure: () => shard.call("measure", []),
        apply: (share) => shard.call("apply", [share]),
      })),
      () => this.#limitsNow(),
    );
    this.#divider = divider;
    const places = this.#places;
    this.connections = {
      get count() {
        return divider.connections;
      },
      get most() {
        return places.most;
      },
      setMost(most) {
        places.setMost(most);
        void divider.run();
      },
    };
  }

  get workers(): readonly WorkerStatus[] {
    return this.#shards.map((shard) => ({
      port: shard.port,
      isUp: shard.isUp,
      torrents: this.#torrents.countOf(shard),
    }));
  }

  get torrents(): readonly RemoteTorrent[] {
    return this.#torrents.list();
  }

  get categories(): readonly string[] {
    return [...this.#categories.keys()];
  }

  async open(): Promise<void> {
    const { runtime, signal } = this.#options;
    signal?.addEventListener("abort", () => void this.close(), { once: true });
    const opened = await Promise.allSettled(this.#shards.map((shard) => shard.open()));
    for (const each of opened) if (each.status === "rejected") throw each.reason;
    this.#isOpen = true;
    this.#divide = runtime.clock.setRepeating(DIVIDE_MS, () => this.#divider.tick());
  }

  async add(source: Uint8Array | string, options: RemoteTorrentOptions): Promise<RemoteTorrent> {
    this.#assertOpen();
    const identity = identify(parseSource(source, this.#shared.fileNames ?? "posix"));
    const infoHash = nameOf(identity);
    const swarms = swarmsOf(identity).map(infoHashHex);
    const release = this.#torrents.reserve({ infoHash, swarms });
    try {
      const shard = this.#shards[workerOf(infoHash, this.#shards.length)]!;
      const names = await shard.call("add", [source, options]);
      return this.#torrents.put(names, shard).torrent;
    } finally {
      release();
    }
  }

  async remove(torrent: RemoteTorrent, options: { deleteFiles?: boolean } = {}): Promise<void> {
    const { infoHash, worker } = torrent;
    if (this.#torrents.find(infoHash)?.torrent !== torrent) return;
    await this.#shards[worker]!.call("remove", [infoHash, options]);
  }

  find(infoHash: string): RemoteTorrent | undefined {
    return this.#torrents.find(infoHash)?.torrent;
  }

  async status(): Promise<readonly TorrentStatus[]> {
    const statuses = await Promise.all(this.#shards.map((shard) => shard.call("statuses", [])));
    return statuses.flat().map((status) => revive<TorrentStatus>(status));
  }

  async setLimits({ download, upload }: DirectionLimits): Promise<void> {
    this.#assertOpen();
    this.#usual = assertLimits({
      download: download === undefined ? this.#usual.download : download,
      upload: upload === undefined ? this.#usual.upload : upload,
    });
    await this.#divider.run();
  }

  async setSchedule(schedule: SpeedSchedule | null): Promise<void> {
    this.#assertOpen();
    if (schedule !== null) assertSchedule(schedule);
    this.#schedule = schedule;
    await this.#divider.run();
  }

  async setShareLimits(limits: ShareLimits): Promise<void> {
    assertShareLimits(limits);
    this.#shareLimits = limits;
    await this.#tellAll("setShareLimits", [limits]);
  }

  async setCategory(name: string, options: CategoryOptions = {}): Promise<void> {
    const { shareLimits = {}, downloadLimit = null, uploadLimit = null } = options;
    assertShareLimits(shareLimits);
    assertLimits({ download: downloadLimit, upload: uploadLimit });
    this.#categories.set(name, { shareLimits, downloadLimit, uploadLimit });
    await this.#tellAll("setCategory", [name, shareLimits]);
    await this.#divider.run();
  }

  async removeCategory(name: string): Promise<void> {
    if (this.#categories.delete(name)) await this.#tellAll("removeCategory", [name]);
  }

  on(listener: (event: ShardedSessionEvent) => void): () => void {
    return this.#hub.on(listener);
  }

  events(signal?: AbortSignal): AsyncIterableIterator<ShardedSessionEvent> {
    return this.#hub.iterate(signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  optionsOf({ index, port }: Shard): ShardOptions {
    return {
      index,
      workers: this.#shards.length,
      port,
      session: { ...this.#shared, shareLimits: this.#shareLimits },
      share: this.#divider.shareOf(index),
      ignoreSlow: this.#queueLimits.ignoreSlow ?? true,
      categories: [...this.#categories].map(([name, { shareLimits = {} }]) => [name, shareLimits]),
    };
  }

  onOpen(shard: Shard, torrents: readonly TorrentNames[]): void {
    for (const names of torrents) this.#torrents.put(names, shard);
    if (!this.#isOpen) return;
    const known = new Set(torrents.map(({ infoHash }) => infoHash));
    for (const each of this.#torrents.of(shard)) {
      if (!known.has(each.names.infoHash)) this.#removed(each.names);
      else queueMicrotask(() => each.watchAgain());
    }
    this.#hub.emit({ type: "worker-restarted", worker: shard.index, port: shard.port });
    queueMicrotask(() => void this.#divider.run());
  }

  onDied({ index }: Shard, error: Error): void {
    this.#divider.died(index);
    this.#options.runtime.log.error("a worker of a session died", { error });
    this.#hub.emit({ type: "worker-died", worker: index, error });
  }

  onEvent(shard: Shard, told: ShardEvent): void {
    if (told.of === "torrent") {
      this.#torrents.find(told.infoHash)?.onEvent(revive<TorrentEvent>(told.event));
      return;
    }
    const { event } = told;
    if (event.type === "torrent-removed") return this.#removed(event.torrent);
    if (!("torrent" in event)) return this.#hub.emit(event);
    const { torrent } = this.#torrents.put(event.torrent, shard);
    this.#hub.emit({ ...event, torrent });
  }

  #removed({ infoHash }: TorrentNames): void {
    const torrent = this.#torrents.delete(infoHash);
    if (torrent !== null) this.#hub.emit({ type: "torrent-removed", torrent });
  }

  #limitsNow(): WholeLimits {
    const now = this.#options.runtime.clock.nowMs();
    const other = this.#schedule === null ? null : limitsAt(this.#schedule, now);
    const usual = this.#usual;
    const rates = {
      download: other?.download === undefined ? usual.download : other.download,
      upload: other?.upload === undefined ? usual.upload : other.upload,
    };
    return {
      connections: this.#places.most,
      rates: nameRates(rates, this.#categories),
      places: namePlaces(this.#queueLimits),
    };
  }

  #createQueue(): ShardedQueue {
    const limits = (): QueueLimits => this.#queueLimits;
    return {
      get limits() {
        return limits();
      },
      setLimits: async (limits) => {
        this.#assertOpen();
        this.#queueLimits = { ...this.#queueLimits, ...limits };
        if (limits.ignoreSlow !== undefined) {
          await this.#tellAll("setIgnoreSlow", [limits.ignoreSlow]);
        }
        await this.#divider.run();
      },
      move: async ({ infoHash, worker }, to) =>
        await this.#shards[worker]!.call("move", [infoHash, to]),
    };
  }

  async #tellAll<Name extends keyof ShardCalls>(
    name: Name,
    args: Parameters<ShardCalls[Name]>,
  ): Promise<void> {
    this.#assertOpen();
    // One that is down is opened with what holds then.
    const up = this.#shards.filter(({ isUp }) => isUp);
    await Promise.all(up.map((shard) => shard.call(name, args)));
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new SessionError("closed", "the session is closed");
  }

  async #close(): Promise<void> {
    this.#divide?.cancel();
    await Promise.all(this.#shards.map((shard) => shard.close()));
    this.#torrents.close();
    this.#hub.close();
  }
}

/** @throws {RangeError} */
function assertLimits(limits: Required<DirectionLimits>): Required<DirectionLimits> {
  for (const limit of [limits.download, limits.upload]) {
    if (limit === null || (limit >= 0 && limit < Infinity)) continue;
    throw new RangeError(
      `Expected a limit of 0 or more bytes per second, or null for none, got ${limit}.`,
    );
  }
  return limits;
}
