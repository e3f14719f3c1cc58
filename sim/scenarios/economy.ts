import assert from "node:assert/strict";
import { createTitForTatPolicy, type SessionOptions, type UploadPolicy } from "@shoal/engine";
import type { SimHost } from "@shoal/runtime/sim";
import { createFixedBidding } from "../../packages/speed/src/buying/bidding.ts";
import { completionTimesS, type Member, quantile } from "../crowd.ts";
import { withoutVouchers } from "../paid/liars.ts";
import { PaidWorld, tradeOptions, WEI_PER_BTT } from "../paid/paid-world.ts";
import type { Scenario } from "../scenario.ts";

/** Reserve price, in wei per MiB. */
const RESERVE = WEI_PER_BTT / 1000n;
/** What buyers bid, in reserve prices. */
const BIDS = [1, 2, 4, 8];
/** Of ten peers, so many bid each of these, so many pay nothing, and one bids the most and never pays. */
const FREE_OF_TEN = 2;
const LIARS_OF_TEN = 1;
const PEERS_PER_SELLER = 20;
const SELLER_BYTES_PER_SECOND = 200_000;
const PIECES = 32;
const PIECE_KIB = 64;
/** A bid of twice as much has to buy at least so much more speed, in the middle of its class. */
const LEAST_GAIN = 1.05;

/** All that is to be had is the sellers': what peers gave each other for nothing would hide it. */
const nobody: UploadPolicy = { chooseUnchoked: () => [] };

type Kind = { readonly bid: number; readonly isLiar: boolean };

function kindOf(index: number): Kind {
  const place = index % 10;
  if (place < FREE_OF_TEN) return { bid: 0, isLiar: false };
  if (place < FREE_OF_TEN + LIARS_OF_TEN) return { bid: 10, isLiar: true };
  // Seven places, four bids: the next ten go on where these ended.
  const payer = Math.floor(index / 10) * 7 + place - FREE_OF_TEN - LIARS_OF_TEN;
  return { bid: BIDS[payer % BIDS.length]!, isLiar: false };
}

export const economy: Scenario = {
  name: "economy",
  promise:
    "who bids more is faster, sellers get what buyers pay to the wei, free peers finish, and liars gain nothing over them",
  peers: { full: 200, small: 20 },
  crowd: {
    pieces: PIECES,
    pieceLengthKib: PIECE_KIB,
    line: { upBytesPerSecond: 25_000, downBytesPerSecond: 1_000_000, poolBytes: 1024 * 1024 },
  },
  async play(crowd, peers) {
    const { world } = crowd;
    const paid = new PaidWorld(world);
    const sellers: Awaited<ReturnType<PaidWorld["seller"]>>[] = [];
    const sellerCount = Math.max(1, Math.round(peers / PEERS_PER_SELLER));
    await crowd.join(sellerCount, (index) => ({
      isSeeder: true,
      host: { upBytesPerSecond: SELLER_BYTES_PER_SECOND * 1.2, poolBytes: 8 * 1024 * 1024 },
      async sessionOn(host) {
        const selling = await paid.openSeller(host, 1 + index, {
          minPrice: RESERVE,
          paidSlots: 12,
        });
        sellers.push(selling);
        const free = createTitForTatPolicy({ random: host.random });
        return {
          ...tradeOptions(host, { seller: selling.seller, free }),
          uploadSlots: 16,
          uploadLimit: SELLER_BYTES_PER_SECOND,
        };
      },
    }));
    await crowd.pass(5);
    crowd.startedMs = world.timeMs;
    const buyers: ReturnType<PaidWorld["buyer"]>[] = [];
    const members: Member[] = [];
    const joined = await crowd.join(peers, (index) => {
      const { bid, isLiar } = kindOf(index);
      if (bid === 0) return { session: { uploadPolicy: nobody } };
      return {
        sessionOn(host: SimHost): Partial<SessionOptions> {
          const buying = paid.buyer(host, 1000 + index, {
            deposit: WEI_PER_BTT,
            bidding: createFixedBidding(BigInt(bid) * RESERVE),
            missingBytes: () =>
              crowd.lengthBytes - (members[index]?.torrent.status().verifiedBytes ?? 0),
          });
          if (!isLiar) buyers.push(buying);
          const options = tradeOptions(host, { buyer: buying.buyer, free: nobody });
          return isLiar ? withoutVouchers(options) : options;
        },
      };
    });
    members.push(...joined);
    await crowd.complete(members, 3600);
    for (const { buyer } of buyers) await world.complete(buyer.settle());
    for (const { claims } of sellers) await world.complete(claims.flush());

    const timesOf = (bid: number, isLiar = false) =>
      completionTimesS(
        members.filter((_, index) => {
          const kind = kindOf(index);
          return kind.bid === bid && kind.isLiar === isLiar;
        }),
      );
    const speedOf = (timesS: readonly number[]) => crowd.lengthBytes / 1024 / quantile(timesS, 0.5);
    const bids = [0, ...BIDS];
    const kibPerSecond = bids.map((bid) => speedOf(timesOf(bid)));
    const liarKibPerSecond = speedOf(timesOf(10, true));
    const claims = sellers.flatMap((selling) => selling.claims.all());
    const revenue = claims.reduce((sum, { total }) => sum + total, 0n);
    const spent = buyers.reduce((sum, { buyer }) => sum + buyer.spent, 0n);
    const owed = claims.reduce((sum, { debt, forgiven }) => sum + debt + forgiven, 0n);
    const revenueBtt = sellers.map((selling) =>
      toBtt(selling.claims.all().reduce((sum, { total }) => sum + total, 0n)),
    );
    for (const { seller } of sellers) seller.close();
    for (const { buyer } of buyers) buyer.close();

    assert.equal(revenue, spent);
    for (let at = 1; at < bids.length; at++) {
      assert.ok(
        kibPerSecond[at]! >= kibPerSecond[at - 1]! * LEAST_GAIN,
        `a bid of ${bids[at]} gets ${kibPerSecond[at]} KiB/s, one of ${bids[at - 1]} ${kibPerSecond[at - 1]}`,
      );
    }
    assert.ok(liarKibPerSecond <= kibPerSecond[1]!, `liars get ${liarKibPerSecond} KiB/s`);
    return {
      bids,
      kibPerSecond,
      liarKibPerSecond,
      freeDoneS: timesOf(0).at(-1)!,
      allDoneS: completionTimesS(members).at(-1)!,
      revenueBtt,
      spentBtt: toBtt(spent),
      unpaidBtt: toBtt(owed),
    };
  },
};

function toBtt(wei: bigint): number {
  return Number(wei) / Number(WEI_PER_BTT);
}
