import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toAddress } from "@shoal/chain";
import fc from "fast-check";
import type { ChannelId } from "../channel/channel-key.ts";
import type { AttributedEvent, EpochEvents, RedeemedEvent } from "./channel-events.ts";
import { distribute } from "./distribution.ts";
import { RewardLedger } from "./reward-ledger.ts";

const BTT = 10n ** 18n;
const GIB = 2n ** 30n;
const channelOf = (number: number) => `0x${String(number).padStart(64, "0")}` as ChannelId;
const account = (number: number) => toAddress(`0x${String(number).padStart(40, "0")}`);
const torrentOf = (number: number) => number.toString(16).padStart(64, "f");
const source = { chainId: 1, channels: account(1), rewards: account(2) };

const paid = (channel: number, amount: bigint, before = 0n): RedeemedEvent => ({
  channel: channelOf(channel),
  paid: before + amount,
  amount,
});
const receipt = (
  channel: number,
  payee: number,
  total: bigint,
  { torrent = 1, size = GIB } = {},
): AttributedEvent => ({
  channel: channelOf(channel),
  payee: account(payee),
  torrent: torrentOf(torrent),
  size,
  total,
});

suite("rewards for seeding", () => {
  test("one seeder's first epoch: 0.9 of the fee, a thirtieth for the time", () => {
    const { burnedWei, earnings } = new RewardLedger().close({
      epoch: 100,
      redeemed: [paid(1, 200n * BTT)],
      attributed: [receipt(1, 7, 200n * BTT)],
    });
    assert.equal(burnedWei, 10n * BTT);
    assert.deepEqual(earnings, [
      {
        account: account(7),
        torrent: torrentOf(1),
        epochs: 1,
        burnedWei: 10n * BTT,
        rewardWei: (9n * BTT) / 30n,
      },
    ]);
  });

  test("after 30 epochs alike the whole of it, and after a long pause a thirtieth again", () => {
    const ledger = new RewardLedger();
    const rewards: bigint[] = [];
    for (let epoch = 0; epoch < 70; epoch++) {
      const before = BigInt(epoch) * 200n * BTT;
      const isPause = epoch >= 35 && epoch < 65;
      const { earnings } = ledger.close({
        epoch,
        redeemed: isPause ? [] : [paid(1, 200n * BTT, before)],
        attributed: isPause ? [] : [receipt(1, 7, before + 200n * BTT)],
      });
      if (!isPause) rewards.push(earnings[0]!.rewardWei);
    }
    for (let epoch = 0; epoch < 30; epoch++) {
      assert.equal(rewards[epoch], (9n * BTT * BigInt(epoch + 1)) / 30n);
    }
    assert.equal(rewards[34], 9n * BTT);
    // The channel paid all the while, but only what it paid in this epoch counts now.
    assert.equal(rewards[35], (9n * BTT) / 30n);
  });

  test("dust in earlier epochs makes no seeding time", () => {
    const ledger = new RewardLedger();
    for (let epoch = 0; epoch < 29; epoch++) {
      ledger.close({
        epoch,
        redeemed: [paid(1, 20n, BigInt(epoch) * 20n)],
        attributed: [receipt(1, 7, BigInt(epoch + 1) * 20n)],
      });
    }
    const { earnings } = ledger.close({
      epoch: 29,
      redeemed: [paid(2, 200n * BTT)],
      attributed: [receipt(2, 7, 200n * BTT)],
    });
    assert.equal(earnings[0]?.epochs, 30);
    assert.equal(earnings[0]?.rewardWei, (9n * BTT) / 30n);
  });

  test("small torrents earn less, by the logarithm of their size", () => {
    const of = (size: bigint) =>
      new RewardLedger().close({
        epoch: 0,
        redeemed: [paid(1, 200n * BTT)],
        attributed: [receipt(1, 7, 200n * BTT, { size })],
      }).earnings[0]!.rewardWei;
    assert.equal(of(0n), 0n);
    assert.equal(of(2n ** 24n), (9n * BTT * 2n ** 32n) / (30n * 25_865_872_801n));
    assert.equal(of(100n * GIB), of(GIB));
  });

  test("of 40 seeders alike each earns half; dust from a thousand names changes next to nothing", () => {
    const events = (names: number, dust: number): EpochEvents => {
      const numbers = Array.from({ length: names + dust }, (_, index) => index);
      const wei = (index: number) => (index < names ? 200n * BTT : 20n);
      return {
        epoch: 0,
        redeemed: numbers.map((index) => paid(index, wei(index))),
        attributed: numbers.map((index) => receipt(index, index + 1, wei(index))),
      };
    };
    const of = (names: number, dust: number) =>
      new RewardLedger().close(events(names, dust)).earnings[0]!.rewardWei;
    assert.equal(of(20, 0), (9n * BTT) / 30n);
    assert.equal(of(40, 0), (9n * BTT) / 60n);
    assert.ok(of(20, 1000) > (of(20, 0) * 999n) / 1000n);
  });

  test("receipts count for what their channel paid in the epoch, each for its part, and wait for more", () => {
    const ledger = new RewardLedger();
    const first = ledger.close({
      epoch: 0,
      redeemed: [paid(1, 100n * BTT)],
      attributed: [1, 2, 3].map((torrent) => receipt(1, 7, 100n * BTT, { torrent })),
    });
    for (const { burnedWei } of first.earnings) assert.equal(burnedWei, (5n * BTT) / 3n);
    const second = ledger.close({
      epoch: 1,
      redeemed: [paid(1, 500n * BTT, 100n * BTT)],
      attributed: [],
    });
    const counted = [...first.earnings, ...second.earnings].reduce(
      (sum, { burnedWei }) => sum + burnedWei,
      0n,
    );
    assert.ok(counted <= 15n * BTT && counted > 15n * BTT - 10n, "three receipts over 100 each");
    const third = ledger.close({ epoch: 2, redeemed: [paid(1, BTT, 600n * BTT)], attributed: [] });
    assert.ok(third.earnings.every(({ burnedWei }) => burnedWei < 10n));
  });

  test("a receipt that is brought again, or one over less, adds nothing", () => {
    const ledger = new RewardLedger();
    const attributed = [receipt(1, 7, 100n * BTT)];
    ledger.close({ epoch: 0, redeemed: [paid(1, 100n * BTT)], attributed });
    const again = ledger.close({
      epoch: 1,
      redeemed: [paid(1, 100n * BTT, 100n * BTT)],
      attributed: [...attributed, receipt(1, 7, 50n * BTT)],
    });
    assert.deepEqual(again.earnings, []);
    assert.equal(again.burnedWei, 5n * BTT);
  });

  test("epochs are closed in turn", () => {
    const ledger = new RewardLedger();
    ledger.close({ epoch: 5, redeemed: [], attributed: [] });
    assert.throws(() => ledger.close({ epoch: 7, redeemed: [], attributed: [] }), RangeError);
  });

  test("any order of events gives the same root, and never more than 0.9 of the burn or the emission", () => {
    const wei = fc.bigInt(1n, 10_000n * BTT);
    const small = fc.integer({ min: 0, max: 5 });
    const drawn = fc.array(
      fc.record({
        channel: small,
        amount: wei,
        torrent: small,
        size: fc.bigInt(0n, 2n ** 64n - 1n),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 4 }),
        fc.bigInt(1n, 300n * BTT),
        fc.infiniteStream(fc.nat()),
        (epochs, emission, chance) => {
          const [ledger, shuffled] = [new RewardLedger(), new RewardLedger()];
          const totals = new Map<number, bigint>();
          for (const [epoch, steps] of epochs.entries()) {
            const redeemed = steps.map(({ channel, amount }) => {
              const before = totals.get(channel) ?? 0n;
              totals.set(channel, before + amount);
              return paid(channel, amount, before);
            });
            const attributed = steps.map(({ channel, amount, torrent, size }) => {
              const most = totals.get(channel)!;
              return receipt(channel, channel % 3, amount < most ? amount : most, {
                torrent,
                size,
              });
            });
            const closed = ledger.close({ epoch, redeemed, attributed });
            const other = shuffled.close({
              epoch,
              redeemed: shuffle(redeemed, chance),
              attributed: shuffle(attributed, chance),
            });
            assert.deepEqual(other, closed);
            const earned = closed.earnings.reduce((sum, { rewardWei }) => sum + rewardWei, 0n);
            assert.ok(10n * earned <= 9n * closed.burnedWei);
            const distribution = distribute(closed, emission, source);
            assert.deepEqual(distribution.file, distribute(other, emission, source).file);
            assert.ok(distribution.totalWei <= emission && distribution.totalWei <= earned);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

function shuffle<T>(items: readonly T[], chance: Iterator<number>): T[] {
  const ranked = items.map((item) => ({ item, rank: chance.next().value as number }));
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ item }) => item);
}
