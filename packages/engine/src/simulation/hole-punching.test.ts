import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeHolepunch,
  encodeExtended,
  encodeExtensionHandshake,
  encodeHolepunch,
  encodePex,
  HOLEPUNCH_ERROR,
  type HolepunchMessage,
  PEX_FLAG,
} from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { UtpMode } from "../transport/peer-transport.ts";
import { attackOn, type Scene } from "./hostile-scene.ts";
import { dialScripted, ScriptedPeer } from "./scripted-peer.ts";
import { endpointOf, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;
const OUR_ID = 9;

const sample = sampleTorrent({
  version: "v1",
  pieceLengthBytes: 64 * KIB,
  fileLengths: [8192 * KIB],
});

function hello(self: ScriptedPeer, extensions = ["ut_holepunch"], listenPort = 6881): void {
  const ids = Object.fromEntries(extensions.map((name, index) => [name, OUR_ID + index]));
  self.send(encodeExtended(0, encodeExtensionHandshake({ extensions: ids, listenPort })));
}

/** The ID that the other side takes an extension's messages under; null when it takes none. */
function idOf(peer: ScriptedPeer, name: string): number | null {
  const [handshake] = peer.heardOf("extended").filter(({ id }) => id === 0);
  const pattern = new RegExp(`${name.length}:${name}i(\\d+)e`);
  const match = pattern.exec(Buffer.from(handshake!.payload).toString("latin1"));
  return match === null ? null : Number(match[1]);
}

const say = (peer: ScriptedPeer, message: HolepunchMessage): void =>
  peer.send(encodeExtended(idOf(peer, "ut_holepunch")!, encodeHolepunch(message)));

const heard = (peer: ScriptedPeer): (HolepunchMessage | null)[] =>
  peer
    .heardOf("extended")
    .filter(({ id }) => id === OUR_ID)
    .map(({ payload }) => decodeHolepunch(payload));

/** Where a scripted peer, or a host, says that it takes connections. */
function placeOf(who: ScriptedPeer | { readonly address: string }): Endpoint {
  if (!(who instanceof ScriptedPeer)) return { address: who.address, port: 6881 };
  return { address: who.socket.local.address, port: PORTS.get(who) ?? 6881 };
}
const PORTS = new WeakMap<ScriptedPeer, number>();

/** A scripted peer that speaks the extension. */
async function speaker(
  scene: Scene,
  port = 6881,
  extensions = ["ut_holepunch"],
): Promise<ScriptedPeer> {
  const peer = await scene.attack({ onOpen: (self) => hello(self, extensions, port) });
  PORTS.set(peer, port);
  await scene.pass(200);
  return peer;
}

/**
 * A seed and a leecher that let nobody in, and a third that both are connected to.
 * @returns The leecher's peers after three minutes, by address, with what came of each.
 */
async function meet(world: SimWorld, relayUtp: UtpMode): Promise<Map<string, number>> {
  const relay = await startNode(world, {
    host: { address: "81.2.3.1" },
    sample,
    session: { utp: relayUtp },
  });
  const peers = [endpointOf(relay)];
  const seed = await startNode(world, {
    // So slow that the relay wants something for as long as the test lasts.
    host: { address: "81.2.3.2", isNatted: true, upBytesPerSecond: 20_000 },
    sample,
    seed: true,
    // It hears of nobody, and so dials nobody but whom a relay has it dial.
    torrent: { peers, peerExchange: false },
  });
  await world.run({ untilMs: world.timeMs + 5000 });
  const leecher = await startNode(world, {
    host: { address: "81.2.3.3", isNatted: true },
    sample,
    torrent: { peers },
  });
  await world.run({ untilMs: world.timeMs + 180_000 });
  const met = leecher.torrent.peers.map(
    ({ remote, downloadedBytes }) => [remote.address, downloadedBytes] as const,
  );
  await world.complete(Promise.all([relay, seed, leecher].map((node) => node.session.close())));
  return new Map(met);
}

describe("BEP 55: hole punching", () => {
  it("connects two peers behind NATs by way of a third, and nothing else does", () =>
    withWorld({ seed: 91 }, async (world) => {
      const met = await meet(world, "prefer");
      assert.ok(met.get("81.2.3.2")! > 100 * KIB, JSON.stringify([...met]));
    }));

  it("needs a third that speaks uTP: without, they never meet", () =>
    withWorld({ seed: 91 }, async (world) => {
      const met = await meet(world, "off");
      assert.deepEqual([...met.keys()], ["81.2.3.1"]);
    }));

  it("a relay tells both to connect to each other, each where it is", () =>
    attackOn("leecher", async (scene) => {
      const [asker, target] = [await speaker(scene, 1001), await speaker(scene, 1002)];
      say(asker, { type: "rendezvous", endpoint: placeOf(target) });
      await scene.pass(1000);
      assert.deepEqual(heard(asker), [{ type: "connect", endpoint: placeOf(target) }]);
      assert.deepEqual(heard(target), [{ type: "connect", endpoint: placeOf(asker) }]);
    }));

  it("a relay says why it cannot", () =>
    attackOn("leecher", async (scene) => {
      const asker = await speaker(scene);
      const deaf = await scene.attack({ onOpen: (self) => hello(self, ["ut_pex"]) });
      await scene.pass(1000);
      const wrongs: (readonly [Endpoint, keyof typeof HOLEPUNCH_ERROR])[] = [
        [{ ...placeOf(deaf), port: 0 }, "noSuchPeer"],
        [{ address: "127.0.0.1", port: 22 }, "noSuchPeer"],
        [{ address: "10.6.6.200", port: 6881 }, "notConnected"],
        [placeOf(deaf), "noSupport"],
        [placeOf(asker), "noSelf"],
      ];
      for (const [endpoint] of wrongs) say(asker, { type: "rendezvous", endpoint });
      await scene.pass(1000);
      assert.deepEqual(
        heard(asker),
        wrongs.map(([endpoint, why]) => ({ type: "error", endpoint, code: HOLEPUNCH_ERROR[why] })),
      );
    }));

  it("limit: private addresses in hole punching", () =>
    withWorld({ seed: 92 }, async (world) => {
      const relay = await startNode(world, { host: { address: ["81.2.3.4", "10.0.0.1"] }, sample });
      const connect = (address: string, to: string) =>
        world.complete(
          dialScripted(
            world.host({ address }),
            { address: to, port: relay.session.port },
            { infoHash: sample.metainfo.v1!.infoHash, onOpen: (self) => hello(self) },
          ),
        );
      const stranger = await connect("81.2.3.5", "81.2.3.4");
      const knownBefore = relay.torrent.status().knownAddresses;
      const inner = { address: "10.0.0.7", port: 6881 };
      await world.run({ untilMs: world.timeMs + 1000 });
      say(stranger, { type: "rendezvous", endpoint: inner });
      say(stranger, { type: "connect", endpoint: inner });
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.deepEqual(heard(stranger), [
        { type: "error", endpoint: inner, code: HOLEPUNCH_ERROR.noSuchPeer },
      ]);
      assert.ok(relay.torrent.status().knownAddresses <= knownBefore + 1);
      assert.equal(relay.torrent.status().connectingPeers, 0);
      await world.complete(relay.session.close());
    }));

  it("limit: rendezvous and connects of hole punching", () =>
    attackOn("leecher", async (scene) => {
      const [asker, second] = [await speaker(scene), await speaker(scene)];
      const target = await speaker(scene);
      for (let i = 0; i < 60; i++) {
        say(asker, { type: "rendezvous", endpoint: { address: "10.6.6.250", port: 1 + i } });
      }
      await scene.pass(1000);
      assert.equal(heard(asker).length, 50);
      await scene.pass(60_000);
      for (const peer of [asker, second]) {
        for (let i = 0; i < 40; i++) say(peer, { type: "rendezvous", endpoint: placeOf(target) });
      }
      await scene.pass(1000);
      assert.equal(heard(target).length, 50);
      assert.ok(!target.isClosed && !asker.isClosed);
    }));

  it("who is told to connect does so over uTP, at once and as long as packets are under way", () =>
    attackOn("leecher", async (scene) => {
      const relay = await speaker(scene);
      const host = scene.host();
      const arrivals: number[] = [];
      await scene.world.complete(
        host.net.bindUdp({ port: 7000 }, () => void arrivals.push(scene.world.timeMs)),
      );
      await host.net.listen({ port: 7000 }, () => assert.fail("TCP cannot be punched through"));
      const fromMs = scene.world.timeMs;
      say(relay, { type: "connect", endpoint: { address: host.address, port: 7000 } });
      await scene.pass(9000);
      assert.ok(arrivals[0]! - fromMs < 200, "the first packet goes out at once");
      assert.ok(arrivals.length >= 3, `${arrivals.length} packets`);
    }));

  it("limit: holes being punched", () =>
    attackOn("leecher", async (scene) => {
      const relay = await speaker(scene);
      for (let port = 1; port <= 40; port++) {
        say(relay, { type: "connect", endpoint: { address: "10.7.7.7", port } });
      }
      await scene.pass(1000);
      // The rest waits its turn, as any other address does.
      assert.equal(scene.victim.torrent.status().connectingPeers, 8 + 16);
    }));

  it("a peer that cannot be reached is asked for once, of whom it is known from", () =>
    attackOn("leecher", async (scene) => {
      const informant = await speaker(scene, 6881, ["ut_holepunch", "ut_pex"]);
      const other = await speaker(scene);
      const [flagged, plain] = [scene.host(), scene.host()];
      const added = [
        { ...placeOf(flagged), flags: PEX_FLAG.holepunch | PEX_FLAG.utp },
        { ...placeOf(plain), flags: PEX_FLAG.utp },
      ];
      const id = idOf(informant, "ut_pex")!;
      informant.send(encodeExtended(id, encodePex({ added, dropped: [] })));
      await scene.pass(14_000);
      assert.deepEqual(heard(informant), [{ type: "rendezvous", endpoint: placeOf(flagged) }]);
      assert.deepEqual(heard(other), []);
    }));

  it("BEP 27: a private torrent has none of it, nor has a session without uTP", async () => {
    const secret = sampleTorrent({
      version: "v1",
      pieceLengthBytes: 64 * KIB,
      fileLengths: [64 * KIB],
      details: { isPrivate: true },
    });
    for (const [torrent, utp, offers] of [
      [sample, "prefer", true],
      [sample, "off", false],
      [secret, "prefer", false],
    ] as const) {
      await withWorld({ seed: 93 }, async (world) => {
        const node = await startNode(world, {
          host: { address: "10.0.0.1" },
          sample: torrent,
          session: { utp },
        });
        const peer = await world.complete(
          dialScripted(world.host({ address: "10.0.0.2" }), endpointOf(node), {
            infoHash: torrent.metainfo.v1!.infoHash,
            onOpen: (self) => hello(self),
          }),
        );
        await world.run({ untilMs: world.timeMs + 1000 });
        assert.equal(idOf(peer, "ut_holepunch") !== null, offers);
        await world.complete(node.session.close());
      });
    }
  });

  it("closes the connection of who sends what is no message of it", () =>
    attackOn("leecher", async (scene) => {
      const peer = await speaker(scene);
      peer.send(encodeExtended(idOf(peer, "ut_holepunch")!, Uint8Array.of(0, 0, 1)));
      await scene.pass(1000);
      assert.ok(peer.isClosed);
    }));
});
