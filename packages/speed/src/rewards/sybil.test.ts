import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Address, toAddress } from "@shoal/chain";
import type { ChannelId } from "../channel/channel-key.ts";
import type { AttributedEvent, RedeemedEvent } from "./channel-events.ts";
import { distribute } from "./distribution.ts";
import { RewardLedger } from "./reward-ledger.ts";

const BTT = 10n ** 18n;
const EPOCHS = 45;
const WORLDS = 3;
/** What SeedRewards would pay in an epoch at its beginning: a 300th of three billion. */
const EMISSION_WEI = 10_000_000n * BTT;
const source = { chainId: 1, channels: account(0), rewards: account(0) };

/** Gas of what a strategy sends, as the contract's tests measure it, at a price of next to nothing. */
const GAS = { open: 40_000n, redeem: 15_000n, attribute: 8_000n };
const GAS_PRICE_WEI = 10n ** 9n;

/** What one identity does with others in a world, told by the events that it leaves. */
interface World {
  readonly random: (below: number) => number;
  readonly redeemed: RedeemedEvent[];
  readonly attributed: AttributedEvent[];
  /** Pays through the channel of these two, and signs what is said of it. */
  pay(payer: Address, payee: Address, wei: bigint, receipts: readonly Saying[]): void;
}

interface Saying {
  readonly torrent: number;
  readonly size: bigint;
  /** Of the payment, in hundredths: whatever the signer likes, up to all that the channel ever paid. */
  readonly percent: bigint;
}

type Strategy = (world: World, epoch: number, coalition: readonly Address[]) => void;

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  "each pays itself for a torrent that only it has": (world, _, coalition) => {
    for (const [index, one] of coalition.entries()) {
      world.pay(one, one, 50n * BTT, [{ torrent: 1000 + index, size: 2n ** 40n, percent: 100n }]);
    }
  },
  "a ring in which money goes round": (world, _, coalition) => {
    for (const [index, one] of coalition.entries()) {
      const next = coalition[(index + 1) % coalition.length]!;
      world.pay(one, next, 50n * BTT, [{ torrent: 2000, size: 2n ** 40n, percent: 100n }]);
    }
  },
  "a random graph of identities, torrents, sizes and amounts": (world, _, coalition) => {
    for (let deal = 0; deal < 30; deal++) {
      const [from, to] = [pick(world, coalition), pick(world, coalition)];
      const size = 2n ** BigInt(world.random(64));
      world.pay(from, to, BigInt(1 + world.random(1e9)) ** 2n, [
        { torrent: world.random(40), size, percent: BigInt(1 + world.random(100)) },
      ]);
    }
  },
  "wash trading: one payment said to be for many torrents, in full for each": (world, _, all) => {
    const receipts = Array.from({ length: 40 }, (__, torrent) => ({
      torrent: 3000 + torrent,
      size: 2n ** 40n,
      percent: 100n,
    }));
    world.pay(all[0]!, all[1]!, 100n * BTT, receipts);
  },
  "dust for 29 epochs, then a fortune at full seeding time": (world, epoch, all) => {
    const wei = epoch % 30 === 29 ? 10_000n * BTT : 20n;
    world.pay(all[0]!, all[1]!, wei, [{ torrent: 4000, size: 2n ** 40n, percent: 100n }]);
  },
  "crowding the honest out of their torrents by many names": (world, _, coalition) => {
    for (const one of coalition) {
      world.pay(coalition[0]!, one, BTT, [{ torrent: world.random(10), size: 0n, percent: 100n }]);
    }
  },
  "fees split so small that nothing is burned of each": (world, _, coalition) => {
    for (const one of coalition) {
      for (let part = 0; part < 5; part++) {
        world.pay(one, coalition[0]!, 19n, [{ torrent: 5000, size: 2n ** 40n, percent: 100n }]);
      }
    }
  },
};

suite("Sybil identities and rewards", () => {
  for (const [name, strategy] of Object.entries(STRATEGIES)) {
    test(`no gain: ${name}`, () => {
      for (let seed = 1; seed <= WORLDS; seed++) play(strategy, seed);
    });
  }

  test("no gain: all of them at once, by one coalition", () => {
    const all = Object.values(STRATEGIES);
    for (let seed = 1; seed <= WORLDS; seed++) {
      play((world, epoch, coalition) => {
        for (const strategy of all) strategy(world, epoch, coalition);
      }, seed);
    }
  });
});

/** Plays a coalition among honest people, and holds its payout against what it burned and what its gas cost. */
function play(strategy: Strategy, seed: number): void {
  const random = drawFrom(seed);
  const coalition = Array.from({ length: 2 + random(12) }, (_, index) => account(1000 + index));
  const members = new Set(coalition);
  const ledger = new RewardLedger();
  const channels = new Map<
    ChannelId,
    { payee: Address; paid: bigint; said: Map<string, bigint> }
  >();
  const balance = { burned: 0n, paidOut: 0n, gas: 0n };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const world: World = {
      random,
      redeemed: [],
      attributed: [],
      pay(payer, payee, wei, receipts) {
        const id = `0x${payer.slice(18)}${payee.slice(18)}${"0".repeat(16)}` as ChannelId;
        let channel = channels.get(id);
        const isTheirs = members.has(payee);
        if (channel === undefined) {
          channels.set(id, (channel = { payee, paid: 0n, said: new Map() }));
          if (isTheirs) balance.gas += GAS.open;
        }
        const before = channel.paid;
        channel.paid += wei;
        world.redeemed.push({ channel: id, paid: channel.paid, amount: wei });
        if (isTheirs) {
          balance.burned += channel.paid / 20n - before / 20n;
          balance.gas += GAS.redeem + GAS.attribute * BigInt(receipts.length);
        }
        for (const { torrent: number, size, percent } of receipts) {
          const torrent = number.toString(16).padStart(64, "0");
          const wanted = (channel.said.get(torrent) ?? 0n) + (wei * percent) / 100n;
          const total = wanted < channel.paid ? wanted : channel.paid;
          channel.said.set(torrent, total);
          world.attributed.push({ channel: id, payee, torrent, size, total });
        }
      },
    };
    honestTrade(world);
    strategy(world, epoch, coalition);
    const closed = ledger.close({ ...world, epoch });
    const { shares } = distribute(closed, EMISSION_WEI, source);
    for (const { account: who, amount } of shares) {
      if (members.has(who)) balance.paidOut += amount;
    }
    // At every moment, not only at the end: who stops early has gained nothing either.
    assert.ok(10n * balance.paidOut <= 9n * balance.burned, `seed ${seed}, epoch ${epoch}`);
  }
  const net = balance.paidOut - balance.burned - balance.gas * GAS_PRICE_WEI;
  assert.ok(net < 0n, `seed ${seed}: a gain of ${net} wei`);
}

/** Honest payments of an epoch, over ten torrents. */
function honestTrade(world: World): void {
  for (let deal = 0; deal < 40; deal++) {
    const torrent = world.random(10);
    const size = 2n ** BigInt(20 + torrent);
    const wei = BigInt(1 + world.random(1000)) * (BTT / 10n);
    world.pay(account(1 + world.random(30)), account(100 + world.random(25)), wei, [
      { torrent, size, percent: 100n },
    ]);
  }
}

function pick<T>({ random }: World, items: readonly T[]): T {
  return items[random(items.length)]!;
}

function account(number: number): Address {
  return toAddress(`0x${String(number).padStart(40, "0")}`);
}

/** Numbers below a bound, the same ones for a seed (a 32-bit xorshift). */
function drawFrom(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
