import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock, Endpoint } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import { sampleTorrent, type SampleTorrent, startNode } from "../simulation/swarm-world.ts";
import { DialPace } from "./dial-pace.ts";

test("so many attempts a second over time, and no more in a burst", () => {
  let nowMs = 0;
  const pace = new DialPace({ monotonicMs: () => nowMs } as Clock, 10);
  const takeAll = (): number => {
    let taken = 0;
    while (pace.take()) taken++;
    return taken;
  };
  assert.equal(takeAll(), 10);
  nowMs += 500;
  assert.equal(takeAll(), 5);
  nowMs += 3_600_000;
  assert.equal(takeAll(), 10);
  pace.untake();
  assert.equal(takeAll(), 1);
});

test("limit: attempts to connect", () =>
  withWorld({ seed: 1 }, async (world) => {
    const startedMs: number[] = [];
    const node = await startNode(world, { host: { address: "10.0.0.1" }, sample: sampleOf(0) });
    for (let torrent = 1; torrent <= 10; torrent++) {
      const peers: Endpoint[] = [];
      for (let index = 1; index <= 15; index++) {
        const host = world.host({ address: `10.${torrent}.${index}.1` });
        await world.complete(
          host.net.listen({ port: 6881 }, () => void startedMs.push(world.timeMs)),
        );
        peers.push({ address: host.address, port: 6881 });
      }
      await node.session.add(sampleOf(torrent).bytes, { dir: `/${torrent}`, peers });
    }
    await world.run({ untilMs: world.timeMs + 7000 });
    assert.equal(startedMs.length, 150, "all are tried in the end");
    for (const [index, ms] of startedMs.entries()) {
      // Thirty at once, and then thirty a second: the last sixty-one never lie within one second.
      const before = startedMs[index - 60];
      assert.ok(before === undefined || ms - before > 900, `${index} at ${ms}`);
    }
    await world.complete(node.session.close());
  }));

function sampleOf(seed: number): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: 16 * 1024,
    fileLengths: [16 * 1024],
    seed,
  });
}
