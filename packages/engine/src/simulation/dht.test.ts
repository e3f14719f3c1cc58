import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodePort, formatMagnet, truncateInfoHash } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { startDht } from "./dht-world.ts";
import { dialScripted } from "./scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const VERSIONS = ["v1", "v2", "hybrid"] as const;

function createSample(
  version: (typeof VERSIONS)[number] = "v1",
  details: Parameters<typeof sampleTorrent>[0]["details"] = {},
): SampleTorrent {
  return sampleTorrent({ version, pieceLengthBytes: 32_768, fileLengths: [300_000], details });
}

function magnetOf({ metainfo }: SampleTorrent): string {
  return formatMagnet({
    infoHashV1: metainfo.v1?.infoHash ?? null,
    infoHashV2: metainfo.v2?.infoHash ?? null,
  });
}

function hashesOf({ metainfo: { v1, v2 } }: SampleTorrent): Uint8Array[] {
  const hashes = v1 === null ? [] : [v1.infoHash];
  return v2 === null ? hashes : [...hashes, truncateInfoHash(v2.infoHash)];
}

async function closeAll(world: SimWorld, ...nodes: readonly Node[]): Promise<void> {
  await world.complete(Promise.all(nodes.map(({ session }) => session.close())));
}

suite("a session in the DHT", () => {
  for (const version of VERSIONS) {
    test(`BEP 5: a magnet link alone finds the seed of a ${version} torrent`, () =>
      withWorld({ seed: 81 }, async (world) => {
        const dht = await startDht(world, 8);
        const sample = createSample(version);
        const session = { dht: { bootstrap: dht.bootstrap } };
        const seeder = await startNode(world, {
          host: { address: "10.0.0.1" },
          sample,
          seed: true,
          session,
        });
        await world.run({ untilMs: world.timeMs + 20_000 });
        for (const hash of hashesOf(sample)) {
          const found: string[] = [];
          const collect = async (): Promise<void> => {
            for await (const { address, port } of dht.nodes[3]!.findPeers(hash)) {
              found.push(`${address}:${port}`);
            }
          };
          await world.complete(collect());
          assert.deepEqual(found, ["10.0.0.1:6881"]);
        }
        const leecher = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          source: magnetOf(sample),
          session,
        });
        await world.complete(leecher.torrent.whenReady(), 60_000);
        assert.equal(leecher.torrent.peers[0]!.source, "dht");
        await world.complete(leecher.torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(leecher.host, sample));
        const { nodes, searches } = leecher.session.discovery.dht!;
        assert.ok(nodes >= 8 && searches.begun >= 1 && searches.waiting === 0);
        await closeAll(world, seeder, leecher);
        await dht.close();
      }));
  }

  test("a download that finds nobody looks again, and finds whoever comes later", () =>
    withWorld({ seed: 82 }, async (world) => {
      const dht = await startDht(world, 4);
      const sample = createSample();
      const session = { dht: { bootstrap: dht.bootstrap } };
      const leecher = await startNode(world, { host: { address: "10.0.0.2" }, sample, session });
      await world.run({ untilMs: world.timeMs + 5000 });
      const host = { address: "10.0.0.1" };
      const seeder = await startNode(world, { host, sample, seed: true, session });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await closeAll(world, seeder, leecher);
      await dht.close();
    }));

  test("BEP 27: a private torrent is never announced, and its peers hear of no node", () =>
    withWorld({ seed: 83 }, async (world) => {
      const dht = await startDht(world, 4);
      const sample = createSample("v1", { isPrivate: true });
      const session = { dht: { bootstrap: dht.bootstrap } };
      const seeder = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        seed: true,
        session,
      });
      const infoHash = sample.metainfo.v1!.infoHash;
      const peer = await world.complete(
        dialScripted(world.host({ address: "10.0.0.3" }), endpointOf(seeder), {
          infoHash,
          dht: true,
        }),
      );
      await world.run({ untilMs: world.timeMs + 60 * 60_000 });
      assert.deepEqual(peer.heardOf("port"), []);
      assert.equal(seeder.session.discovery.dht!.searches.begun, 0);
      const { stored, peers } = await world.complete(
        dht.nodes[1]!.announce(infoHash, { port: 7777 }),
      );
      assert.ok(stored > 0);
      assert.deepEqual(peers, []);
      await closeAll(world, seeder);
      await dht.close();
    }));

  test("BEP 5: peers name their nodes to each other, and get each other into the DHT", () =>
    withWorld({ seed: 84 }, async (world) => {
      const sample = createSample();
      const host = (n: number) => ({ address: `10.0.0.${n}`, upBytesPerSecond: 10_000 });
      const session = { dht: {} };
      const seeder = await startNode(world, { host: host(1), sample, seed: true, session });
      const peers = [endpointOf(seeder)];
      const leecher = await startNode(world, {
        host: host(2),
        sample,
        session,
        torrent: { peers },
      });
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(leecher.session.dht!.nodes[0]!.table.size, 1);
      assert.equal(seeder.session.dht!.nodes[0]!.table.size, 1);
      await closeAll(world, seeder, leecher);
    }));

  test("BEP 5: a torrent file's nodes are a way in", () =>
    withWorld({ seed: 85 }, async (world) => {
      const dht = await startDht(world, 3);
      const sample = createSample("v1", { nodes: dht.bootstrap });
      const host = { address: "10.0.0.2" };
      const node = await startNode(world, { host, sample, session: { dht: {} } });
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.ok(node.session.discovery.dht!.nodes >= 1);
      await closeAll(world, node);
      await dht.close();
    }));

  test("limit: `port` messages of a peer", () =>
    withWorld({ seed: 86 }, async (world) => {
      const sample = createSample();
      const host = { address: "10.0.0.1" };
      const seeder = await startNode(world, { host, sample, seed: true, session: { dht: {} } });
      const stranger = world.host({ address: "10.0.0.3" });
      let asked = 0;
      const hear = (): void => void asked++;
      for (let port = 7000; port < 7010; port++) {
        await world.complete(stranger.net.bindUdp({ host: "10.0.0.3", port }, hear));
      }
      const infoHash = sample.metainfo.v1!.infoHash;
      await world.complete(
        dialScripted(stranger, endpointOf(seeder), {
          infoHash,
          onOpen: (self) => {
            for (let port = 7000; port < 7010; port++) self.send(encodePort(port));
          },
        }),
      );
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(asked, 1);
      await closeAll(world, seeder);
    }));

  test("knows the nodes of the run before; the ID stays with a port of its own alone", () =>
    withWorld({ seed: 87 }, async (world) => {
      const dht = await startDht(world, 6);
      const sample = createSample();
      const host = world.host({ address: "10.0.0.1" });
      const ids: string[] = [];
      const run = async (port: number, bootstrap = dht.bootstrap): Promise<number> => {
        const session = { port, dht: { bootstrap } };
        const node = await startNode(world, { host, sample, session });
        await world.complete(node.session.dht!.whenJoined());
        const [first] = node.session.dht!.nodes;
        ids.push(Buffer.from(first!.id).toString("hex"));
        const { size } = first!.table;
        await closeAll(world, node);
        return size;
      };
      assert.equal(await run(6881), 6);
      assert.equal(await run(6881, []), 6);
      assert.equal(await run(0, []), 6);
      assert.equal(await run(6881, []), 6);
      assert.equal(ids[1], ids[0]);
      assert.notEqual(ids[2], ids[0]);
      assert.equal(ids[3], ids[0]);
      await dht.close();
    }));
});
