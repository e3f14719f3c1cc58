import type {
  AnnounceEvent,
  AnnounceRequest,
  AnnounceResponse,
  TrackerPeer,
} from "@shoal/protocol";
import type { Clock, Random } from "@shoal/runtime";

import type { TrackerClient } from "../client/tracker-client.ts";
import { TrackerError } from "../errors.ts";
import type { AnnouncePacer, LeaveTracker } from "./announce-pacer.ts";

/** What the trackers of one torrent share. */
export interface AnnounceContext {
  readonly client: TrackerClient;
  readonly clock: Clock;
  readonly random: Random;
  /** 20 bytes each; a hybrid torrent is in two swarms. */
  readonly infoHashes: readonly Uint8Array[];
  readonly peerId: Uint8Array;
  port(): number;
  readonly key: number;
  readonly numWant: number;
  /** Floor under the interval that a tracker may ask for. */
  readonly minIntervalMs: number;
  stats(): AnnounceStats;
  /** Absent where nothing has to wait. */
  readonly pacer: AnnouncePacer | undefined;
  onPeers(peers: readonly TrackerPeer[], source: PeerSource): void;
  onState(): void;
  /** No more announces, but for goodbyes. */
  readonly isClosed: boolean;
  /** Carries out something that takes a while. @param act Its signal is aborted once {@link isClosed}. */
  during<Result>(act: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Whether the download was completed while the trackers were being told about it. */
  readonly isCompleted: boolean;
}

/** The figures of a torrent that trackers are told. */
export interface AnnounceStats {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly leftBytes: number;
}

/** Where peers come from. */
export interface PeerSource {
  readonly trackerUrl: string;
  /** The swarm that the tracker has the peers in. */
  readonly infoHash: Uint8Array;
  /** This machine's address, as the tracker sees it (BEP 24). */
  readonly externalIp: string | null;
  /** Peers of the swarm that are no seeders, as the tracker counts them; null when it does not say. */
  readonly leechers: number | null;
}

export type TrackerState =
  /** Not asked: it has not been its turn. */
  | "idle"
  | "announcing"
  /** Its last announce brought an answer. */
  | "working"
  /** Its last announce failed. */
  | "failed";

interface Swarm {
  readonly infoHash: Uint8Array;
  isStarted: boolean;
  /** True from a `started` with bytes left until `completed` is acknowledged. */
  isLeeching: boolean;
  trackerId: string | undefined;
}

const MAX_INTERVAL_MS = 24 * 3600_000;
const FIRST_BACK_OFF_MS = 15_000;
const MAX_BACK_OFF_MS = 30 * 60_000;

/** How soon an announce may follow another on demand when the tracker sets no `min interval`. */
const ON_DEMAND_INTERVAL_MS = 10_000;

/** A host that many torrents found down is asked again after this time, and up to twice as long. */
const POSTPONED_MS = 30_000;

/** Errors that no waiting mends. */
const PERMANENT = new Set(["bad-url", "unsupported-scheme"]);

/** One tracker of one torrent: its announces, their outcome and when the next may be. */
export class TrackerEntry {
  readonly url: string;
  readonly tier: number;
  state: TrackerState = "idle";
  /** Monotonic time before which this tracker is left alone; Infinity after it said "never". */
  retryAtMs = 0;
  /** What the last answer asked for; 0 when it has to be told at once what has changed meanwhile. */
  intervalMs = 0;
  /** Date of the last announce that got an answer, or an error. */
  lastAnnounceMs: number | null = null;
  error: TrackerError | null = null;
  warning: string | null = null;
  seeders: number | null = null;
  leechers: number | null = null;
  peerCount = 0;
  /** What it was told last. */
  #toldPort: number | null = null;
  #failures = 0;
  readonly #context: AnnounceContext;
  readonly #swarms: readonly Swarm[];

  constructor(url: string, tier: number, context: AnnounceContext) {
    this.url = url;
    this.tier = tier;
    this.#context = context;
    this.#swarms = context.infoHashes.map((infoHash) => ({
      infoHash,
      isStarted: false,
      isLeeching: false,
      trackerId: undefined,
    }));
  }

  /**
   * Waits for this torrent's turn at the tracker.
   * @returns What gives it back; null when the tracker is down for the whole session, or all ends.
   */
  async enter(): Promise<LeaveTracker | null> {
    const { pacer, clock, random } = this.#context;
    if (pacer === undefined) return () => {};
    const urgency = this.#context.stats().leftBytes > 0 ? "urgent" : "ordinary";
    const leave = await this.#context.during((signal) => pacer.enter(this.url, urgency, signal));
    if (leave === null && !this.#context.isClosed) {
      const message = "It does not answer any torrent of this session; it is asked again soon.";
      this.state = "failed";
      this.error = new TrackerError("timeout", this.url, message);
      this.retryAtMs = clock.monotonicMs() + POSTPONED_MS + random.integer(POSTPONED_MS);
    }
    return leave;
  }

  /** Announces every swarm, with the event that is due. Answers whether the tracker works. */
  announce(): Promise<boolean> {
    return this.#context.during((signal) => this.#announce(signal));
  }

  async #announce(signal: AbortSignal): Promise<boolean> {
    this.state = "announcing";
    this.#context.onState();
    try {
      const responses = await this.#announceSwarms(signal);
      // The download may have been completed before the tracker had acknowledged its start.
      if (this.#owesCompleted()) responses.push(...(await this.#announceSwarms(signal)));
      if (signal.aborted) return false;
      this.#succeed(responses);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#fail(error);
      return false;
    } finally {
      this.lastAnnounceMs = this.#context.clock.nowMs();
      if (!signal.aborted) this.#context.onState();
    }
  }

  /** Says goodbye in every swarm that knows this peer. Never fails. */
  async stop(signal: AbortSignal): Promise<void> {
    const started = this.#swarms.filter((swarm) => swarm.isStarted);
    if (started.length === 0) return;
    const { pacer, client } = this.#context;
    const leave = await pacer?.enter(this.url, "leaving", signal);
    if (leave === null) return;
    const othersFollow = this.#othersFollow;
    const requests = started.map((swarm) => this.#request(swarm, "stopped"));
    await Promise.allSettled(
      requests.map((request) => client.announce(this.url, request, { signal, othersFollow })),
    );
    leave?.(true);
  }

  /** Whether other torrents are about to be announced to the same host. */
  get #othersFollow(): boolean {
    return this.#context.pacer?.isBusy(this.url) ?? false;
  }

  #owesCompleted(): boolean {
    return this.#context.isCompleted && this.#swarms.some((swarm) => swarm.isLeeching);
  }

  async #announceSwarms(signal: AbortSignal): Promise<AnnounceResponse[]> {
    const results = await Promise.allSettled(
      this.#swarms.map((swarm) => this.#announceSwarm(swarm, signal)),
    );
    const responses = results.filter((result) => result.status === "fulfilled");
    const failed = results.find((result) => result.status === "rejected");
    if (responses.length === 0 && failed !== undefined) throw failed.reason;
    return responses.map((response) => response.value);
  }

  async #announceSwarm(swarm: Swarm, signal: AbortSignal): Promise<AnnounceResponse> {
    const { client } = this.#context;
    const event = this.#dueEvent(swarm);
    const request = this.#request(swarm, event);
    const othersFollow = this.#othersFollow;
    const response = await client.announce(this.url, request, { signal, othersFollow });
    swarm.isStarted = true;
    if (event === "started") swarm.isLeeching = request.leftBytes > 0;
    if (event === "completed") swarm.isLeeching = false;
    swarm.trackerId = response.trackerId ?? swarm.trackerId;
    if (!signal.aborted) {
      this.#context.onPeers(response.peers, {
        trackerUrl: this.url,
        infoHash: swarm.infoHash,
        externalIp: response.externalIp ?? null,
        leechers: response.leechers ?? null,
      });
    }
    return response;
  }

  #dueEvent(swarm: Swarm): AnnounceEvent | undefined {
    if (!swarm.isStarted) return "started";
    return this.#context.isCompleted && swarm.isLeeching ? "completed" : undefined;
  }

  #request(swarm: Swarm, event: AnnounceEvent | undefined): AnnounceRequest {
    const { peerId, key, numWant } = this.#context;
    const port = this.#context.port();
    this.#toldPort = port;
    return {
      ...this.#context.stats(),
      infoHash: swarm.infoHash,
      peerId,
      port,
      key,
      numWant: event === "stopped" ? 0 : numWant,
      ...(event !== undefined && { event }),
      ...(swarm.trackerId !== undefined && { trackerId: swarm.trackerId }),
    };
  }

  #succeed(responses: readonly AnnounceResponse[]): void {
    const { clock, minIntervalMs } = this.#context;
    const minMs = Math.max(...responses.map((response) => (response.minIntervalS ?? 0) * 1000));
    const wantedMs = Math.min(...responses.map((response) => response.intervalS * 1000));
    this.state = "working";
    this.error = null;
    this.#failures = 0;
    this.intervalMs = Math.min(Math.max(wantedMs, minMs, minIntervalMs), MAX_INTERVAL_MS);
    this.retryAtMs =
      clock.monotonicMs() + Math.min(Math.max(minMs, ON_DEMAND_INTERVAL_MS), this.intervalMs);
    if (this.#toldPort !== this.#context.port()) this.intervalMs = this.retryAtMs = 0;
    this.warning = responses.find((response) => response.warning !== undefined)?.warning ?? null;
    this.seeders = highest(responses.map((response) => response.seeders));
    this.leechers = highest(responses.map((response) => response.leechers));
    this.peerCount = responses.reduce((sum, response) => sum + response.peers.length, 0);
  }

  #fail(error: unknown): void {
    // Anything else than a tracker's error is a bug of this program: it must not end in silence.
    if (!(error instanceof TrackerError)) throw error;
    this.state = "failed";
    this.error = error;
    this.#failures++;
    this.retryAtMs = this.#context.clock.monotonicMs() + this.#backOffMs(error);
  }

  /** Doubles with each failure, a fifth more or less, so that a swarm does not return as one. */
  #backOffMs(error: TrackerError): number {
    if (error.retryInMinutes === "never" || PERMANENT.has(error.code)) return Infinity;
    if (error.retryInMinutes !== null)
      return Math.min(error.retryInMinutes * 60_000, MAX_INTERVAL_MS);
    const doubledMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (this.#failures - 1), MAX_BACK_OFF_MS);
    return doubledMs * (0.8 + this.#context.random.integer(400) / 1000);
  }
}

function highest(figures: readonly (number | undefined)[]): number | null {
  const known = figures.filter((figure) => figure !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
