import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { AnswerBudget } from "./answer-budget.ts";
import { ExternalAddress } from "./external-address.ts";
import { SourceLimiter } from "./source-limiter.ts";

suite("rate limit of a source", () => {
  const send = (limiter: SourceLimiter, count: number, nowMs: number): number => {
    let allowed = 0;
    for (let i = 0; i < count; i++) if (limiter.allows("8.8.8.8", nowMs)) allowed++;
    return allowed;
  };

  test("50 messages in 10 s are taken, and the next one blocks the source for 5 minutes", () => {
    const limiter = new SourceLimiter();
    assert.equal(send(limiter, 60, 0), 50);
    assert.equal(send(limiter, 1, 299_999), 0);
    assert.equal(send(limiter, 1, 300_000), 1);
  });

  test("5 messages a second are never too many", () => {
    const limiter = new SourceLimiter();
    for (let second = 0; second < 100; second++) {
      assert.equal(send(limiter, 5, second * 1000), 5);
    }
  });

  test("addresses that are not public are not limited", () => {
    const limiter = new SourceLimiter();
    for (let i = 0; i < 1000; i++) assert.ok(limiter.allows("127.0.0.1", 0));
    assert.equal(limiter.size, 0);
  });

  test("what it remembers does not grow with the sources", () => {
    const limiter = new SourceLimiter();
    for (let i = 0; i < 50_000; i++)
      limiter.allows(`8.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`, i);
    assert.ok(limiter.size <= 2 * 4096);
  });
});

test("the budget of unproven sources is 64 KiB a second, and 256 KiB at once", () => {
  const budget = new AnswerBudget(0);
  let bytes = 0;
  const spendAll = (nowMs: number): void => {
    while (budget.spend(1000, nowMs)) bytes += 1000;
  };
  spendAll(0);
  assert.ok(bytes <= 256 * 1024);
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 10) spendAll(nowMs);
  assert.ok(bytes <= (256 + 60 * 64) * 1024);
  assert.ok(bytes > (255 + 59 * 64) * 1024);
});

suite("external address", () => {
  test("BEP 42: eight networks and the majority decide", () => {
    const external = new ExternalAddress(null);
    for (let i = 1; i <= 7; i++) assert.ok(!external.vote(`8.8.${i}.8`, "1.2.3.4"));
    assert.equal(external.address, null);
    assert.ok(external.vote("8.8.8.8", "1.2.3.4"));
    assert.equal(external.address, "1.2.3.4");
    assert.ok(!external.vote("8.8.9.8", "1.2.3.4"), "it is known already");
  });

  test("a network has one vote, however many of its addresses speak", () => {
    const external = new ExternalAddress(null);
    for (let i = 1; i <= 200; i++) assert.ok(!external.vote(`8.8.8.${i}`, "1.2.3.4"));
    assert.equal(external.address, null);
  });

  test("liars that are fewer than half change nothing", () => {
    const external = new ExternalAddress("1.2.3.4");
    for (let i = 0; i < 200; i++) {
      assert.ok(!external.vote(`9.${i}.0.1`, i % 2 === 0 ? "1.2.3.4" : "6.6.6.6"));
    }
  });

  test("after the line changed, the newest votes win", () => {
    const external = new ExternalAddress(null);
    for (let i = 0; i < 40; i++) external.vote(`9.${i}.0.1`, "1.2.3.4");
    let changed = 0;
    for (let i = 0; i < 40; i++) if (external.vote(`9.${i}.0.1`, "5.6.7.8")) changed++;
    assert.equal(changed, 1);
    assert.equal(external.address, "5.6.7.8");
  });
});
