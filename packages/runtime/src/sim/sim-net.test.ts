import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { NetError } from "../errors.ts";
import { createContent } from "./content.ts";
import type { Seen } from "./test-peers.ts";
import { joinHosts, watch } from "./test-peers.ts";
import { withWorld } from "./with-world.ts";
import { createWorld } from "./world.ts";

const MB = 1_000_000;

interface Scenario {
  readonly seed: number;
  readonly up: number;
  readonly down: number;
  readonly lossRate: number;
  readonly writes: readonly number[];
  readonly bufferBytes: number;
  readonly pausesMs: readonly number[];
  readonly isPartitioned: boolean;
}

function codeOf({ closedWith }: Seen): string | undefined {
  return (closedWith as NetError | undefined)?.code;
}

function digest(chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

test("10 MB over a line of 1 MB/s take 10 s, and arrive as they were sent", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: MB });
    const b = world.host({ address: "10.0.0.2", latencyMs: 30 });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far);
    const content = createContent(1, 10 * MB);
    const startMs = world.timeMs;
    near.write(content);
    await world.run({ until: () => seen.bytes === content.length, limitMs: 60_000 });
    const seconds = (world.timeMs - startMs) / 1000;
    assert.ok(seconds > 9.9 && seconds < 10.3, `${seconds} s`);
    assert.equal(digest(seen.chunks), digest([content]));
  });
});

test("a long fat path is filled: 10 MB/s across 200 ms", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: 10 * MB, latencyMs: 100 });
    const b = world.host({ address: "10.0.0.2", downBytesPerSecond: 10 * MB, latencyMs: 100 });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far);
    const startMs = world.timeMs;
    near.write(new Uint8Array(50 * MB));
    await world.run({ until: () => seen.bytes === 50 * MB, limitMs: 60_000 });
    const seconds = (world.timeMs - startMs) / 1000;
    assert.ok(seconds > 5 && seconds < 5.5, `${seconds} s`);
  });
});

test("flows that leave one line share it fairly, and so do flows that come in on one", async () => {
  await withWorld({}, async (world) => {
    const hub = world.host({
      address: "10.0.0.1",
      upBytesPerSecond: MB,
      downBytesPerSecond: 2 * MB,
    });
    const others = ["10.0.0.2", "10.0.0.3", "10.0.0.4"].map((address, index) =>
      world.host({ address, latencyMs: 5 + index * 20 }),
    );
    const seenOut = [];
    const seenIn = [];
    for (const other of others) {
      const { near, far } = await joinHosts(world, hub, other);
      seenOut.push(watch(far));
      seenIn.push(watch(near));
      near.write(new Uint8Array(20 * MB));
      far.write(new Uint8Array(20 * MB));
    }
    const before = [...seenOut, ...seenIn].map(({ bytes }) => bytes);
    await world.run({ untilMs: world.timeMs + 9000 });
    const moved = [...seenOut, ...seenIn].map(({ bytes }, index) => bytes - (before[index] ?? 0));
    for (const bytes of moved.slice(0, 3))
      assert.ok(Math.abs(bytes - 3 * MB) < 0.15 * MB, moved.join());
    for (const bytes of moved.slice(3))
      assert.ok(Math.abs(bytes - 6 * MB) < 0.3 * MB, moved.join());
  });
});

test("a byte takes the latency of both ends", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", latencyMs: 15 });
    const b = world.host({ address: "10.0.0.2", latencyMs: 25 });
    const { near, far } = await joinHosts(world, a, b);
    assert.equal(world.timeMs, 80, "a handshake is one round trip");
    const seen = watch(far);
    near.write(Uint8Array.of(1));
    await world.run({ until: () => seen.bytes === 1, limitMs: 1000 });
    assert.equal(world.timeMs, 120);
  });
});

test("a paused reader holds the sender back, and nothing is lost", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: MB });
    const b = world.host({ address: "10.0.0.2" });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far, 1000);
    far.pause();
    const content = createContent(2, 2 * MB);
    let isSent = false;
    near.write(content, (error) => {
      assert.equal(error, null);
      isSent = true;
    });
    assert.equal(isSent, false);
    await world.run({ untilMs: world.timeMs + 10_000 });
    assert.equal(seen.bytes, 0);
    assert.equal(isSent, false);
    assert.ok(near.queuedBytes > 1.8 * MB, `${near.queuedBytes}`);
    far.resume();
    await world.run({ until: () => seen.bytes === content.length, limitMs: 60_000 });
    assert.equal(isSent, true);
    assert.equal(near.queuedBytes, 0);
    assert.equal(digest(seen.chunks), digest([content]));
  });
});

test("end() sends what is queued and then FIN; both ends close without error", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: MB });
    const b = world.host({ address: "10.0.0.2" });
    const { near, far } = await joinHosts(world, a, b);
    const [seenNear, seenFar] = [watch(near), watch(far)];
    near.write(new Uint8Array(MB));
    near.end();
    await world.run({ until: () => seenFar.isEnded, limitMs: 10_000 });
    assert.equal(seenFar.bytes, MB);
    far.write(Uint8Array.of(1, 2, 3));
    far.end();
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal(seenNear.bytes, 3);
    assert.equal(seenNear.isEnded, true);
    assert.deepEqual([seenNear.closedWith, seenFar.closedWith], [null, null]);
  });
});

test("writing to a destroyed peer resets the connection", async () => {
  await withWorld({}, async (world) => {
    const [a, b] = [world.host({ address: "10.0.0.1" }), world.host({ address: "10.0.0.2" })];
    const { near, far } = await joinHosts(world, a, b);
    const [seenNear, seenFar] = [watch(near), watch(far)];
    far.destroy();
    await world.run({ untilMs: world.timeMs + 100 });
    assert.equal(seenFar.closedWith, null);
    assert.equal(seenNear.isEnded, true);
    assert.equal(seenNear.closedWith, undefined);
    near.write(Uint8Array.of(1));
    await world.run({ untilMs: world.timeMs + 100 });
    assert.equal(codeOf(seenNear), "reset");
    const errors: (Error | null)[] = [];
    near.write(Uint8Array.of(1), (error) => errors.push(error));
    assert.equal(errors.length, 0);
    await world.run({ untilMs: world.timeMs + 100 });
    assert.equal((errors[0] as NetError).code, "reset");
  });
});

test("connecting is refused, unreachable, timed out or aborted", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1" });
    const b = world.host({ address: "10.0.0.2" });
    const natted = world.host({ address: "10.0.0.3", isNatted: true });
    await natted.net.listen({ port: 7 }, () => assert.fail("a NAT lets nobody in"));
    const outcomeOf = async (promise: Promise<unknown>) =>
      await world.complete(promise).then(
        () => "connected",
        (error: unknown) => (error as NetError).code,
      );
    assert.equal(await outcomeOf(a.net.connect({ host: b.address, port: 7 })), "refused");
    assert.equal(await outcomeOf(a.net.connect({ host: "10.9.9.9", port: 7 })), "unreachable");
    assert.equal(await outcomeOf(a.net.connect({ host: "2001:db8::1", port: 7 })), "unreachable");
    const startMs = world.timeMs;
    const options = { host: natted.address, port: 7, timeoutMs: 60_000 };
    assert.equal(await outcomeOf(a.net.connect(options)), "timeout");
    assert.equal(world.timeMs, startMs + 60_000);
    const controller = new AbortController();
    a.clock.setTimer(500, () => controller.abort());
    assert.equal(
      await outcomeOf(a.net.connect({ ...options, signal: controller.signal })),
      "aborted",
    );
    const local = { host: b.address, port: 7, localAddress: "10.0.0.77" };
    assert.equal(await outcomeOf(a.net.connect(local)), "address-unavailable");
    await b.net.listen({ port: 7 }, () => {});
    assert.equal(await outcomeOf(b.net.listen({ port: 7 }, () => {})), "address-in-use");
    assert.equal(
      await outcomeOf(b.net.listen({ port: 8, host: "10.0.0.1" }, () => {})),
      "address-unavailable",
    );
  });
});

test("loss delays TCP and loses datagrams", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", lossRate: 0.1 });
    const b = world.host({ address: "10.0.0.2" });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far);
    const content = createContent(3, MB);
    near.write(content);
    await world.run({ until: () => seen.bytes === content.length, limitMs: 60_000 });
    assert.equal(digest(seen.chunks), digest([content]));
    let received = 0;
    const to = (await b.net.bindUdp({ port: 9 }, () => received++)).local;
    const socket = await a.net.bindUdp({ port: 0 }, () => {});
    for (let count = 0; count < 1000; count++)
      socket.send(Uint8Array.of(1), { ...to, address: b.address });
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.ok(received > 850 && received < 950, `${received}`);
  });
});

test("datagrams keep their borders, respect the MTU, and pass a NAT only as answers", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", isNatted: true, upBytesPerSecond: MB });
    const b = world.host({ address: "10.0.0.2", downBytesPerSecond: MB });
    const got: string[] = [];
    const onDatagram =
      (name: string) => (bytes: Uint8Array, from: { address: string; port: number }) =>
        got.push(`${name} ${bytes.length} from ${from.address}:${from.port}`);
    const ua = await a.net.bindUdp({ port: 1000 }, onDatagram("a"));
    const ub = await b.net.bindUdp({ port: 2000 }, onDatagram("b"));
    ub.send(new Uint8Array(10), { address: a.address, port: 1000 });
    await world.run({ untilMs: 1000 });
    ua.send(new Uint8Array(1472), { address: b.address, port: 2000 });
    ua.send(new Uint8Array(1473), { address: b.address, port: 2000 });
    await world.run({ untilMs: 2000 });
    ub.send(new Uint8Array(0), { address: a.address, port: 1000 });
    await world.run({ untilMs: 3000 });
    assert.deepEqual(got, ["b 1472 from 10.0.0.1:1000", "a 0 from 10.0.0.2:2000"]);
    assert.equal(world.counters.datagramsLost, 2);
    await ub.close();
    await b.net.bindUdp({ port: 2000 }, () => {});
  });
});

test("a partition holds TCP up and drops datagrams; healing lets both go on", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: MB });
    const b = world.host({ address: "10.0.0.2" });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far);
    const content = createContent(4, 5 * MB);
    near.write(content);
    await world.run({ untilMs: world.timeMs + 1000 });
    const before = seen.bytes;
    assert.ok(before > 0.9 * MB);
    world.partition([a], [b]);
    const connecting = a.net.connect({ host: b.address, port: 1, timeoutMs: 60_000 });
    await world.run({ untilMs: world.timeMs + 20_000 });
    assert.equal(seen.bytes, before);
    world.heal();
    await world.run({ until: () => seen.bytes === content.length, limitMs: world.timeMs + 10_000 });
    assert.equal(digest(seen.chunks), digest([content]));
    await assert.rejects(world.complete(connecting), { code: "refused" });
  });
});

test("a partition that lasts breaks connections with unacknowledged data", async () => {
  await withWorld({ tcpTimeoutMs: 100_000 }, async (world) => {
    const [a, b] = [world.host({ address: "10.0.0.1" }), world.host({ address: "10.0.0.2" })];
    const { near, far } = await joinHosts(world, a, b);
    const [seenNear, seenFar] = [watch(near), watch(far)];
    world.partition([a], [b]);
    near.write(Uint8Array.of(1));
    await world.run({ untilMs: world.timeMs + 101_000 });
    assert.equal(codeOf(seenNear), "timeout");
    assert.equal(seenFar.closedWith, undefined, "the other end has heard nothing");
    world.heal();
    far.write(Uint8Array.of(1));
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal(codeOf(seenFar), "reset");
  });
});

test("whatever the lines, losses, pauses and sizes, the bytes arrive once and in order", async () => {
  const size = fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(100_000));
  const rate = fc.constantFrom(20_000, 300_000, 5_000_000, Infinity);
  const scenario = fc.record({
    seed: fc.nat(),
    up: rate,
    down: rate,
    lossRate: fc.constantFrom(0, 0.2),
    writes: fc.array(size, { minLength: 1, maxLength: 20 }),
    bufferBytes: fc.constantFrom(100, 1448, 70_000),
    pausesMs: fc.array(fc.nat(500), { maxLength: 5 }),
    isPartitioned: fc.boolean(),
  });
  const check = async ({ seed, up, down, lossRate, ...more }: Scenario) => {
    const world = createWorld({ seed });
    const a = world.host({ address: "10.0.0.1", upBytesPerSecond: up, lossRate });
    const b = world.host({ address: "10.0.0.2", downBytesPerSecond: down });
    const { near, far } = await joinHosts(world, a, b);
    const seen = watch(far, more.bufferBytes);
    const written = more.writes.map((length, index) => createContent(index, length));
    let sent = 0;
    const onSent = (error: Error | null) => {
      if (error === null) sent++;
    };
    for (const bytes of written) near.write(bytes, onSent);
    near.end();
    for (const pauseMs of more.pausesMs) {
      far.pause();
      if (more.isPartitioned) world.partition([a], [b]);
      await world.run({ untilMs: world.timeMs + pauseMs });
      far.resume();
      world.heal();
      await world.run({ untilMs: world.timeMs + 50 });
    }
    await world.run({ until: () => seen.isEnded, limitMs: 1_000_000 });
    assert.equal(sent, written.length);
    assert.equal(digest(seen.chunks), digest(written));
  };
  await fc.assert(fc.asyncProperty(scenario, check), { numRuns: 60 });
});
