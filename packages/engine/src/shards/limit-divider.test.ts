import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LimitDivider, type Sharer, type WholeLimits } from "./limit-divider.ts";
import type { ShardShare } from "./shard-protocol.ts";

/** A worker that uses up to so much of what it has, and answers after some turns. */
class TestSharer implements Sharer {
  isUp = true;
  share: ShardShare = { download: 0, upload: 0, connections: 0 };
  wants = { download: 0, connections: 0 };
  turns = 0;
  connections = 0;
  #atMs = 0;
  #download = 0;

  async measure() {
    await this.#wait();
    this.#atMs += 1000;
    this.#download += Math.min(this.wants.download, this.share.download ?? Infinity);
    // Connections end by themselves, and are not taken back.
    if (this.connections < this.share.connections) {
      this.connections = Math.min(this.wants.connections, this.share.connections);
    } else if (this.wants.connections < this.connections) this.connections--;
    return { atMs: this.#atMs, connections: this.connections, download: this.#download, upload: 0 };
  }

  async apply(share: ShardShare) {
    await this.#wait();
    this.share = share;
    return {
      atMs: this.#atMs,
      connections: this.connections,
      download: this.#download,
      upload: 0,
    };
  }

  async #wait(): Promise<void> {
    for (let turn = 0; turn < this.turns; turn++) await Promise.resolve();
  }
}

function create(limits: () => WholeLimits, sharers: readonly TestSharer[]): LimitDivider {
  const divider = new LimitDivider(sharers, limits);
  sharers.forEach((sharer, index) => (sharer.share = divider.shareOf(index)));
  return divider;
}

describe("limits divided among workers", () => {
  it("begins with equal parts, and gives them to who needs them", async () => {
    const sharers = [new TestSharer(), new TestSharer()];
    const divider = create(() => ({ download: 1000, upload: null, connections: 10 }), sharers);
    assert.deepEqual(sharers[0]!.share, { download: 500, upload: null, connections: 5 });
    sharers[1]!.wants = { download: 5000, connections: 50 };
    for (let second = 0; second < 4; second++) await divider.run();
    assert.deepEqual(
      sharers.map(({ share }) => share.download),
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
    assert.deepEqual(divider.shareOf(0), { download: 0, upload: 0, connections: 0 });
    await divider.run();
    assert.deepEqual(sharers[1]!.share, { download: 1000, upload: 7, connections: 10 });
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
          }),
          { minLength: 1, maxLength: 30 },
        ),
        async (steps) => {
          const sharers = [new TestSharer(), new TestSharer(), new TestSharer()];
          const divider = create(
            () => ({ download: 1000, upload: null, connections: 30 }),
            sharers,
          );
          for (const { worker, wants, turns, places } of steps) {
            const sharer = sharers[worker]!;
            sharer.wants = { download: wants, connections: places };
            sharer.turns = turns;
            let isOver = false;
            void divider.run().then(() => (isOver = true));
            for (let turn = 0; !isOver && turn < 1000; turn++) {
              const rate = sharers.reduce((sum, { share }) => sum + (share.download ?? 1e9), 0);
              const count = sharers.reduce(
                (sum, { share, connections }) => sum + Math.max(share.connections, connections),
                0,
              );
              assert.ok(rate <= 1000 && count <= 30, `${rate} bytes, ${count} connections`);
              await Promise.resolve();
            }
            assert.ok(isOver);
          }
        },
      ),
      { numRuns: 200 },
    ));
});
