import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodePex,
  encodeExtended,
  encodeExtensionHandshake,
  encodeHolepunch,
  encodePex,
  type PexMessage,
  PEX_FLAG,
  type PexPeer,
} from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { attackOn, type Scene } from "./hostile-scene.ts";
import { dialScripted, listenScripted, type ScriptedPeer } from "./scripted-peer.ts";
import { endpointOf, holdsContent, type Node, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;
const OUR_ID = 7;

/** Says that it speaks `ut_pex`, and where it takes connections. */
function hello(self: ScriptedPeer, listenPort = 6881): void {
  const handshake = encodeExtensionHandshake({ extensions: { ut_pex: OUR_ID }, listenPort });
  self.send(encodeExtended(0, handshake));
}

/** The ID that the other side takes `ut_pex` under; null when it does not. */
function pexIdOf(peer: ScriptedPeer): number | null {
  const [handshake] = peer.heardOf("extended").filter(({ id }) => id === 0);
  const match = /6:ut_pexi(\d+)e/.exec(Buffer.from(handshake!.payload).toString("latin1"));
  return match === null ? null : Number(match[1]);
}

const heardPex = (peer: ScriptedPeer): PexMessage[] =>
  peer
    .heardOf("extended")
    .filter(({ id }) => id === OUR_ID)
    .map(({ payload }) => decodePex(payload));

const sendPex = (peer: ScriptedPeer, added: readonly PexPeer[]): void =>
  peer.send(encodeExtended(pexIdOf(peer)!, encodePex({ added, dropped: [] })));

const named = (count: number, prefix = "10.77"): PexPeer[] =>
  Array.from({ length: count }, (_, i) => ({
    address: `${prefix}.${i >> 8}.${i & 255}`,
    port: 6881,
    flags: 0,
  }));

describe("BEP 11: peers exchange peers", () => {
  for (const family of ["IPv4", "IPv6"] as const) {
    it(`${family}: a swarm finds itself through one peer that all know`, () =>
      withWorld({ seed: 61 }, async (world) => {
        const sample = sampleTorrent({
          version: "v1",
          pieceLengthBytes: 64 * KIB,
          fileLengths: [8192 * KIB],
        });
        const address = (n: number): string => (family === "IPv4" ? `10.0.0.${n}` : `fd00::${n}`);
        const hub = await startNode(world, {
          host: { address: address(1), upBytesPerSecond: 20_000 },
          sample,
        });
        const leechers: Node[] = [];
        for (let i = 2; i <= 6; i++) {
          leechers.push(
            await startNode(world, {
              host: { address: address(i) },
              sample,
              torrent: { peers: [endpointOf(hub)] },
            }),
          );
        }
        await world.run({ untilMs: world.timeMs + 70_000 });
        for (const { torrent } of leechers) {
          assert.equal(torrent.peers.length, 5);
          const sources = new Set(torrent.peers.map(({ source }) => source));
          assert.ok(sources.has("user") && (sources.has("pex") || sources.has("incoming")));
        }
        await world.complete(Promise.all([hub, ...leechers].map((node) => node.session.close())));
      }));
  }

  it("a message comes at once and then each minute, with what changed and nothing else", () =>
    attackOn("leecher", async (scene) => {
      const friends = [await scene.attack({ onOpen: (self) => hello(self, 1001) })];
      const listener = await scene.attack({ onOpen: (self) => hello(self, 1000) });
      await scene.pass(5000);
      const [first] = heardPex(listener);
      assert.deepEqual(
        first!.added.map(({ port, flags }) => [port, flags]),
        [[1001, 0]],
      );
      friends.push(await scene.attack({ onOpen: (self) => hello(self, 1002) }));
      await scene.pass(30_000);
      assert.equal(heardPex(listener).length, 1);
      await scene.pass(35_000);
      friends[0]!.socket.destroy();
      await scene.pass(65_000);
      assert.deepEqual(
        heardPex(listener).map(({ added, dropped }) => [
          added.map(({ port }) => port),
          dropped.map(({ port }) => port),
        ]),
        [
          [[1001], []],
          [[1002], []],
          [[], [1001]],
        ],
      );
    }));

  it("flags say who was dialed, who wants nothing, who prefers encryption and who punches holes", () =>
    withWorld({ seed: 62 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [8192 * KIB],
      });
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 10_000 },
        sample,
        seed: true,
        session: { encryption: "prefer" },
      });
      const middle = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      const listener = await world.complete(
        dialScripted(world.host({ address: "10.0.0.3" }), endpointOf(middle), {
          infoHash: sample.metainfo.v1!.infoHash,
          onOpen: (self) => hello(self),
        }),
      );
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.deepEqual(heardPex(listener)[0]!.added, [
        {
          ...endpointOf(seed),
          flags: Object.values(PEX_FLAG).reduce<number>((all, flag) => all | flag, 0),
        },
      ]);
      await world.complete(Promise.all([seed, middle].map((node) => node.session.close())));
    }));

  it("who is known to prefer encryption is met with it, and others without", () =>
    attackOn("leecher", async (scene) => {
      const informant = await scene.attack({ onOpen: (self) => hello(self) });
      await scene.pass(1000);
      const met: ScriptedPeer[][] = [];
      const added: PexPeer[] = [];
      for (const flags of [PEX_FLAG.prefersEncryption, 0]) {
        const host = scene.host();
        const script = { infoHash: scene.infoHash, handshake: false };
        met.push((await scene.world.complete(listenScripted(host, 6881, script))).peers);
        added.push({ address: host.address, port: 6881, flags });
      }
      sendPex(informant, added);
      await scene.pass(5000);
      const wasPlain = met.map(([first]) => first!.handshake !== null);
      assert.deepEqual(wasPlain, [false, true]);
    }));

  it("a peer that was reached by hole punching alone is not called reachable", () =>
    withWorld({ seed: 64 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [8192 * KIB],
      });
      const host = { isNatted: true, upBytesPerSecond: 10_000 };
      const hidden = await startNode(world, {
        host: { address: "81.2.3.1", ...host },
        sample,
        seed: true,
      });
      const middle = await startNode(world, { host: { address: "81.2.3.2" }, sample });
      const infoHash = sample.metainfo.v1!.infoHash;
      const dial = (address: string, extensions: Record<string, number>) =>
        world.complete(
          dialScripted(world.host({ address }), endpointOf(middle), {
            infoHash,
            onOpen: (self) =>
              self.send(encodeExtended(0, encodeExtensionHandshake({ extensions }))),
          }),
        );
      const relay = await dial("81.2.3.3", { ut_holepunch: OUR_ID });
      // Its NAT lets the middle in because it sent there, as it would when told to connect.
      hidden.session.udp!.send(Uint8Array.of(0), endpointOf(middle));
      await world.run({ untilMs: world.timeMs + 1000 });
      const [handshake] = relay.heardOf("extended");
      const id = /12:ut_holepunchi(\d+)e/.exec(Buffer.from(handshake!.payload).toString("latin1"));
      const connect = encodeHolepunch({ type: "connect", endpoint: endpointOf(hidden) });
      relay.send(encodeExtended(Number(id![1]), connect));
      await world.run({ untilMs: world.timeMs + 5000 });
      const listener = await dial("81.2.3.4", { ut_pex: OUR_ID });
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.deepEqual(heardPex(listener)[0]!.added, [
        { ...endpointOf(hidden), flags: PEX_FLAG.uploadOnly | PEX_FLAG.utp | PEX_FLAG.holepunch },
      ]);
      await world.complete(Promise.all([hidden, middle].map((node) => node.session.close())));
    }));

  it("`peerExchange: false` keeps a torrent out of it", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const peer = await scene.attack({ onOpen: (self) => hello(self) });
        await scene.pass(2000);
        assert.equal(pexIdOf(peer), null);
        assert.deepEqual(heardPex(peer), []);
      },
      { session: { peerExchange: false } },
    ));
});

describe("a peer that lies in its exchange", () => {
  const liar = async (scene: Scene, script = hello): Promise<ScriptedPeer> => {
    const peer = await scene.attack({ onOpen: script });
    await scene.pass(1000);
    return peer;
  };
  const known = ({ victim }: Scene): number => victim.torrent.status().knownAddresses;

  it("is disconnected at its seventh message within a minute, and not before", () =>
    attackOn("leecher", async (scene) => {
      const peer = await liar(scene);
      for (let i = 0; i < 6; i++) sendPex(peer, []);
      await scene.pass(1000);
      assert.equal(peer.isClosed, false);
      await scene.pass(60_000);
      sendPex(peer, []);
      await scene.pass(1000);
      assert.equal(peer.isClosed, false);
      for (let i = 0; i < 6; i++) sendPex(peer, []);
      await scene.pass(1000);
      assert.ok(peer.isClosed);
      assert.deepEqual(scene.reasons(), ["protocol"]);
    }));

  it("has 50 of a message taken, and 100 of all it ever says", () =>
    attackOn("leecher", async (scene) => {
      const peer = await liar(scene);
      const before = known(scene);
      sendPex(peer, named(5000));
      await scene.pass(200);
      assert.equal(known(scene) - before, 50);
      for (let i = 1; i < 6; i++) sendPex(peer, named(50, `10.${80 + i}`));
      await scene.pass(200);
      assert.equal(known(scene) - before, 100);
    }));

  it("is disconnected for more than 500 KiB", () =>
    attackOn("leecher", async (scene) => {
      const peer = await liar(scene);
      sendPex(peer, named(65_000).concat(named(30_000, "10.78")));
      await scene.pass(1000);
      assert.ok(peer.isClosed);
    }));

  it("cannot have this machine dial itself", () =>
    attackOn("leecher", async (scene) => {
      const peer = await liar(scene);
      const before = known(scene);
      sendPex(peer, [
        { address: "127.0.0.1", port: 22, flags: 0 },
        { address: "::1", port: 22, flags: 0 },
      ]);
      await scene.pass(200);
      assert.equal(known(scene), before);
    }));

  it("that is on the internet names nobody on a private network", () =>
    withWorld({ seed: 63 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [512 * KIB],
      });
      const victim = await startNode(world, { host: { address: "81.2.3.4" }, sample });
      const peer = await world.complete(
        dialScripted(world.host({ address: "81.2.3.5" }), endpointOf(victim), {
          infoHash: sample.metainfo.v1!.infoHash,
          onOpen: (self) => hello(self),
        }),
      );
      await world.run({ untilMs: world.timeMs + 1000 });
      const before = victim.torrent.status().knownAddresses;
      sendPex(peer, [...named(5), { address: "81.2.3.9", port: 1, flags: 0 }]);
      await world.run({ untilMs: world.timeMs + 200 });
      assert.equal(victim.torrent.status().knownAddresses, before + 1);
      assert.ok(!holdsContent(victim.host, sample));
      await world.complete(victim.session.close());
    }));
});
