import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { StreamSocket } from "@shoal/runtime";
import { NetError } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { pattern, probe, type Probe } from "../testing/probe.ts";
import { Wire, type WireOptions } from "../testing/wire.ts";
import type { UtpMultiplexer, UtpOptions } from "./multiplexer.ts";

const SERVER = { address: "10.0.0.2", port: 6881 };

interface Scene {
  readonly world: SimWorld;
  readonly wire: Wire;
  readonly client: UtpMultiplexer;
  readonly server: UtpMultiplexer;
  /** Connects, and hands over both ends. The accepted end appears with the first data. */
  readonly pair: (options?: { bufferBytes?: number }) => Promise<{ a: Probe; b: Promise<Probe> }>;
}

async function scene(
  options: WireOptions,
  body: (scene: Scene) => Promise<void>,
  more: Partial<UtpOptions> = {},
): Promise<void> {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.9.9.9" });
    const wire = new Wire(host, options);
    let accept: (socket: StreamSocket) => void = () => {};
    const client = wire.open("10.0.0.1", undefined, more);
    const server = wire.open(SERVER.address, (socket) => accept(socket), more);
    await body({
      world,
      wire,
      client,
      server,
      async pair(probeOptions = {}) {
        const accepted = Promise.withResolvers<Probe>();
        accept = (socket) => accepted.resolve(probe(socket, probeOptions));
        const socket = await world.complete(client.connect(SERVER));
        return { a: probe(socket, probeOptions), b: accepted.promise };
      },
    });
  });
}

/** Sends one message each way, ends both, and checks what came. */
async function exchange(
  { world, pair, client, server }: Scene,
  lengthBytes: number,
): Promise<void> {
  const { a, b: accepted } = await pair();
  const there = pattern(lengthBytes, 1);
  const back = pattern(lengthBytes, 2);
  a.socket.write(there);
  a.socket.end();
  const b = await world.complete(accepted);
  b.socket.write(back);
  b.socket.end();
  await world.complete(Promise.all([a.ended, b.ended]));
  assert.ok(Buffer.compare(b.received(), there) === 0, "what came there is what was sent");
  assert.ok(Buffer.compare(a.received(), back) === 0, "what came back is what was sent");
  assert.equal(await world.complete(a.closed), null);
  assert.equal(await world.complete(b.closed), null);
  assert.equal(a.faults + b.faults, 0);
  await world.run({ untilMs: world.timeMs + 120_000 });
  assert.equal(client.connections + server.connections, 0);
}

suite("uTP transfers", () => {
  test("a stream carries bytes both ways and ends in order", async () => {
    await scene({ latencyMs: 20 }, async (scene) => exchange(scene, 1_000_000));
  });

  test("sequence numbers wrap around in a long transfer", async () => {
    const small = { packetSizesFor: () => ({ safeBytes: 70, highestBytes: 70 }) };
    await scene({ latencyMs: 1 }, async (scene) => exchange(scene, 3_400_000), small);
  });

  test("lost, doubled and reordered packets change nothing", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      await withWorld({ seed }, async (world) => {
        const { random } = world.host({ address: "10.8.8.8" });
        const chance = (percent: number) => random.integer(100) < percent;
        const fate = () => ({
          isLost: chance(5),
          copies: chance(5) ? 2 : 1,
          extraMs: chance(10) ? random.integer(60) : 0,
        });
        await scene({ latencyMs: 15, fate }, async (scene) => exchange(scene, 300_000));
      });
    }
  });

  test("a fifth of all packets may be lost", async () => {
    await withWorld({ seed: 5 }, async (world) => {
      const { random } = world.host({ address: "10.8.8.8" });
      const fate = () => ({ isLost: random.integer(5) === 0 });
      await scene({ latencyMs: 10, fate }, async (scene) => exchange(scene, 60_000));
    });
  });

  test("buffers of one byte lose nothing", async () => {
    await scene({ latencyMs: 5 }, async ({ world, pair }) => {
      const { a, b } = await pair({ bufferBytes: 1 });
      a.socket.write(pattern(5000, 1));
      a.socket.end();
      const end = await world.complete(b);
      await world.complete(end.ended);
      assert.deepEqual(end.received(), Buffer.from(pattern(5000, 1)));
    });
  });

  test("a paused reader makes the sender wait, and nothing is lost", async () => {
    await scene({ latencyMs: 5 }, async ({ world, pair, server }) => {
      const { a, b } = await pair();
      const message = pattern(6_000_000, 3);
      a.socket.write(message);
      const end = await world.complete(b);
      end.socket.pause();
      await world.run({ untilMs: world.timeMs + 60_000 });
      const held = end.receivedBytes;
      assert.ok(a.socket.queuedBytes > 2_000_000, `${a.socket.queuedBytes} bytes wait`);
      assert.ok(server.counters.dropped < 20);
      end.socket.resume();
      await world.run({
        until: () => end.receivedBytes === message.length,
        limitMs: world.timeMs + 60_000,
      });
      assert.ok(held < message.length);
      assert.ok(Buffer.compare(end.received(), message) === 0);
    });
  });

  test("a write is answered once it is in packets, in order, never within the call", async () => {
    await scene({ latencyMs: 5 }, async ({ world, pair }) => {
      const { a } = await pair();
      const calls: number[] = [];
      for (let index = 0; index < 50; index++) {
        a.socket.write(pattern(index * 311, index), (error) => {
          assert.equal(error, null);
          calls.push(index);
        });
      }
      assert.equal(calls.length, 0);
      await world.run({ until: () => calls.length === 50, limitMs: 60_000 });
      assert.deepEqual(
        calls,
        [...calls].sort((x, y) => x - y),
      );
      assert.equal(a.socket.queuedBytes, 0);
    });
  });

  test("what is written in one turn leaves in full packets", async () => {
    await scene({ latencyMs: 5 }, async ({ world, wire, pair }) => {
      const { a, b } = await pair();
      a.socket.write(pattern(68, 0));
      const end = await world.complete(b);
      await world.run({ untilMs: world.timeMs + 1000 });
      const before = wire.datagrams;
      for (let index = 0; index < 100; index++) a.socket.write(pattern(17, index));
      await world.run({ until: () => end.receivedBytes === 1768, limitMs: world.timeMs + 1000 });
      assert.ok(wire.datagrams - before <= 5, `${wire.datagrams - before} datagrams`);
    });
  });

  test("destroy() answers all writes, closes, and lets the other side know", async () => {
    await scene({ latencyMs: 5 }, async ({ world, pair, client }) => {
      const { a, b } = await pair();
      const answers: (Error | null)[] = [];
      for (let index = 0; index < 5; index++) {
        a.socket.write(pattern(3_000_000, index), (error) => answers.push(error));
      }
      const end = await world.complete(b);
      a.socket.destroy();
      assert.equal(await world.complete(a.closed), null);
      assert.equal(answers.length, 5);
      assert.ok(answers.at(-1) instanceof NetError);
      await world.complete(end.ended);
      end.socket.destroy();
      await world.complete(end.closed);
      await world.run({ untilMs: world.timeMs + 15_000 });
      assert.equal(client.connections, 0);
      assert.equal(a.faults + end.faults, 0);
    });
  });

  test("who writes to a side that has gone is reset", async () => {
    await scene({ latencyMs: 5 }, async ({ world, pair }) => {
      const { a, b } = await pair();
      a.socket.write(pattern(10, 0));
      const end = await world.complete(b);
      end.socket.destroy();
      await world.run({ untilMs: world.timeMs + 100 });
      a.socket.write(pattern(10_000, 0));
      const error = await world.complete(a.closed);
      assert.equal((error as NetError).code, "reset");
    });
  });

  test("nobody answers: connecting times out after three SYNs, and leaves nothing", async () => {
    await scene({ latencyMs: 5 }, async ({ world, wire, client }) => {
      const nobody = client.connect({ address: "10.0.0.99", port: 1 });
      await assert.rejects(world.complete(nobody), { name: "NetError", code: "timeout" });
      assert.equal(wire.datagrams, 3);
      assert.equal(client.connections, 0);
      const soon = client.connect({ address: "10.0.0.99", port: 1 }, { timeoutMs: 300 });
      await assert.rejects(world.complete(soon), { code: "timeout" });
      const signal = AbortSignal.abort();
      await assert.rejects(client.connect(SERVER, { signal }), { code: "aborted" });
      await world.run({ untilMs: world.timeMs + 100 });
      assert.equal(client.connections, 0);
    });
  });

  test("a connection over which nothing gets any more breaks with a timeout", async () => {
    let isCut = false;
    await scene({ latencyMs: 5, fate: () => ({ isLost: isCut }) }, async ({ world, pair }) => {
      const { a, b } = await pair();
      a.socket.write(pattern(100, 0));
      await world.complete(b);
      isCut = true;
      a.socket.write(pattern(100_000, 0));
      const error = await world.complete(a.closed);
      assert.equal((error as NetError).code, "timeout");
    });
  });

  test("a silent connection is kept open for NATs", async () => {
    await scene({ latencyMs: 5 }, async ({ world, wire, pair }) => {
      const { a, b } = await pair();
      a.socket.write(pattern(100, 0));
      await world.complete(b);
      await world.run({ untilMs: world.timeMs + 5000 });
      const before = wire.datagrams;
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.equal(wire.datagrams - before, 4);
    });
  });
});
