import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { peerPriority } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { attackOn } from "./hostile-scene.ts";
import { dialScripted, listenScripted, type ScriptedPeer } from "./scripted-peer.ts";
import { endpointOf, sampleTorrent, type SampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;
const YOUR_IP = Buffer.from("d1:mde6:yourip4:\x0a\x00\x00\x01e", "latin1");
const HELLO = Uint8Array.of(0, 0, 0, 2 + YOUR_IP.length, 20, 0, ...YOUR_IP);

describe("a full swarm", () => {
  it("BEP 40: takes in whoever has a higher priority, in place of the lowest", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const peers: { peer: ScriptedPeer; priority: number }[] = [];
        const own = { address: "10.0.0.1", port: 6881 };
        for (let i = 0; i < 12; i++) {
          const host = scene.host();
          const onOpen = (self: ScriptedPeer) => self.send(HELLO);
          const peer = await scene.attack({ onOpen }, host);
          await scene.pass(300);
          const remote = { address: host.address, port: 1 };
          peers.push({ peer, priority: peerPriority(own, remote) });
        }
        await scene.pass(500);
        const open = peers.filter(({ peer }) => !peer.isClosed).map(({ priority }) => priority);
        const highest = peers.map(({ priority }) => priority).toSorted((a, b) => b - a);
        assert.deepEqual(
          open.toSorted((a, b) => b - a),
          highest.slice(0, 4),
        );
      },
      { session: { maxPeersPerTorrent: 4 } },
    ));

  it("keeps to its places when others come in while it is connecting", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const { infoHash } = scene.sample.metainfo.v1!;
        const far = scene.world.host({ address: "10.9.0.1", latencyMs: 1500 });
        await scene.world.complete(listenScripted(far, 6881, { infoHash }));
        scene.victim.torrent.addPeers([{ address: far.address, port: 6881 }]);
        await scene.pass(500);
        for (let i = 0; i < 4; i++) await scene.attack();
        await scene.pass(1000);
        assert.equal(scene.victim.torrent.peers.length, 4);
        await scene.pass(10_000);
        assert.equal(scene.victim.torrent.peers.length, 4);
      },
      { session: { maxPeersPerTorrent: 4 } },
    ));

  it("of one torrent never makes a peer of another torrent give way", () =>
    withWorld({ seed: 93 }, async (world) => {
      const samples = [1, 2].map((seed) =>
        sampleTorrent({
          version: "v1",
          pieceLengthBytes: 64 * KIB,
          fileLengths: [256 * KIB],
          seed,
        }),
      );
      const node = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample: samples[0]!,
        session: { maxPeers: 5 },
      });
      const other = await node.session.add(samples[1]!.bytes, { dir: "/other" });
      await world.complete(other.whenReady());
      let hosts = 0;
      const dial = async (sample: SampleTorrent): Promise<ScriptedPeer> => {
        const host = world.host({ address: `10.${++hosts}.0.1` });
        const { infoHash } = sample.metainfo.v1!;
        const onOpen = (self: ScriptedPeer) => self.send(HELLO);
        const peer = await world.complete(
          dialScripted(host, endpointOf(node), { infoHash, onOpen }),
        );
        await world.run({ untilMs: world.timeMs + 300 });
        return peer;
      };
      for (let i = 0; i < 3; i++) await dial(samples[0]!);
      for (let i = 0; i < 12; i++) await dial(samples[1]!);
      // The session has five places. Newcomers of one torrent compete for the two that it has.
      assert.deepEqual([node.torrent.peers.length, other.peers.length], [3, 2]);
      assert.equal(node.session.connections.count, 5);
      await world.complete(node.session.close());
    }));

  it("lets its worst peers go every five minutes while others wait, and tries those", () =>
    withWorld({ seed: 91 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [2048 * KIB],
      });
      const node = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        session: { maxPeersPerTorrent: 10 },
      });
      const events: string[] = [];
      node.torrent.on((event) => {
        if (event.type !== "peer-disconnected") return;
        events.push((event.error as (Error & { code: string }) | null)?.code ?? "none");
      });
      const { infoHash } = sample.metainfo.v1!;
      const peers: ScriptedPeer[] = [];
      for (let i = 0; i < 10; i++) {
        const host = world.host({ address: `10.0.1.${i + 1}` });
        peers.push(await world.complete(dialScripted(host, endpointOf(node), { infoHash })));
      }
      const seed = await startNode(world, { host: { address: "10.0.0.2" }, sample, seed: true });
      await world.run({ untilMs: world.timeMs + 1000 });
      node.torrent.addPeers([endpointOf(seed)], "tracker");
      for (let minute = 0; minute < 4; minute++) {
        await world.run({ untilMs: world.timeMs + 60_000 });
        for (const peer of peers) peer.send(Uint8Array.of(0, 0, 0, 0));
      }
      assert.equal(node.torrent.status().verifiedPieces, 0);
      assert.equal(node.torrent.peers.length, 10);
      await world.run({
        until: () => node.torrent.peers.length < 10,
        limitMs: world.timeMs + 100_000,
      });
      await world.complete(node.torrent.whenComplete(), 10_000);
      assert.equal(events[0], "replaced");
      await world.complete(Promise.all([node, seed].map(({ session }) => session.close())));
    }));

  it("is filled no faster than the session's pace", () =>
    withWorld({ seed: 92 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [128 * KIB],
      });
      const node = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        session: { dialsPerSecond: 4 },
      });
      let dials = 0;
      const refuse = (socket: { destroy(): void }): void => {
        dials++;
        socket.destroy();
      };
      for (let i = 0; i < 40; i++) {
        const host = world.host({ address: `10.0.1.${i + 1}` });
        await world.complete(host.net.listen({ port: 1 }, refuse));
        node.torrent.addPeers([{ address: host.address, port: 1 }], "tracker");
      }
      const startMs = world.timeMs;
      await world.run({ untilMs: startMs + 3000 });
      assert.ok(dials >= 8 && dials <= 4 + 3 * 4, `${dials} in three seconds`);
      await world.complete(node.session.close());
    }));
});
