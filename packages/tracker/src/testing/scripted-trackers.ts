import type { AnnounceRequest, AnnounceResponse } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";
import { createAnnouncer } from "../announcer/announcer.ts";
import type { Announcer, AnnouncerOptions } from "../announcer/announcer.ts";
import type { TrackerClient } from "../client/tracker-client.ts";
import { TrackerError } from "../errors.ts";

type Answer = Partial<AnnounceResponse> | TrackerError | "silence";

interface Sent {
  readonly atS: number;
  readonly url: string;
  readonly event: string | undefined;
  readonly request: AnnounceRequest;
}

/** The infohash that is announced unless a test says otherwise. */
export const V1 = new Uint8Array(20).fill(1);
const down = (url: string): TrackerError => new TrackerError("refused", url, "It is down.");

/** Trackers that do as a test says, and remember what they were sent. */
class Trackers implements TrackerClient {
  readonly sent: Sent[] = [];
  readonly answers = new Map<string, Answer | ((request: AnnounceRequest) => Answer)>();
  readonly #world: SimWorld;
  readonly #host: SimHost;

  constructor(world: SimWorld, host: SimHost) {
    this.#world = world;
    this.#host = host;
  }

  async announce(
    url: string,
    request: AnnounceRequest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<AnnounceResponse> {
    this.sent.push({
      atS: Math.round(this.#world.timeMs / 1000),
      url,
      event: request.event,
      request,
    });
    const answer = this.answers.get(url) ?? down(url);
    const response = typeof answer === "function" ? answer(request) : answer;
    await new Promise<void>((resolve, reject) => {
      const timer = this.#host.clock.setTimer(response === "silence" ? 50_000 : 100, resolve);
      signal?.addEventListener("abort", () => {
        timer.cancel();
        reject(new TrackerError("aborted", url, "cancelled"));
      });
    });
    if (response === "silence") throw new TrackerError("timeout", url, "It is silent.");
    if (response instanceof TrackerError) throw response;
    return { kind: "announce", intervalS: 1800, peers: [], ...response };
  }

  scrape(): never {
    throw new Error("not used here");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What was sent, in short. */
  get log(): string[] {
    return this.sent.map(({ atS, url, event }) => `${atS} ${url} ${event ?? "-"}`);
  }
}

/** What a test of the announcer has at hand. */
export interface Setting {
  readonly world: SimWorld;
  readonly trackers: Trackers;
  readonly start: (options?: Partial<AnnouncerOptions>) => Announcer;
  readonly runTo: (seconds: number) => Promise<void>;
}

/** A test in a world of its own, with trackers that answer by script. */
export function withTrackers(test: (setting: Setting) => Promise<void>): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: "9.0.0.1" });
      const trackers = new Trackers(world, host);
      await test({
        world,
        trackers,
        start: (options) =>
          createAnnouncer({
            client: trackers,
            clock: host.clock,
            random: host.random,
            tiers: [["a"]],
            infoHashes: [V1],
            peerId: new Uint8Array(20),
            port: () => 6881,
            stats: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 9 }),
            onPeers: () => {},
            ...options,
          }),
        runTo: (seconds) => world.run({ untilMs: seconds * 1000 }),
      });
    });
}
