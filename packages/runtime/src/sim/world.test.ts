import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { NetError } from "../errors.ts";
import { createContent } from "./content.ts";
import type { SimHost } from "./sim-host.ts";
import { joinHosts, watch } from "./test-peers.ts";
import { withWorld } from "./with-world.ts";
import { createWorld } from "./world.ts";
import type { SimWorld } from "./world.ts";

/** A crowd that talks at random: TCP, datagrams, timers, disk, crashes. Returns the hash of its trace. */
async function liveThrough(seed: number): Promise<{ trace: string; world: SimWorld }> {
  const world = createWorld({ seed });
  const hash = createHash("sha256");
  world.trace = (timeMs, kind, host, detail) =>
    hash.update(`${timeMs} ${kind} ${host} ${detail}\n`);
  const hosts = Array.from({ length: 8 }, (_, index) =>
    world.host({
      address: `10.0.0.${index + 1}`,
      upBytesPerSecond: 200_000,
      downBytesPerSecond: 1_000_000,
      lossRate: 0.01,
    }),
  );
  const payload = createContent(seed, 100_000);
  const live = async (host: SimHost) => {
    const udp = await host.net.bindUdp({ port: 1 }, () => {});
    await host.net.listen({ port: 1 }, (socket) => {
      watch(socket);
      socket.write(payload.subarray(host.random.integer(50_000)));
    });
    host.clock.setRepeating(700, () => {
      const { address } = hosts[host.random.integer(hosts.length)] as SimHost;
      udp.send(host.random.bytes(host.random.integer(1000)), { address, port: 1 });
      host.net.connect({ host: address, port: 1 }).then(
        (socket) => {
          watch(socket);
          socket.write(payload.subarray(host.random.integer(100_000)));
          socket.end();
        },
        () => {},
      );
    });
  };
  for (const host of hosts) await live(host);
  await world.run({ untilMs: 10_000 });
  hosts[3]?.crash("process");
  hosts[4]?.crash("power");
  await world.run({ untilMs: 20_000 });
  return { trace: hash.digest("hex"), world };
}

test("the same seed gives the same trace, another seed another one", async () => {
  const [first, second, other] = [await liveThrough(7), await liveThrough(7), await liveThrough(8)];
  assert.equal(first.trace, second.trace);
  assert.deepEqual(first.world.counters, second.world.counters);
  assert.notEqual(first.trace, other.trace);
  assert.ok(first.world.counters.bytesDelivered > 1_000_000);
});

test("a minute of waiting passes at once, and promise jobs are done before the next event", async () => {
  await withWorld({}, async (world) => {
    const { clock } = world.host({ address: "10.0.0.1" });
    const order: string[] = [];
    const wait = (delayMs: number) =>
      new Promise<void>((resolve) => {
        clock.setTimer(delayMs, resolve);
      });
    const walk = async (name: string) => {
      await wait(60_000);
      for (let step = 0; step < 20; step++) {
        await Promise.resolve();
        order.push(name);
      }
    };
    await world.complete(Promise.all([walk("a"), walk("b")]));
    assert.equal(order.join(""), "a".repeat(20) + "b".repeat(20));
    assert.equal(world.timeMs, 60_000);
  });
});

test("the wall clock jumps, the monotonic one does not", async () => {
  await withWorld({ startMs: 1_000_000 }, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    await world.run({ untilMs: 500 });
    world.jumpClock(host, -400_000);
    assert.equal(host.clock.nowMs(), 600_500);
    assert.equal(host.clock.monotonicMs(), 500);
  });
});

test("run says with the seed that what it waits for did not happen", async () => {
  const world = createWorld({ seed: 42 });
  await assert.rejects(world.run({ until: () => false, limitMs: 1000 }), /seed 42/);
  const host = world.host({ address: "10.0.0.1" });
  host.clock.setTimer(5000, () => {});
  await assert.rejects(world.run({ until: () => false, limitMs: 2000 }), /2000 ms.*seed 42/);
  host.clock.setTimer(1, () => {
    throw new RangeError("a bug");
  });
  await assert.rejects(world.run({ untilMs: 9000 }), RangeError);
  const failing = withWorld({ seed: 43 }, () => Promise.reject(new Error("a failure")));
  const seed = process.env["SHOAL_SEED"] ?? "43";
  await assert.rejects(failing, new RegExp(`a failure\\n.*SHOAL_SEED=${seed}`));
});

test("a killed program falls silent, its peers' connections are reset, and it starts again", async () => {
  await withWorld({}, async (world) => {
    const [a, b] = [world.host({ address: "10.0.0.1" }), world.host({ address: "10.0.0.2" })];
    const { near, far } = await joinHosts(world, a, b);
    const [seenNear, seenFar] = [watch(near), watch(far)];
    await b.net.listen({ port: 80 }, () => assert.fail("the program was killed"));
    b.clock.setTimer(10, () => assert.fail("the program was killed"));
    far.write(new Uint8Array(1000), () => assert.fail("the program was killed"));
    b.crash();
    assert.equal(b.isAlive, false);
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal((seenNear.closedWith as NetError | undefined)?.code, "reset");
    assert.equal(seenFar.closedWith, undefined);
    await assert.rejects(world.complete(a.net.connect({ host: b.address, port: 80 })), {
      code: "refused",
    });
    const again = world.restart(b);
    await again.net.listen({ port: 80 }, (socket) => watch(socket));
    await world.complete(a.net.connect({ host: b.address, port: 80 }));
    assert.throws(() => world.restart(again), /is running/);
  });
});

test("after a power cut peers hear nothing, until the host is back and knows them no more", async () => {
  await withWorld({}, async (world) => {
    const [a, b] = [world.host({ address: "10.0.0.1" }), world.host({ address: "10.0.0.2" })];
    const { near } = await joinHosts(world, a, b);
    const seen = watch(near);
    b.crash("power");
    near.write(Uint8Array.of(1));
    await world.run({ untilMs: world.timeMs + 10_000 });
    assert.equal(seen.closedWith, undefined);
    const connecting = a.net.connect({ host: b.address, port: 80 });
    await assert.rejects(world.complete(connecting), { code: "timeout" });
    world.restart(b);
    await world.run({ untilMs: world.timeMs + 2000 });
    assert.equal((seen.closedWith as NetError | undefined)?.code, "reset");
  });
});

test("closing a host frees its ports and ends its connections", async () => {
  await withWorld({}, async (world) => {
    const [a, b] = [world.host({ address: "10.0.0.1" }), world.host({ address: "10.0.0.2" })];
    const { near } = await joinHosts(world, a, b);
    const seen = watch(near);
    await b.net.listen({ port: 80 }, () => {});
    await b.net.bindUdp({ port: 80 }, () => {});
    await world.complete(b.close());
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal(seen.isEnded, true);
    const again = world.restart(b);
    await again.net.listen({ port: 80 }, () => {});
    await again.net.bindUdp({ port: 80 }, () => {});
  });
});

test("names resolve to what the world says, addresses to themselves", async () => {
  await withWorld({}, async (world) => {
    const a = world.host({ address: "10.0.0.1" });
    world.host({ address: ["10.0.0.2", "2001:db8::2"] });
    world.name("Tracker.example", ["2001:db8::2", "10.0.0.2"]);
    const resolve = (...parameters: Parameters<SimHost["dns"]["resolve"]>) =>
      world.complete(a.dns.resolve(...parameters));
    assert.deepEqual(await resolve("tracker.EXAMPLE"), ["2001:db8::2", "10.0.0.2"]);
    assert.deepEqual(await resolve("tracker.example", { family: 4 }), ["10.0.0.2"]);
    assert.deepEqual(await resolve("2001:db8::9"), ["2001:db8::9"]);
    await assert.rejects(resolve("nowhere.example"), { code: "not-found" });
  });
});
