import { type Clock, type Endpoint, pause, type Random, type Timer } from "@shoal/runtime";
import { lookUp } from "../lookup/lookup.ts";
import { randomIdSharing, sharedPrefixBits } from "../node-id/node-id.ts";
import type { NodeInfo } from "../routing/contact.ts";
import { K } from "../routing/routing-table.ts";
import type { DhtNode } from "./dht-node.ts";

/** Between two rounds, give or take a fifth, so that nodes that start together drift apart. */
const ROUND_MS = 15_000;
/** A round asks one in so many: all of a table within the quarter of an hour that BEP 5 gives them. */
const ROUNDS_PER_TABLE = 50;
/** The nodes nearest to us change: how often we look for new ones. */
const NEIGHBOURS_MS = 30 * 60_000;
/** Waiting before another try to get in, from and to. */
const MIN_RETRY_MS = 15_000;
const MAX_RETRY_MS = 5 * 60_000;
/** A saved node that is there has answered by then, far away or not. */
const FALLBACK_AFTER_MS = 3_000;

export interface MaintenanceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly node: DhtNode;
  /** Nodes of an earlier run: their IDs are known, and most are gone. */
  readonly saved: readonly NodeInfo[];
  /** Hosts to get in by. */
  readonly entrances: () => Promise<readonly Endpoint[]>;
  /** The same, asked only when neither those nor saved nodes let us in. */
  readonly fallback: () => Promise<readonly Endpoint[]>;
  /** Called after every round: what else has to be done now and then. */
  readonly onRound: () => void;
}

/**
 * Keeps a node's routing table: gets into the network, asks the nodes not heard of for a while, and
 * looks for near ones. One query does both: a questionable node is asked for others of its own bucket, so
 * its answer proves that it is there and fills the bucket.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #stopping = new AbortController();
  #timer: Timer;
  #joining: Promise<void> | null = null;
  #joinAtMs = 0;
  #retryMs = MIN_RETRY_MS;
  #neighboursAtMs: number;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#neighboursAtMs = this.#nowMs() + this.#spread(NEIGHBOURS_MS);
    this.#timer = this.#schedule();
  }

  /** Gets into the network; resolves when the table is filled as far as it goes. Never throws. */
  join(): Promise<void> {
    this.#joining ??= this.#join().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  close(): void {
    this.#stopping.abort();
    this.#timer.cancel();
  }

  async #join(): Promise<void> {
    const { node, saved, entrances } = this.#options;
    try {
      if (node.table.size === 0) await this.#enterBy(entrances);
      const isIn = node.table.size > 0;
      const near = this.#findNear(node.id, isIn ? [] : saved);
      const isElsewhere = !isIn && (await this.#needsFallback(near));
      await (isElsewhere ? this.#findNear(node.id, []) : near);
      await this.#fillBuckets();
    } catch {
      // Closed meanwhile: nothing else is thrown by a look-up.
    }
    const isIn = node.table.size > 0;
    this.#retryMs = isIn ? MIN_RETRY_MS : Math.min(MAX_RETRY_MS, this.#retryMs * 2);
    this.#joinAtMs = this.#nowMs() + this.#retryMs;
    this.#neighboursAtMs = this.#nowMs() + this.#spread(NEIGHBOURS_MS);
  }

  async #enterBy(hosts: () => Promise<readonly Endpoint[]>): Promise<void> {
    const endpoints = await hosts().catch(() => []);
    await Promise.all(endpoints.map((endpoint) => this.#enter(endpoint)));
  }

  /** Gives saved nodes a while to let us in, then asks elsewhere. Returns whether that was necessary. */
  async #needsFallback(near: Promise<void>): Promise<boolean> {
    const { clock, node, fallback } = this.#options;
    const isOver = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, isOver.signal]);
    await Promise.race([near, pause(clock, FALLBACK_AFTER_MS, signal)]);
    isOver.abort();
    if (node.table.size > 0) return false;
    await this.#enterBy(fallback);
    return true;
  }

  /** Asks a node of unknown ID for nodes near ours. */
  #enter(endpoint: Endpoint): Promise<void> {
    const { node } = this.#options;
    return new Promise((resolve) => {
      const request = { method: "find_node", target: node.id, want: node.want } as const;
      node.query(endpoint, request, { slow: resolve, done: () => resolve() });
    });
  }

  /** BEP 5: buckets further away than the closest node are looked into. */
  async #fillBuckets(): Promise<void> {
    const { node, random } = this.#options;
    const { buckets } = node.table;
    for (const [bits, live] of buckets.entries()) {
      if (live.length < K / 2) await this.#findNear(randomIdSharing(node.id, bits, random), []);
    }
  }

  async #findNear(target: Uint8Array, start: readonly NodeInfo[]): Promise<void> {
    const { node } = this.#options;
    const request = { method: "find_node", target, want: node.want } as const;
    await lookUp(node, { target, request, start, signal: this.#stopping.signal });
  }

  #round(): void {
    const { node, onRound } = this.#options;
    const nowMs = this.#nowMs();
    if (node.table.size === 0) {
      if (nowMs >= this.#joinAtMs) void this.join();
    } else if (nowMs >= this.#neighboursAtMs) {
      void this.join();
    }
    const count = Math.ceil(node.table.size / ROUNDS_PER_TABLE);
    for (const contact of node.table.questionable(nowMs, count)) this.#check(contact);
    onRound();
  }

  #check(contact: NodeInfo): void {
    const { node, random } = this.#options;
    const bits = sharedPrefixBits(node.id, contact.id);
    const target = randomIdSharing(node.id, bits, random);
    const request = { method: "find_node", target, want: node.want } as const;
    node.query(contact, request, {
      done(outcome) {
        if (outcome.kind !== "response") return;
        for (const info of node.nodesOf(outcome)) node.mention(info);
      },
    });
  }

  #schedule(): Timer {
    const { clock } = this.#options;
    return clock.setTimer(this.#spread(ROUND_MS), () => {
      this.#timer = this.#schedule();
      this.#round();
    });
  }

  /** A time, give or take a fifth. */
  #spread(timeMs: number): number {
    return timeMs * (0.8 + this.#options.random.integer(401) / 1000);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}
