import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type BidMarket, createAutoBidding, createFixedBidding } from "./bidding.ts";

const MEANS = { budget: 1_000_000n, missingBytes: 100 * 2 ** 20 };
const SELLER = {};

function market(more: Partial<BidMarket> = {}): BidMarket {
  return {
    minPrice: 1000n,
    price: 0n,
    isServed: false,
    bytesPerSecond: 0,
    sinceChangeMs: 60_000,
    ...more,
  };
}

suite("fixed bids", () => {
  test("always the same price, and nothing from those who want more", () => {
    const bidding = createFixedBidding(1500n);
    assert.equal(bidding.bid(SELLER, market(), MEANS), 1500n);
    assert.equal(bidding.bid(SELLER, market({ minPrice: 1501n }), MEANS), 0n);
  });
});

suite("bids under a budget", () => {
  test("the first bid is the reserve price, or the least there is where there is none", () => {
    const bidding = createAutoBidding();
    assert.equal(bidding.bid(SELLER, market(), MEANS), 1000n);
    assert.equal(bidding.bid(SELLER, market({ minPrice: 0n }), MEANS), 1n);
  });

  test("a reserve that the budget cannot pay for everything missing is not bid", () => {
    const bidding = createAutoBidding();
    assert.equal(bidding.bid(SELLER, market({ minPrice: 10_001n }), MEANS), 0n);
  });

  test("it raises by a quarter while the seller serves others, up to what the budget can pay", () => {
    const bidding = createAutoBidding();
    let price = 1000n;
    for (let round = 0; round < 40; round++) {
      const next = bidding.bid(SELLER, market({ price }), MEANS);
      assert.ok(next >= price && next <= (price * 5n) / 4n + 1n, `${price} to ${next}`);
      price = next;
    }
    const most = MEANS.budget / 100n;
    assert.ok(price <= most && price > (most * 4n) / 5n, `${price} of ${most}`);
  });

  test("a change is given time before the next one", () => {
    const bidding = createAutoBidding();
    const raised = bidding.bid(SELLER, market({ price: 1000n }), MEANS);
    assert.equal(raised, 1251n);
    const soon = market({ price: raised, sinceChangeMs: 5000 });
    assert.equal(bidding.bid(SELLER, soon, MEANS), raised);
  });

  test("a raise that buys no speed is taken back, and no other is tried for a while", () => {
    const bidding = createAutoBidding();
    const served = { isServed: true, bytesPerSecond: 1000 };
    const raised = bidding.bid(SELLER, market({ price: 1000n, ...served }), MEANS);
    assert.equal(raised, 1251n);
    const after = { ...served, sinceChangeMs: 25_000 };
    assert.equal(bidding.bid(SELLER, market({ price: raised, ...after }), MEANS), 1000n);
    const later = market({ price: 1000n, ...served, sinceChangeMs: 60_000 });
    assert.equal(bidding.bid(SELLER, later, MEANS), 1000n);
    const muchLater = market({ price: 1000n, ...served, sinceChangeMs: 150_000 });
    assert.equal(bidding.bid(SELLER, muchLater, MEANS), 1251n);
  });

  test("a raise that buys speed is kept, and another one tried", () => {
    const bidding = createAutoBidding();
    const slow = { isServed: true, bytesPerSecond: 1000 };
    const raised = bidding.bid(SELLER, market({ price: 1000n, ...slow }), MEANS);
    const fast = { isServed: true, bytesPerSecond: 2000, sinceChangeMs: 25_000 };
    assert.equal(bidding.bid(SELLER, market({ price: raised, ...fast }), MEANS), 1564n);
  });

  test("a pause ends with the first raise that buys speed again", () => {
    const bidding = createAutoBidding();
    const served = { isServed: true, bytesPerSecond: 1000 };
    bidding.bid(SELLER, market({ price: 1000n, ...served }), MEANS);
    const soon = { ...served, sinceChangeMs: 25_000 };
    assert.equal(bidding.bid(SELLER, market({ price: 1251n, ...soon }), MEANS), 1000n);
    const later = { ...served, sinceChangeMs: 150_000 };
    assert.equal(bidding.bid(SELLER, market({ price: 1000n, ...later }), MEANS), 1251n);
    const faster = { isServed: true, bytesPerSecond: 2000, sinceChangeMs: 25_000 };
    assert.equal(bidding.bid(SELLER, market({ price: 1251n, ...faster }), MEANS), 1564n);
    const same = { ...faster, sinceChangeMs: 25_000 };
    assert.equal(bidding.bid(SELLER, market({ price: 1564n, ...same }), MEANS), 1251n);
    const paused = { ...faster, sinceChangeMs: 60_000 };
    assert.equal(bidding.bid(SELLER, market({ price: 1251n, ...paused }), MEANS), 1251n);
  });

  test("a bid that the rest of the budget does not pay for any more comes down", () => {
    const bidding = createAutoBidding();
    const poor = { budget: 150_000n, missingBytes: MEANS.missingBytes };
    assert.equal(bidding.bid(SELLER, market({ price: 5000n }), poor), 1500n);
  });

  test("sellers are judged each for itself", () => {
    const bidding = createAutoBidding();
    const other = {};
    bidding.bid(SELLER, market({ price: 1000n }), MEANS);
    assert.equal(bidding.bid(other, market({ price: 1000n }), MEANS), 1251n);
  });
});
