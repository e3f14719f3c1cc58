import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { decodeKrpc, encodeKrpcQuery, encodeKrpcResponse } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createDht } from "../dht.ts";
import type { DhtNode } from "../node/dht-node.ts";
import type { NodeInfo } from "../routing/contact.ts";
import { createNetwork, DHT_PORT, publicAddress, type SimDht } from "./dht-network.ts";

const MINUTE_MS = 60_000;

/** A node that notes what it would send, and to whom. */
function createTarget(world: SimWorld): { node: DhtNode; sent: { bytes: number; to: Endpoint }[] } {
  const host = world.host({ address: publicAddress(0) });
  const sent: { bytes: number; to: Endpoint }[] = [];
  const port = {
    local: { address: host.address, port: DHT_PORT },
    send: (bytes: Uint8Array, to: Endpoint) => void sent.push({ bytes: bytes.length, to }),
  };
  const dht = createDht({ clock: host.clock, random: host.random, ports: [port] });
  return { node: dht.nodes[0]!, sent };
}

function getPeers(fill: number): Uint8Array {
  return encodeKrpcQuery({
    transactionId: Uint8Array.of(fill, 1),
    id: new Uint8Array(20).fill(fill),
    isReadOnly: true,
    request: {
      method: "get_peers",
      infoHash: new Uint8Array(20).fill(1),
      want: { n4: true, n6: true },
      scrape: true,
    },
  });
}

suite("attacks", () => {
  test("Sybils with chosen IDs all around a target cannot hide its peers", () =>
    withWorld({ seed: 4 }, async (world) => {
      const nodes = await createNetwork(world, 40);
      const infoHash = new Uint8Array(20).fill(0x5a);
      await world.complete(nodes[5]!.dht.announce(infoHash, { port: 4242 }));
      const sybils = await startSybils(world, infoHash, 60, nodes);
      await world.run({ untilMs: world.timeMs + MINUTE_MS });
      const search = await world.complete(nodes[10]!.dht.announce(infoHash, { port: 10 }));
      assert.ok(search.peers.some(({ port }) => port === 4242));
      assert.ok(search.queries <= 160);
      // The honest ones closest to the target all have the announcement, whatever else has it too.
      assert.ok(search.stored >= 8);
      assert.ok(sybils.asked() > 0, "they were met");
      const late = await world.complete(nodes[30]!.dht.announce(infoHash, { port: 1 }));
      const ports = late.peers.map(({ port }) => port);
      assert.ok(ports.includes(4242) && ports.includes(10));
    }));

  test("nodes that invent ever nearer ones end a look-up at its bound", () =>
    withWorld({ seed: 6 }, async (world) => {
      const nodes = await createNetwork(world, 10);
      const infoHash = new Uint8Array(20).fill(0x77);
      await startSybils(world, infoHash, 200, nodes);
      await world.run({ untilMs: world.timeMs + MINUTE_MS });
      const search = await world.complete(nodes[3]!.dht.announce(infoHash, { port: 1 }));
      assert.ok(search.queries <= 160, `${search.queries} queries`);
    }));

  test("forged queries in one victim's name bring it 50 answers and then none for five minutes", () =>
    withWorld({}, async (world) => {
      const { node, sent } = createTarget(world);
      const victim = { address: "198.41.0.4", port: 53 };
      for (let second = 0; second < 240; second++) {
        for (let i = 0; i < 100; i++) node.receive(getPeers(i), victim);
        await world.run({ untilMs: world.timeMs + 1000 });
      }
      assert.equal(sent.filter(({ to }) => to.address === victim.address).length, 50);
      assert.equal(node.counters.limited, 240 * 100 - 50);
      node.close();
    }));

  test("forged queries in many names cost no more than the budget, however many come", () =>
    withWorld({}, async (world) => {
      const { node, sent } = createTarget(world);
      const seconds = 8;
      for (let second = 0; second < seconds; second++) {
        for (let i = 0; i < 3000; i++) {
          const address = `${60 + second}.${i >>> 8}.${i & 255}.9`;
          node.receive(getPeers(i & 255), { address, port: 53 });
        }
        await world.run({ untilMs: world.timeMs + 1000 });
      }
      const bytes = sent.reduce((sum, datagram) => sum + datagram.bytes, 0);
      assert.ok(bytes <= (256 + seconds * 64) * 1024, `${bytes} bytes`);
      assert.ok(node.counters.unaffordable > 0);
      assert.ok(node.rememberedSources <= 2 * 4096);
      node.close();
    }));

  test("a node is not cut off from another by forged messages in that one's name", () =>
    withWorld({ seed: 8 }, async (world) => {
      const [one, two] = await createNetwork(world, 2);
      const node = one!.dht.nodes[0]!;
      for (let i = 0; i < 500; i++) {
        node.receive(getPeers(i & 255), { address: two!.address, port: DHT_PORT });
      }
      const { stored } = await world.complete(one!.dht.announce(new Uint8Array(20), { port: 1 }));
      assert.equal(stored, 1);
      one!.dht.close();
      two!.dht.close();
    }));

  test("answers that nobody asked for, or from somewhere else, change nothing", () =>
    withWorld({}, async (world) => {
      const { node, sent } = createTarget(world);
      let outcome = "";
      const to = { address: "8.8.8.8", port: 7 };
      const captured: Uint8Array[] = [];
      const id = new Uint8Array(20).fill(3);
      node.query(to, { method: "ping" }, { done: ({ kind }) => (outcome = kind) });
      assert.equal(sent.length, 1);
      for (let i = 0; i < 256; i++) captured.push(Uint8Array.of(i, i, i, i));
      for (const transactionId of captured) {
        const forged = encodeKrpcResponse({ transactionId, id, answer: {}, to });
        node.receive(forged, to);
        node.receive(forged, { address: "9.9.9.9", port: 7 });
      }
      assert.equal(node.counters.unexpected, 512);
      assert.equal(node.table.size, 0);
      await world.run({ untilMs: 10_000 });
      assert.equal(outcome, "timeout");
      node.close();
    }));

  test("bad packets of every kind are counted and dropped", () =>
    withWorld({}, async (world) => {
      const { node, sent } = createTarget(world);
      const texts = [
        "",
        "d",
        "de",
        "hello",
        "d1:t2:aa1:y1:xe",
        `d1:x${"l".repeat(40)}${"e".repeat(40)}e`,
      ];
      const bad = texts.map((text) => Buffer.from(text, "latin1"));
      for (const bytes of bad) node.receive(bytes, { address: "10.0.0.1", port: 5 });
      node.receive(getPeers(1), { address: "2a01::1", port: 5 });
      assert.equal(node.counters.malformed, bad.length + 1);
      assert.equal(sent.length, 0);
      // A query that can be recognised as one is told what is wrong.
      const broken = Buffer.from(
        "d1:ad2:id20:abcdefghij0123456789e1:q4:what1:t2:aa1:y1:qe",
        "latin1",
      );
      node.receive(broken, { address: "10.0.0.1", port: 5 });
      assert.equal(sent.length, 1);
      node.close();
    }));

  test("a soak of announces, items and strangers leaves memory flat", () =>
    withWorld({ seed: 9 }, async (world) => {
      const { node } = createTarget(world);
      const chance = world.host({ address: "192.0.2.77" }).random;
      const sizes: number[] = [];
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 4000; i++) {
          const from = {
            address: `${11 + chance.integer(80)}.${chance.integer(256)}.3.${chance.integer(256)}`,
            port: 1 + chance.integer(9999),
          };
          node.receive(getPeers(chance.integer(256)), from);
          node.mention({ id: chance.bytes(20), ...from });
        }
        await world.run({ untilMs: world.timeMs + 10 * MINUTE_MS });
        sizes.push(node.rememberedSources + node.openQueries + node.table.size);
      }
      assert.ok(Math.max(...sizes) <= 2 * 4096);
      assert.equal(node.openQueries, 0);
      node.close();
    }));
});

/**
 * Attackers at addresses of their own, with IDs chosen to lie next to the target, that tell of each other
 * only, and never of a peer. They push themselves into every table.
 */
async function startSybils(
  world: SimWorld,
  target: Uint8Array,
  count: number,
  victims: readonly SimDht[],
): Promise<{ asked: () => number }> {
  let asked = 0;
  const sybils = Array.from({ length: count }, (_, index) => {
    const id = target.slice();
    id[18]! ^= 1 + (index >>> 8);
    id[19]! ^= index & 255;
    return { id, address: publicAddress(5000 + index), port: DHT_PORT };
  });
  const start = async (sybil: NodeInfo, index: number): Promise<void> => {
    const host = world.host({ address: sybil.address });
    const socket = await host.net.bindUdp(
      { host: sybil.address, port: DHT_PORT },
      (bytes, from) => {
        const query = decodeKrpc(bytes);
        if (query.kind !== "query") return;
        asked++;
        const nodes4 = Array.from({ length: 8 }, (_, i) => sybils[(index * 8 + i) % count]!);
        const answer = { nodes4, token: Uint8Array.of(1) };
        const response = { transactionId: query.transactionId, id: sybil.id, answer, to: from };
        socket.send(encodeKrpcResponse(response), from);
      },
    );
    for (const victim of victims) {
      const query = { transactionId: Uint8Array.of(9, 9), id: sybil.id, isReadOnly: false };
      const bytes = encodeKrpcQuery({ ...query, request: { method: "ping" } });
      socket.send(bytes, { address: victim.address, port: DHT_PORT });
    }
  };
  await Promise.all(sybils.map(start));
  return { asked: () => asked };
}
