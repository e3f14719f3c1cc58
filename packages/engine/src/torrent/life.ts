import type { Log } from "@shoal/runtime";
import { SessionError } from "../errors.ts";
import { EventHub } from "../session/event-hub.ts";
import type { TorrentEvent, TorrentState } from "./status.ts";

/** Whose life it is. */
export interface LivingTorrent {
  /** Hears of each event before all others. */
  onEvent(event: TorrentEvent): void;
}

/** A torrent's state, and everybody who is told of its changes. */
export class TorrentLife {
  readonly #torrent: LivingTorrent;
  readonly #log: Log;
  /** Made when it is needed: nobody listens to most of a session's torrents. */
  #hub: EventHub<TorrentEvent> | null = null;
  #state: TorrentState;
  #error: Error | null = null;
  #isClosed = false;

  constructor(torrent: LivingTorrent, state: TorrentState, log: Log) {
    this.#torrent = torrent;
    this.#state = state;
    this.#log = log;
  }

  get state(): TorrentState {
    return this.#state;
  }
  /** What stopped the torrent, in state `error`. */
  get error(): Error | null {
    return this.#error;
  }

  on(listener: (event: TorrentEvent) => void): () => void {
    return this.#listeners().on(listener);
  }

  events(signal?: AbortSignal): AsyncIterableIterator<TorrentEvent> {
    return this.#listeners().iterate(signal);
  }

  emit(event: TorrentEvent): void {
    this.#torrent.onEvent(event);
    this.#hub?.emit(event);
  }

  /** Enters a state; `closed` is never left. */
  enter(state: TorrentState): void {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.emit({ type: "state", state });
  }

  /** Notes what stopped the torrent, until {@link forgive}. */
  blame(error: Error): void {
    this.#error = error;
  }

  forgive(): void {
    this.#error = null;
  }

  /** The last state of all; every iteration of events ends. */
  close(): void {
    this.enter("closed");
    this.#isClosed = true;
    this.#hub?.close();
  }

  /**
   * Resolves once `isThere` holds, which is asked now and after each event.
   * @throws what stopped the torrent; {SessionError} `closed`; the signal's reason.
   */
  async reach(isThere: () => boolean, signal?: AbortSignal): Promise<void> {
    const isOver = (): boolean => this.#state === "error" || this.#state === "closed";
    await this.#listeners().until(() => isThere() || isOver(), signal);
    if (isThere()) return;
    throw this.#error ?? new SessionError("closed", "the torrent was closed");
  }

  #listeners(): EventHub<TorrentEvent> {
    if (this.#hub !== null) return this.#hub;
    const onError = (error: unknown) => this.#log.error("a listener of a torrent threw", { error });
    this.#hub = new EventHub(onError);
    if (this.#isClosed) this.#hub.close();
    return this.#hub;
  }
}
