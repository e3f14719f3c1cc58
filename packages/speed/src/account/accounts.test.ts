import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { BuyingAccount } from "./buying-account.ts";
import { FIRST_WINDOW_BYTES, windowBytesAt } from "./credit-window.ts";
import { bytesFor, Meter, priceOf } from "./meter.ts";
import { SellingAccount } from "./selling-account.ts";

const MIB = 2 ** 20;
const BLOCK = 16 * 1024;
const BOUNDS = { maxBytes: 8 * MIB, maxExposure: 10n ** 18n };
const PRICE = 1_000_003n;

function selling(init: Partial<ConstructorParameters<typeof SellingAccount>[0]> = {}) {
  return new SellingAccount({
    price: PRICE,
    capacity: 10n ** 18n,
    total: 0n,
    debt: 0n,
    bounds: BOUNDS,
    ...init,
  });
}

suite("meters", () => {
  test("both ends come to the same wei, however blocks are cut and prices change", () => {
    const step = fc.oneof(
      fc.nat({ max: 200_000 }).map((bytes) => ({ bytes })),
      fc.bigInt({ min: 0n, max: 10n ** 21n }).map((price) => ({ price })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const [whole, halves] = [new Meter(7n, 1n), new Meter(7n, 1n)];
        let exact = 7n << 20n;
        let price = 1n;
        for (const each of steps) {
          if ("price" in each) {
            whole.setPrice(each.price);
            halves.setPrice(each.price);
            price = each.price;
          } else {
            whole.count(each.bytes);
            halves.count(Math.floor(each.bytes / 2));
            halves.count(each.bytes - Math.floor(each.bytes / 2));
            exact += BigInt(each.bytes) * price;
          }
          assert.equal(whole.owed, exact >> 20n);
          assert.equal(halves.owed, whole.owed);
        }
      }),
    );
  });

  test("so many bytes cost so much, and so much pays for at least as many", () => {
    fc.assert(
      fc.property(fc.nat(), fc.bigInt({ min: 1n, max: 10n ** 24n }), (bytes, price) => {
        const wei = priceOf(bytes, price);
        if (wei > 0n) assert.ok(bytesFor(wei, price) <= bytes + 1);
      }),
    );
  });
});

suite("the credit window", () => {
  test("one block for a stranger, and as much as was paid beside it, up to its bound", () => {
    const blocks = (count: number) =>
      windowBytesAt(BOUNDS, PRICE, priceOf(count * BLOCK, PRICE)) / BLOCK;
    assert.deepEqual(
      [0, 1, 2, 3, 100].map((count) => Math.floor(blocks(count))),
      [1, 2, 3, 4, 101],
    );
    assert.equal(windowBytesAt(BOUNDS, PRICE, 10n ** 18n), BOUNDS.maxBytes);
    assert.equal(windowBytesAt(BOUNDS, 0n, 1n), BOUNDS.maxBytes);
  });

  test("never worth more than the exposure, and never less than a block", () => {
    const bounds = { maxBytes: 8 * MIB, maxExposure: 1000n };
    assert.equal(windowBytesAt(bounds, 1000n, 10n ** 18n), MIB);
    assert.equal(windowBytesAt(bounds, 10n ** 20n, 10n ** 30n), FIRST_WINDOW_BYTES);
  });

  test("a channel that has paid goes on where it was on another connection", () => {
    const account = selling({ total: priceOf(100 * BLOCK, PRICE), debt: priceOf(BLOCK, PRICE) });
    assert.equal(account.creditBytes, 0);
    account.pay(account.paid + account.unpaid);
    assert.equal(Math.floor(account.creditBytes / BLOCK), 102);
  });
});

suite("a payee's account", () => {
  test("a stranger gets one block before it has paid", () => {
    const account = selling();
    assert.equal(account.creditBytes, BLOCK);
    account.sent(BLOCK);
    assert.equal(account.creditBytes, 0);
  });

  test("whoever leaves without paying takes no more than it has paid, and one block", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 64 }), { maxLength: 100 }), (bursts) => {
        const account = selling();
        let paidBytes = 0;
        for (const blocks of bursts) {
          for (let block = 0; block < blocks && account.creditBytes >= BLOCK; block++) {
            account.sent(BLOCK);
          }
          assert.ok(account.sentBytes - paidBytes <= paidBytes + BLOCK);
          assert.deepEqual(account.pay(account.paid + account.unpaid).ok, true);
          paidBytes = account.sentBytes;
        }
      }),
    );
  });

  test("totals only grow, and never above what the channel holds", () => {
    const account = selling({ capacity: 100n, total: 50n });
    assert.deepEqual(account.pay(49n), { ok: false, reason: "shrinks", forgiven: 0n });
    assert.deepEqual(account.pay(101n), { ok: false, reason: "above-capacity", forgiven: 0n });
    assert.deepEqual(account.pay(50n), { ok: true, gain: 0n, forgiven: 0n });
    assert.equal(account.paid, 50n);
  });

  test("what the channel cannot pay for is not sent", () => {
    const account = selling({ capacity: priceOf(3 * BLOCK, PRICE) + 1n });
    account.sent(BLOCK);
    account.pay(account.unpaid);
    assert.equal(Math.floor(account.creditBytes / BLOCK), 2);
    account.sent(2 * BLOCK);
    account.pay(account.paid + account.unpaid);
    assert.ok(account.creditBytes < BLOCK);
    assert.equal(account.isExhausted, true);
  });

  test("a debt from before comes first; what its payer does not own to is told", () => {
    const account = selling({ total: 1000n, debt: 500n });
    assert.equal(account.creditBytes, 0);
    assert.deepEqual(account.pay(1300n), { ok: true, gain: 300n, forgiven: 200n });
    assert.equal(account.creditBytes, account.windowBytes);
    assert.equal(account.unpaid, 0n);
  });
});

suite("both accounts", () => {
  test("agree to the wei after any traffic, with prices that change on the way", () => {
    const step = fc.record({
      blocks: fc.nat({ max: 40 }),
      price: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const seller = selling({ price: 1n });
        const capacity = seller.capacity;
        const buyer = new BuyingAccount({
          price: 1n,
          capacity,
          total: 0n,
          windowBytes: seller.windowBytes,
        });
        for (const { blocks, price } of steps) {
          seller.setPrice(price);
          buyer.setPrice(price, seller.windowBytes);
          for (let block = 0; block < blocks && seller.creditBytes >= BLOCK; block++) {
            seller.sent(BLOCK);
            buyer.received(BLOCK);
            if (!buyer.isDue(0)) continue;
            assert.equal(seller.pay(buyer.pay()).ok, true);
            buyer.acknowledge(seller.paid, seller.windowBytes);
          }
          assert.equal(buyer.unpaid, seller.unpaid);
        }
        if (buyer.unpaid > 0n) seller.pay(buyer.pay());
        assert.equal(seller.unpaid, 0n);
        assert.equal(seller.paid, buyer.paid);
      }),
    );
  });

  test("a payer never signs away more than its channel holds", () => {
    const buyer = new BuyingAccount({ price: PRICE, capacity: 10n, total: 0n, windowBytes: BLOCK });
    buyer.received(100 * MIB);
    assert.equal(buyer.pay(), 10n);
    assert.equal(buyer.isExhausted, true);
  });

  test("signatures are spared at high rates, but half a window is always paid", () => {
    const init = { price: PRICE, capacity: 10n ** 18n, total: 0n, windowBytes: 8 * MIB };
    const buyer = new BuyingAccount(init);
    buyer.received(2 * MIB);
    assert.equal(buyer.isDue(0), true);
    assert.equal(buyer.isDue(3 * MIB), false);
    buyer.received(2 * MIB);
    assert.equal(buyer.isDue(100 * MIB), true);
  });

  test("a wide window is no reason to owe much: a payer that crashes has forgotten what it owes", () => {
    const init = { price: PRICE, capacity: 10n ** 18n, total: 0n, windowBytes: 64 * MIB };
    const buyer = new BuyingAccount(init);
    buyer.received(128 * 1024);
    assert.equal(buyer.isDue(64 * 1024), false);
    buyer.received(128 * 1024);
    assert.equal(buyer.isDue(64 * 1024), true);
    assert.equal(buyer.isDue(512 * 1024), false);
  });

  test("what a payee has lost of what was signed, it is given at once, and it pays for blocks to come", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 100n * PRICE }),
        fc.bigInt({ min: 0n, max: 100n * PRICE }),
        fc.array(fc.nat({ max: 2 * MIB }), { minLength: 1, maxLength: 100 }),
        (total, lost, blocks) => {
          const seller = selling({ total });
          const { windowBytes } = seller;
          const init = { price: PRICE, capacity: 10n ** 18n, total, windowBytes };
          const buyer = new BuyingAccount({ ...init, signed: total + lost });
          assert.equal(buyer.pay(), total + lost);
          assert.equal(seller.pay(buyer.paid).ok, true);
          assert.equal(seller.paid, total + lost);
          for (const bytes of blocks) {
            const sent = Math.min(bytes, seller.creditBytes);
            seller.sent(sent);
            buyer.received(sent);
            assert.equal(buyer.unpaid, seller.unpaid);
            // What is owed, and what was paid, are each rounded.
            assert.ok(seller.unpaid <= priceOf(seller.windowBytes, PRICE) + 1n);
            assert.ok(seller.creditBytes > 0 || buyer.unpaid > 0n, "neither waits for the other");
            if (!buyer.isDue(0)) continue;
            assert.equal(seller.pay(buyer.pay()).ok, true);
          }
        },
      ),
    );
  });

  test("while blocks are paid for already no voucher is due", () => {
    const init = { price: PRICE, capacity: 10n ** 18n, total: 0n, windowBytes: 8 * MIB };
    const buyer = new BuyingAccount({ ...init, signed: priceOf(MIB, PRICE) });
    buyer.received(MIB / 2);
    assert.equal(buyer.isDue(0), false);
    assert.equal(buyer.isDue(0, true), false);
    buyer.received(MIB);
    assert.equal(buyer.isDue(0), true);
    assert.equal(buyer.pay(), priceOf(MIB + MIB / 2, PRICE));
  });

  test("a suspect is paid no less than before", () => {
    const init = { price: PRICE, capacity: 10n ** 18n, total: 0n, windowBytes: 8 * MIB };
    const buyer = new BuyingAccount({ ...init, signed: 5n * PRICE });
    buyer.received(MIB);
    buyer.suspend();
    buyer.proved(BLOCK);
    assert.equal(buyer.pay(), 5n * PRICE);
  });
});
