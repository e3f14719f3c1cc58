import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeBencode, immutableTarget, itemPublicKey, toHex } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createDht, type Dht } from "../dht.ts";
import { isSecureId } from "../node-id/secure-id.ts";
import { openDht } from "../open-dht.ts";
import { openDhtStore } from "../state/dht-store.ts";
import { addNode, createNetwork, DHT_PORT, publicAddress, type SimDht } from "./dht-network.ts";
import { measureChurn } from "./measure-churn.ts";

const MINUTE_MS = 60_000;

async function withNetwork(
  count: number,
  run: (world: SimWorld, nodes: SimDht[]) => Promise<void>,
): Promise<void> {
  await withWorld({ seed: 11 }, async (world) => {
    const nodes = await createNetwork(world, count);
    await run(world, nodes);
    for (const { dht } of nodes) dht.close();
    assert.ok(nodes.every(({ dht }) => dht.nodes[0]!.openQueries === 0));
  });
}

async function take<T>(world: SimWorld, results: AsyncIterator<T>): Promise<T> {
  const result = await world.complete(results.next());
  assert.ok(result.done !== true);
  return result.value;
}

suite("a simulated network", () => {
  test("200 nodes, 30 % of which are replaced, then another 30 % vanish: every look-up finds its peer", () =>
    withWorld({ seed: 5 }, async (world) => {
      const { calm, churn, collapse } = await measureChurn(world, {
        nodes: 200,
        share: 0.3,
        durationMs: 2 * MINUTE_MS,
        lookups: 20,
      });
      for (const { found, lookups, meanHops, meanQueries } of [calm, churn, collapse]) {
        assert.equal(found, lookups);
        assert.ok(meanHops < 3, `${meanHops} hops`);
        assert.ok(meanQueries < 25, `${meanQueries} queries`);
      }
      assert.equal(calm.answeredShare, 1);
    }));

  test("announces reach the eight closest nodes, and their peers come one by one", () =>
    withNetwork(30, async (world, nodes) => {
      const infoHash = new Uint8Array(20).fill(7);
      for (const [index, { dht }] of nodes.slice(0, 12).entries()) {
        const announced = await world.complete(
          dht.announce(infoHash, { port: 7000 + index, isSeed: index < 4 }),
        );
        assert.equal(announced.stored, 8);
        assert.equal(announced.peers.length, index);
      }
      const found = nodes[25]!.dht.findPeers(infoHash);
      const ports = new Set<number>();
      for (let i = 0; i < 12; i++) ports.add((await take(world, found)).port);
      assert.equal(ports.size, 12);
      assert.equal((await world.complete(found.next())).done, true);
      assert.deepEqual(await world.complete(nodes[24]!.dht.scrape(infoHash)), {
        seeds: 4,
        peers: 8,
      });
      // Behind a NAT: the port that the datagram came from.
      const implied = { port: 1, impliedPort: true };
      await world.complete(nodes[26]!.dht.announce(infoHash, implied));
      const again = await world.complete(nodes[20]!.dht.announce(infoHash, { port: 2 }));
      assert.ok(
        again.peers.some((peer) => peer.address === nodes[26]!.address && peer.port === DHT_PORT),
      );
    }));

  test("a search that is aborted, or that nobody reads on, ends", () =>
    withNetwork(20, async (world, nodes) => {
      const { dht } = nodes[3]!;
      const stopping = new AbortController();
      const announcing = dht.announce(new Uint8Array(20), { port: 1 }, { signal: stopping.signal });
      stopping.abort(new Error("enough"));
      await assert.rejects(world.complete(announcing), /enough/);
      await assert.rejects(
        world.complete(dht.announce(new Uint8Array(20), { port: 1 }, { signal: stopping.signal })),
        /enough/,
      );
      const samples = dht.sampleInfoHashes();
      await world.complete(samples.return!());
      await world.run({ untilMs: world.timeMs + MINUTE_MS });
      const waiting = dht.getImmutable(new Uint8Array(20));
      dht.close();
      await assert.rejects(world.complete(waiting), { code: "closed" });
      await assert.rejects(world.complete(dht.getImmutable(new Uint8Array(20))), {
        code: "closed",
      });
    }));

  test("BEP 44: items are stored, found, replaced, and guarded against lost updates", () =>
    withNetwork(20, async (world, nodes) => {
      const [writer, reader] = [nodes[5]!.dht, nodes[13]!.dht];
      const value = encodeBencode({ hello: "world", list: [1, 2, 3] });
      assert.equal(await world.complete(writer.putImmutable(value)), 8);
      const target = immutableTarget(value);
      assert.deepEqual(await world.complete(reader.getImmutable(target)), value);
      assert.equal(await world.complete(reader.getImmutable(new Uint8Array(20))), null);

      const seed = new Uint8Array(32).fill(3);
      const salt = Buffer.from("profile");
      const publicKey = itemPublicKey(seed);
      assert.equal(await world.complete(reader.getMutable(publicKey, { salt })), null);
      const first = await world.complete(writer.putMutable(seed, encodeBencode("one"), { salt }));
      assert.equal(first.item.seq, 1n);
      assert.equal(first.stored, 8);
      const second = await world.complete(writer.putMutable(seed, encodeBencode("two"), { salt }));
      assert.equal(second.item.seq, 2n);
      const found = await world.complete(reader.getMutable(publicKey, { salt }));
      assert.ok(found !== null);
      assert.deepEqual(found.value, encodeBencode("two"));
      assert.equal(await world.complete(reader.getMutable(publicKey)), null, "another salt");
      await assert.rejects(
        world.complete(writer.putMutable(seed, encodeBencode("lost"), { salt, cas: 1n })),
        { code: "conflict" },
      );
      await assert.rejects(
        world.complete(writer.putMutable(seed, encodeBencode("old"), { salt, seq: 1n })),
        { code: "conflict" },
      );
      assert.ok((await world.complete(reader.putAgain(found))) > 0, "without the private key");
    }));

  test("BEP 46: who follows a key hears of each new torrent, and keeps it alive without the publisher", () =>
    withNetwork(14, async (world, nodes) => {
      const seed = new Uint8Array(32).fill(9);
      const [publisher, follower] = [nodes[7]!, nodes[11]!];
      const following = follower.dht.follow(itemPublicKey(seed), { pollMs: 4 * MINUTE_MS });
      const early = following.next();
      await world.run({ untilMs: world.timeMs + 5 * MINUTE_MS });
      await world.complete(publisher.dht.publishTorrent(seed, new Uint8Array(20).fill(1)));
      const first = await world.complete(early);
      assert.ok(first.done !== true);
      assert.equal(toHex(first.value.infoHash), "01".repeat(20));
      await world.complete(publisher.dht.publishTorrent(seed, new Uint8Array(20).fill(2)));
      const second = await take(world, following);
      assert.equal(toHex(second.infoHash), "02".repeat(20));
      assert.equal(second.item.seq, 2n);
      publisher.host.crash();
      // Items last two hours; the follower puts them again every hour.
      await world.run({ untilMs: world.timeMs + 150 * MINUTE_MS });
      const late = await world.complete(nodes[3]!.dht.getMutable(itemPublicKey(seed)));
      assert.equal(late?.seq, 2n);
      await world.complete(following.return!());
    }));

  test("BEP 51: samples tell all that is announced, and no node is asked too often", () =>
    withNetwork(20, async (world, nodes) => {
      const announced = new Set<string>();
      for (let i = 0; i < 15; i++) {
        const infoHash = nodes[0]!.host.random.bytes(20);
        announced.add(toHex(infoHash));
        await world.complete(nodes[i]!.dht.announce(infoHash, { port: 1 }));
      }
      const samples = nodes[19]!.dht.sampleInfoHashes();
      const found = new Set<string>();
      for (let i = 0; i < 15; i++) found.add(toHex(await take(world, samples)));
      assert.deepEqual(found, announced);
      await world.complete(samples.return!());
    }));

  test("BEP 43: a read-only node finds what others store, answers nobody, and is in no table", () =>
    withNetwork(20, async (world, nodes) => {
      const address = publicAddress(500);
      const bootstrap = [{ host: nodes[0]!.address, port: DHT_PORT }];
      const shy = await addNode(world, address, { bootstrap, isReadOnly: true });
      await world.complete(shy.dht.whenJoined());
      const infoHash = new Uint8Array(20).fill(5);
      await world.complete(nodes[9]!.dht.announce(infoHash, { port: 77 }));
      const { peers, stored } = await world.complete(shy.dht.announce(infoHash, { port: 1 }));
      assert.deepEqual(peers, [{ address: nodes[9]!.address, port: 77 }]);
      assert.equal(stored, 8);
      nodes[3]!.dht.addNode({ address, port: DHT_PORT });
      await world.run({ untilMs: world.timeMs + MINUTE_MS });
      assert.equal(shy.dht.nodes[0]!.counters.queries, 0);
      for (const { dht } of nodes) {
        assert.equal(dht.nodes[0]!.table.find({ address, port: DHT_PORT }), undefined);
      }
      shy.dht.close();
    }));

  test("BEP 42: a node learns its address from others and takes an ID that belongs to it", () =>
    withNetwork(25, async (world, nodes) => {
      const address = publicAddress(600);
      const host = world.host({ address });
      let dht: Dht | null = null;
      const socket = await host.net.bindUdp({ host: "0.0.0.0", port: DHT_PORT }, (bytes, from) =>
        dht?.receive(bytes, from),
      );
      const bootstrap = [{ host: nodes[0]!.address, port: DHT_PORT }];
      dht = createDht({ ...host, ports: [socket], bootstrap });
      const [node] = dht.nodes;
      assert.equal(node!.externalAddress, null);
      await world.complete(dht.whenJoined());
      await world.run({ untilMs: world.timeMs + MINUTE_MS });
      assert.equal(node!.externalAddress, address);
      assert.ok(isSecureId(node!.id, address));
      assert.ok(node!.table.size > 10, "those that it knew are in the new table");
      dht.close();
    }));

  test("ID and table outlive the program, which gets in without any host", () =>
    withNetwork(20, async (world, nodes) => {
      const address = publicAddress(700);
      const first = world.host({ address });
      const bootstrap = [{ host: nodes[0]!.address, port: DHT_PORT }];
      const open = await world.complete(
        openDht({ ...first, hosts: [address], port: DHT_PORT, bootstrap }),
      );
      await world.complete(open.whenJoined());
      const { id } = open.nodes[0]!;
      await world.complete(open.closeSockets());
      await world.complete(first.close());

      const second = world.restart(first);
      const saved = await world.complete(openDhtStore(second.store));
      const [state] = await world.complete(saved.load());
      assert.deepEqual(state?.id, id);
      assert.ok(state.nodes.length > 10);
      const again = await world.complete(openDht({ ...second, hosts: [address], port: DHT_PORT }));
      await world.complete(again.whenJoined());
      assert.deepEqual(again.nodes[0]!.id, id);
      assert.ok(again.nodes[0]!.table.size > 10);
      await world.complete(again.closeSockets());
    }));

  test("a network that was away for an hour costs a node none of those that it knows", () =>
    withNetwork(16, async (world, nodes) => {
      const { dht, host } = nodes[4]!;
      const before = dht.nodes[0]!.table.size;
      world.partition(
        [host],
        nodes.filter((node) => node.host !== host).map((node) => node.host),
      );
      await world.run({ untilMs: world.timeMs + 60 * MINUTE_MS });
      assert.equal(dht.nodes[0]!.table.size, before);
      world.heal();
      const { stored } = await world.complete(dht.announce(new Uint8Array(20), { port: 1 }));
      assert.equal(stored, 8);
    }));

  test("nodes come into the network as soon as there is one", () =>
    withWorld({ seed: 2 }, async (world) => {
      const entrance = publicAddress(0);
      const bootstrap = [{ host: entrance, port: DHT_PORT }];
      const early = await addNode(world, publicAddress(1), { bootstrap });
      await world.run({ untilMs: 2 * MINUTE_MS });
      assert.equal(early.dht.nodes[0]!.table.size, 0);
      const late = await addNode(world, entrance);
      await world.run({ untilMs: 8 * MINUTE_MS });
      assert.equal(early.dht.nodes[0]!.table.size, 1);
      assert.equal(late.dht.nodes[0]!.table.size, 1);
      early.dht.close();
      late.dht.close();
    }));
});

suite("both families", () => {
  test("BEP 32: a node of both families finds the other one's nodes by one entrance, and peers of both", () =>
    withWorld({ seed: 3 }, async (world) => {
      const both: Dht[] = [];
      const start = async (index: number, entrances: readonly string[]): Promise<Dht> => {
        const addresses = [publicAddress(index), `2a01:4f8:${(index + 1).toString(16)}::1`];
        const host = world.host({ address: addresses, latencyMs: 20 });
        const bootstrap = entrances.map((name) => ({ host: name, port: DHT_PORT }));
        const dht = await world.complete(
          openDht({ ...host, hosts: addresses, port: DHT_PORT, bootstrap }),
        );
        both.push(dht);
        return dht;
      };
      for (let i = 0; i < 16; i++) {
        // Only the second knows an IPv6 address; all others get in over IPv4.
        await start(
          i,
          i === 1 ? [publicAddress(0), "2a01:4f8:1::1"] : i > 0 ? [publicAddress(0)] : [],
        );
        await world.run({ untilMs: world.timeMs + 5000 });
      }
      await world.run({ untilMs: world.timeMs + 10 * MINUTE_MS });
      for (const dht of both) {
        assert.deepEqual(
          dht.nodes.map(({ family, table }) => [family, table.size > 5]),
          [
            [4, true],
            [6, true],
          ],
        );
      }
      const infoHash = new Uint8Array(20).fill(1);
      const { stored } = await world.complete(both[2]!.announce(infoHash, { port: 99 }));
      assert.equal(stored, 16);
      const { peers } = await world.complete(both[15]!.announce(infoHash, { port: 98 }));
      assert.deepEqual(
        new Set(peers.map(({ address }) => address)),
        new Set([publicAddress(2), "2a01:4f8:3::1"]),
      );
      for (const dht of both) dht.close();
    }));

  test("BEP 45: two addresses of one family are two nodes, far from each other, that announce one after the other", () =>
    withNetwork(20, async (world, nodes) => {
      const addresses = [publicAddress(800), publicAddress(801)];
      const host = world.host({ address: addresses });
      const bootstrap = [{ host: nodes[0]!.address, port: DHT_PORT }];
      const open = await world.complete(
        openDht({ ...host, hosts: addresses, port: DHT_PORT, bootstrap }),
      );
      await world.complete(open.whenJoined());
      const [one, two] = open.nodes;
      assert.notDeepEqual(one!.id, two!.id);
      assert.ok(isSecureId(one!.id, addresses[0]!) && isSecureId(two!.id, addresses[1]!));
      const infoHash = new Uint8Array(20).fill(6);
      await world.complete(open.announce(infoHash, { port: 4 }));
      const { peers } = await world.complete(nodes[3]!.dht.announce(infoHash, { port: 5 }));
      assert.deepEqual(new Set(peers.map(({ address }) => address)), new Set(addresses));
      await world.complete(open.closeSockets());
    }));
});
