import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { openScope, TEST_TIMEOUT_MS } from "./clients.ts";
import { assertSameFiles } from "./sample.ts";
import { Shoal } from "./shoal.ts";
import { medianOf, runSoak } from "./soak/run-soak.ts";

const DURATION_MS = 75_000;
const MIB = 2 ** 20;
/** What a table of remembered addresses may still take until it is full; a leak of a packet's worth is ten times that. */
const MOST_GROWTH_BYTES = 4 * MIB;

/** What bad peers are told, up to the values in it. */
const CUT_FOR = [
  "a bitfield of",
  "a message of",
  "a message of the extension handshake cannot be read",
  "a message of the extension ut_pex cannot be read",
  "the peer broke the protocol",
];

suite("a session under bad packets of every kind", { timeout: 10 * TEST_TIMEOUT_MS }, () => {
  test("counts and drops them, holds no more memory for them, and serves whoever is honest", async (t) => {
    const scope = openScope(t);
    const { samples, sent, session, torrent, dir } = await runSoak(scope, DURATION_MS);
    const last = samples.at(-1)!;

    const quarter = Math.floor(samples.length / 4);
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
    const growth = (read: Parameters<typeof medianOf>[1]) =>
      medianOf(late, read) - medianOf(early, read);
    const live = growth(({ liveBytes }) => liveBytes);
    const rss = growth(({ rssBytes }) => rssBytes);
    t.diagnostic(`sent ${JSON.stringify(sent)}: live +${live} bytes, rss +${rss} bytes`);
    assert.ok(live < MOST_GROWTH_BYTES, `${live} bytes more are alive`);
    assert.ok(rss < 32 * MIB, `${rss} bytes more are resident`);
    assert.ok(last.handles < 100, `${last.handles} handles`);
    for (const known of last.knownAddresses) assert.ok(known <= 4000, `${known} addresses`);

    const { udp, utp, dht, lsd, peers } = last;
    const dropped = {
      unclaimed: udp.unclaimed,
      utp: utp.dropped,
      lsd: lsd.dropped,
      malformed: dht["malformed"]!,
      unexpected: dht["unexpected"]!,
      badTokens: dht["badTokens"]!,
    };
    for (const [what, count] of Object.entries(dropped))
      assert.ok(count > 100, `${what}: ${count}`);
    assert.ok(sent.announces > 0, "trackers were asked");
    // Some leave before they are cut off, for want of an answer.
    for (const reason of CUT_FOR)
      assert.ok(peers.cut[reason]! > 0, `nobody is cut off for ${reason}`);

    const target = await scope.folder();
    const shoal = await Shoal.get(scope, { source: torrent, dir: target, peers: [session] });
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    await assertSameFiles(dir, target);
  });
});
