import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { StreamSocket } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { Bottleneck } from "../testing/bottleneck.ts";
import { probe } from "../testing/probe.ts";
import { RenoFlow } from "../testing/reno-flow.ts";
import { Wire } from "../testing/wire.ts";

/** An uplink of 2 Mbit/s whose router holds half a second: what uTP was made for. */
const RATE = 250_000;
const LATENCY_MS = 20;
const QUEUE_BYTES = 125_000;

interface Scene {
  readonly world: SimWorld;
  readonly line: Bottleneck;
  /** Starts an upload over the line that never ends; its received bytes are counted. */
  readonly upload: (name: string) => Promise<{ bytes: number }>;
  readonly tcp: () => RenoFlow;
  readonly runFor: (ms: number) => Promise<void>;
}

async function scene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.9.9.9" });
    const { clock } = host;
    const line = new Bottleneck(clock, {
      bytesPerSecond: RATE,
      queueBytes: QUEUE_BYTES,
      latencyMs: LATENCY_MS,
    });
    const wire = new Wire(host, { latencyMs: LATENCY_MS });
    await body({
      world,
      line,
      async upload(name) {
        const counter = { bytes: 0 };
        const onReceived = (lengthBytes: number) => void (counter.bytes += lengthBytes);
        wire.open(`${name}.server`, (socket) => probe(socket, { keep: false, onReceived }));
        const client = wire.open(`${name}.client`, undefined, {}, line);
        const socket = await world.complete(
          client.connect({ address: `${name}.server`, port: 6881 }),
        );
        pour(socket);
        return counter;
      },
      tcp: () => new RenoFlow(clock, line, LATENCY_MS),
      runFor: (ms) => world.run({ untilMs: world.timeMs + ms }),
    });
  });
}

function pour(socket: StreamSocket): void {
  probe(socket);
  const chunk = new Uint8Array(262_144);
  const next = (error: Error | null) => {
    if (error === null) socket.write(chunk, next);
  };
  next(null);
  next(null);
}

/** Bytes of payload that the line carries in `ms`. */
const full = (ms: number) => (RATE * ms) / 1000;

suite("LEDBAT on a home line", () => {
  test("RFC 6817: alone it fills the line, and no queue of more than the target stands", async () => {
    await scene(async ({ line, upload, runFor }) => {
      const counter = await upload("a");
      await runFor(10_000);
      line.takeLongestQueueMs();
      const before = counter.bytes;
      await runFor(20_000);
      const share = (counter.bytes - before) / full(20_000);
      assert.ok(share > 0.9, `${share} of the line`);
      const queueMs = line.takeLongestQueueMs();
      assert.ok(queueMs < 130, `a queue of ${queueMs} ms`);
    });
  });

  test("RFC 6817: beside TCP it gives way, and comes back when TCP is done", async () => {
    await scene(async ({ upload, tcp, runFor }) => {
      const counter = await upload("a");
      await runFor(10_000);
      const flow = tcp();
      await runFor(10_000);
      const before = { utp: counter.bytes, tcp: flow.deliveredBytes };
      await runFor(30_000);
      const tcpShare = (flow.deliveredBytes - before.tcp) / full(30_000);
      const utpShare = (counter.bytes - before.utp) / full(30_000);
      assert.ok(tcpShare > 0.8, `TCP has ${tcpShare}, uTP ${utpShare}`);
      assert.ok(utpShare < 0.15, `TCP has ${tcpShare}, uTP ${utpShare}`);
      flow.stop();
      await runFor(20_000);
      const after = counter.bytes;
      await runFor(10_000);
      assert.ok((counter.bytes - after) / full(10_000) > 0.8, "the line is uTP's again");
    });
  });

  test("several connections fill the line together, and none starves", async () => {
    await scene(async ({ upload, runFor }) => {
      const counters = [await upload("a"), await upload("b"), await upload("c")];
      await runFor(20_000);
      const before = counters.map(({ bytes }) => bytes);
      await runFor(60_000);
      const shares = counters.map(({ bytes }, at) => (bytes - before[at]!) / full(60_000));
      const sum = shares.reduce((total, share) => total + share, 0);
      assert.ok(sum > 0.9, `together ${shares.join(", ")}`);
      // Who comes late takes the others' queue for the empty line: LEDBAT's known weakness.
      assert.ok(Math.min(...shares) > 0.02, `the shares are ${shares.join(", ")}`);
    });
  });
});
