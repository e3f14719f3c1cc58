import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LimitDivider, type Sharer } from "./limit-divider.ts";
import type { ShardShare, ShardUsage } from "./shard-protocol.ts";

/** A worker that uses up to so much of what it has, and answers after some turns. */
class TestSharer implements Sharer {
  isUp = true;
  share: ShardShare = { connections: 0, rates: {}, places: {} };
  wants = { download: 0, connections: 0, seeds: 0 };
  turns = 0;
  connections = 0;
  #atMs = 0;
  #download = 0;

  get download(): number | null {
    return this.share.rates["download"] ?? null;
  }

  async measure() {
    await this.#wait();
    this.#atMs += 1000;
    this.#download += Math.min(this.wants.download, this.download ?? Infinity);
    // Connections end by themselves, and are not taken back.
    if (this.connections < this.share.connections) {
      this.connections = Math.min(this.wants.connections, this.share.connections);
    } else if (this.wants.connections < this.connections) this.connections--;
    return this.#usage();
  }

  async apply(share: ShardShare) {
    await this.#wait();
    this.share = share;
    return this.#usage();
  }

  #usage(): ShardUsage {
    const passed = { download: this.#download, upload: 0 };
    const wanted = { activeSeeds: this.wants.seeds };
    return { atMs: this.#atMs, connections: this.connections, passed, wanted };
  }

  async #wait(): Promise<void> {
    for (let turn = 0; turn < this.turns; turn++) await Promise.resolve();
  }
}

/** Limits as the tests name them. */
interface Limits {
  readonly download: number | null;
  readonly upload: number | null;
  readonly connections: number;
  readonly seeds?: number | null;
}

const whole = ({ download, upload, connections, seeds = null }: Limits): ShardShare => ({
  connections,
  rates: { download, upload },
  places: { activeSeeds: seeds },
});

function create(limits: () => Limits, sharers: readonly TestSharer[]): LimitDivider {
  const divider = new LimitDivider(sharers, () => whole(limits()));
  sharers.forEach((sharer, index) => (sharer.share = divider.shareOf(index)));
  return divider;
}

describe("limits divided among workers", () => {
  it("begins with equal parts, and gives them to who needs them", async () => {
    const sharers = [new TestSharer(), new TestSharer()];
    const divider = create(() => ({ download: 1000, upload: null, connections: 10 }), sharers);
    const half = whole({ download: 500, upload: null, connections: 5 });
    assert.deepEqual(sharers[0]!.share, half);
    sharers[1]!.wants = { download: 5000, connections: 50, seeds: 0 };
    for (let second = 0; second < 4; second++) await divider.run();
    assert.deepEqual(
      sharers.map(({ download }) => download),
      [25, 975],
    );
    assert.equal(sharers[1]!.share.connections, 9);
    assert.equal(divider.connections, 9);
  });

  it("a worker that dies gives back what it had, and begins with nothing", async () => {
    const sharers = [new TestSharer(), new TestSharer()];
    const divider = create(() => ({ download: 1000, upload: 7, connections: 10 }), sharers);
    sharers[0]!.isUp = false;
    divider.died(0);
    const nothing = whole({ download: 0, upload: 0, connections: 0, seeds: 0 });
    assert.deepEqual(divider.shareOf(0), nothing);
    await divider.run();
    assert.deepEqual(sharers[1]!.share, whole({ download: 1000, upload: 7, connections: 10 }));
  });

  it("gives places in the queue to who wants them, and a limit that is new to all", async () => {
    const sharers = [new TestSharer(), new TestSharer()];
    let limits: Limits = { download: null, upload: null, connections: 10, seeds: 5 };
    const divider = new LimitDivider(sharers, () => whole(limits));
    const seedsOf = () => sharers.map(({ share }) => share.places["activeSeeds"]);
    sharers[1]!.wants.seeds = 9;
    await divider.run();
    assert.deepEqual(seedsOf(), [0, 5]);
    sharers[0]!.wants.seeds = 1;
    await divider.run();
    assert.deepEqual(seedsOf(), [1, 4]);
    sharers[1]!.wants.seeds = 0;
    await divider.run();
    assert.deepEqual(seedsOf(), [3, 2]);
    limits = { ...limits, download: 100, seeds: null };
    await divider.run();
    assert.deepEqual(seedsOf(), [null, null]);
    assert.deepEqual(
      sharers.map(({ download }) => download),
      [50, 50],
    );
  });

  it("never lets all of them together have more than the limit, whenever they hear of it", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            worker: fc.nat(2),
            wants: fc.nat(2000),
            turns: fc.nat(9),
            places: fc.nat(40),
            seeds: fc.nat(9),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        async (steps) => {
          const sharers = [new TestSharer(), new TestSharer(), new TestSharer()];
          const divider = create(
            () => ({ download: 1000, upload: null, connections: 30, seeds: 4 }),
            sharers,
          );
          for (const { worker, wants, turns, places, seeds } of steps) {
            const sharer = sharers[worker]!;
            sharer.wants = { download: wants, connections: places, seeds };
            sharer.turns = turns;
            let isOver = false;
            void divider.run().then(() => (isOver = true));
            for (let turn = 0; !isOver && turn < 1000; turn++) {
              const rate = sharers.reduce(
                (sum, { share }) => sum + (share.rates["download"] ?? 1e9),
                0,
              );
              const seeding = sharers.reduce(
                (sum, { share }) => sum + (share.places["activeSeeds"] ?? 1e9),
                0,
              );
              const count = sharers.reduce(
                (sum, { share, connections }) => sum + Math.max(share.connections, connections),
                0,
              );
              assert.ok(rate <= 1000 && count <= 30, `${rate} bytes, ${count} connections`);
              assert.ok(seeding <= 4, `${seeding} seeds`);
              await Promise.resolve();
            }
            assert.ok(isOver);
          }
        },
      ),
      { numRuns: 200 },
    ));
});
