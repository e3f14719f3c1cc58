import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeBitfield,
  encodeChoke,
  encodeExtended,
  encodeHandshake,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeReject,
  encodeRequest,
  encodeUnchoke,
  formatMagnet,
  swarmHashes,
} from "@shoal/protocol";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { openGate } from "../extension/flow-gate.ts";
import type { SessionOptions } from "../session/session.ts";
import type { TorrentEvent } from "../torrent/status.ts";
import {
  dialScripted,
  listenScripted,
  pieceMessage,
  seedScript,
  type Script,
  type ScriptedPeer,
  spoil,
} from "./scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

/** A victim with two torrents: the one under attack, and one that must not notice. */
interface Scene {
  readonly world: SimWorld;
  readonly sample: SampleTorrent;
  readonly victim: Node;
  readonly events: TorrentEvent[];
  readonly infoHash: Uint8Array;
  /** A hostile host; each has its own address. */
  host(): SimHost;
  /** Connects a hostile peer to the victim. */
  attack(script?: Partial<Script>, from?: SimHost): Promise<ScriptedPeer>;
  /** Lets this many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** An honest seed of the torrent under attack. */
  honest(upBytesPerSecond?: number): Promise<Node>;
  /** Why the victim let its peers go, in order. */
  reasons(): (string | null)[];
}

/**
 * Runs a test against a victim that seeds or leeches, and then proves that nothing was harmed: the
 * victim's other torrent completes, and after closing no memory is held and nothing is left to happen.
 */
function attackOn(
  role: "seed" | "leecher",
  test: (scene: Scene) => Promise<void>,
  options: {
    version?: "v1" | "v2";
    pieces?: number;
    magnet?: boolean;
    session?: Partial<SessionOptions>;
  } = {},
): Promise<void> {
  const { version = "v1", pieces = 24, magnet = false, session = {} } = options;
  return withWorld({ seed: 11 }, async (world) => {
    const sample = sampleTorrent({
      version,
      pieceLengthBytes: 64 * KIB,
      fileLengths: [pieces * 64 * KIB - 5000],
    });
    const other = sampleTorrent({
      version: "v1",
      pieceLengthBytes: 64 * KIB,
      fileLengths: [512 * KIB],
      seed: 2,
    });
    const { v1, v2 } = sample.metainfo;
    const [infoHash] = swarmHashes({ v1, v2 });
    const otherSeed = await startNode(world, {
      host: { address: "10.9.9.9", upBytesPerSecond: 100_000 },
      sample: other,
      seed: true,
    });
    const source = formatMagnet({
      infoHashV1: v1?.infoHash ?? null,
      infoHashV2: v2?.infoHash ?? null,
    });
    const victim = await startNode(world, {
      host: { address: "10.0.0.1" },
      sample,
      seed: role === "seed",
      session,
      ...(magnet ? { source } : {}),
    });
    const events: TorrentEvent[] = [];
    victim.torrent.on((event) => events.push(event));
    const bystander = await victim.session.add(other.bytes, {
      dir: "/other",
      peers: [endpointOf(otherSeed)],
    });
    const nodes = [otherSeed, victim];
    let hosts = 0;
    const host = (): SimHost => world.host({ address: `10.6.6.${++hosts}` });
    await test({
      world,
      sample,
      victim,
      events,
      infoHash: infoHash!,
      host,
      attack: (script, from = host()) =>
        world.complete(dialScripted(from, endpointOf(victim), { infoHash: infoHash!, ...script })),
      pass: (ms) => world.run({ untilMs: world.timeMs + ms }),
      async honest(upBytesPerSecond = 1e6) {
        const node = await startNode(world, {
          host: { address: `10.1.1.${nodes.length}`, upBytesPerSecond },
          sample,
          seed: true,
        });
        nodes.push(node);
        return node;
      },
      reasons: () =>
        events.flatMap((event) =>
          event.type === "peer-disconnected"
            ? [event.error === null ? null : (event.error as Error & { code: string }).code]
            : [],
        ),
    });
    await world.complete(bystander.whenComplete());
    assert.ok(holdsContent(victim.host, other, "/other"), "the other torrent was harmed");
    await world.complete(Promise.all(nodes.map((node) => node.session.close())));
    for (const node of nodes) assert.equal(node.host.disk.pool.usedBytes, 0);
    await assert.rejects(
      world.run({ until: () => false, limitMs: world.timeMs + 3_600_000 }),
      /Nothing is left to happen/,
    );
  });
}

const u32 = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

/** Lets little be outstanding: who loses count of what is, stalls. */
const FEW_OUTSTANDING = { ...openGate, downloadCredit: () => 8 * BLOCK };

/** Attacks after which the victim must have hung up within a second, and why. */
const FATAL: readonly {
  readonly name: string;
  readonly code: string;
  readonly send: (scene: Scene) => Uint8Array[];
}[] = [
  {
    name: "a message over 1 MiB is announced",
    code: "message-too-long",
    send: () => [u32(1024 * KIB + 1)],
  },
  {
    name: "a message of 4 GiB is announced",
    code: "message-too-long",
    send: () => [u32(0xffff_ffff)],
  },
  {
    name: "a request goes beyond its piece",
    code: "protocol",
    send: () => [encodeRequest(0, 48 * KIB, BLOCK + 1)],
  },
  {
    name: "a request goes beyond the end of the torrent",
    code: "protocol",
    send: () => [encodeRequest(23, 64 * KIB - 5000, BLOCK)],
  },
  {
    name: "a request names a piece that does not exist",
    code: "protocol",
    send: () => [encodeRequest(24, 0, BLOCK)],
  },
  {
    name: "a request begins near 2^32, where sums may overflow",
    code: "protocol",
    send: () => [encodeRequest(0, 0xffff_f000, BLOCK)],
  },
  {
    name: "a request asks for more than 128 KiB",
    code: "protocol",
    send: () => [encodeRequest(0, 0, 128 * KIB + 1)],
  },
  {
    name: "a request asks for nothing",
    code: "protocol",
    send: () => [encodeRequest(0, 0, 0)],
  },
  {
    name: "more than 300 requests come while choked",
    code: "protocol",
    send: () => Array.from({ length: 301 }, () => encodeRequest(0, 0, BLOCK)),
  },
  { name: "a `have` is out of range", code: "protocol", send: () => [encodeHave(24)] },
  {
    name: "a bitfield has spare bits set",
    code: "bad-bitfield",
    send: () => [encodeBitfield(Uint8Array.of(0xff, 0xff, 0xff, 0x01))],
  },
  {
    name: "a bitfield is too short",
    code: "bad-bitfield",
    send: () => [encodeBitfield(Uint8Array.of(0xff))],
  },
  {
    name: "it says again and again what it has, at a price of five bytes",
    code: "protocol",
    send: () => Array.from({ length: 9 }, encodeHaveNone),
  },
  {
    name: "a block has no place in the torrent",
    code: "protocol",
    send: () => [pieceMessage(24, 0, new Uint8Array(BLOCK))],
  },
  {
    name: "a block lies across the borders of blocks",
    code: "protocol",
    send: () => [pieceMessage(0, 100, new Uint8Array(BLOCK))],
  },
  {
    name: "a block is empty",
    code: "protocol",
    send: () => [pieceMessage(0, 0, new Uint8Array(0))],
  },
  {
    name: "an extension handshake is junk",
    code: "bad-extension-message",
    send: () => [encodeExtended(0, Buffer.from("d1:md11:ut_metadata"))],
  },
  {
    name: "a `have` is too long",
    code: "bad-length",
    send: () => [Uint8Array.of(0, 0, 0, 6, 4, 0, 0, 0, 0, 0)],
  },
];

describe("a peer is disconnected, and nothing else is harmed, when", () => {
  for (const { name, code, send } of FATAL) {
    it(name, () =>
      attackOn("seed", async (scene) => {
        const peer = await scene.attack();
        await scene.pass(500);
        assert.equal(peer.isClosed, false);
        peer.send(...send(scene));
        await scene.pass(1000);
        assert.ok(peer.isClosed, "still connected");
        assert.deepEqual(
          scene.reasons().map((reason) => reason ?? "none"),
          [code],
        );
      }),
    );
  }

  it("an extended message comes without the handshake's bit", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ extended: false });
      await scene.pass(500);
      peer.send(encodeExtended(0, Buffer.from("de")));
      await scene.pass(1000);
      assert.deepEqual(scene.reasons(), ["protocol"]);
    }));

  it("its handshake does not come within 10 s", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ handshake: false });
      await scene.pass(9900);
      assert.equal(peer.isClosed, false);
      await scene.pass(200);
      assert.ok(peer.isClosed);
    }));

  it("its handshake drips, a byte a second (slow loris)", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ handshake: false });
      const hello = encodeHandshake({ infoHash: scene.infoHash, peerId: new Uint8Array(20) });
      for (const byte of hello.subarray(0, 11)) {
        peer.send(Uint8Array.of(byte));
        await scene.pass(1000);
      }
      assert.ok(peer.isClosed);
    }));

  it("it answers our handshake with silence for 10 s", () =>
    attackOn("leecher", async (scene) => {
      const host = scene.host();
      const { peers } = await listenScripted(host, 6881, {
        infoHash: scene.infoHash,
        handshake: false,
      });
      scene.victim.torrent.addPeers([{ address: host.address, port: 6881 }]);
      await scene.pass(1000);
      assert.equal(peers[0]!.isClosed, false);
      await scene.pass(10_000);
      assert.ok(peers[0]!.isClosed);
    }));

  it("it names a torrent that is not here", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ infoHash: new Uint8Array(20).fill(7) });
      await scene.pass(1000);
      assert.ok(peer.isClosed);
      assert.equal(peer.handshake, null);
    }));

  it("garbage comes at full speed instead of a handshake", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ handshake: false });
      peer.send(scene.world.host({ address: "10.7.7.7" }).random.bytes(2 * KIB * KIB));
      await scene.pass(11_000);
      assert.ok(peer.isClosed);
    }));

  it("garbage comes at full speed behind the handshake", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack();
      const { random } = scene.world.host({ address: "10.7.7.7" });
      for (let i = 0; i < 8; i++) peer.send(random.bytes(256 * KIB));
      await scene.pass(1000);
      assert.ok(peer.isClosed);
    }));

  it("nothing comes of it for 130 s", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ onOpen: (self) => self.send(encodeInterested()) });
      await scene.pass(129_000);
      assert.equal(peer.isClosed, false);
      await scene.pass(3000);
      assert.ok(peer.isClosed);
      assert.deepEqual(scene.reasons(), ["inactive"]);
    }));

  it("neither side wants anything of the other for 10 minutes", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack();
      for (let minute = 0; minute < 10; minute++) {
        assert.equal(peer.isClosed, false);
        await scene.pass(60_000);
        peer.send(new Uint8Array(4));
      }
      await scene.pass(3000);
      assert.ok(peer.isClosed);
      assert.deepEqual(scene.reasons(), ["not-useful"]);
    }));

  it("it asks for ever more and takes nothing of what it asked for", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ onOpen: (self) => self.send(encodeInterested()) });
      await scene.pass(2000);
      assert.equal(peer.heardOf("unchoke").length, 1);
      peer.socket.pause();
      const requests = Buffer.concat(
        Array.from({ length: 4000 }, (_, index) => encodeRequest(index % 24, 0, BLOCK)),
      );
      for (let i = 0; i < 400 && !peer.isClosed; i++) {
        peer.send(requests);
        await scene.pass(100);
        const [view] = scene.victim.torrent.peers;
        if (view === undefined) break;
      }
      assert.deepEqual(scene.victim.torrent.peers, []);
    }));
});

describe("a peer that asks too much", () => {
  it("more than 2,000 queued requests are rejected, and the peer stays", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({ onOpen: (self) => self.send(encodeInterested()) });
      await scene.pass(2000);
      scene.victim.session.setLimits({ upload: 1000 });
      for (let i = 0; i < 2500; i++) peer.send(encodeRequest(i % 20, (i % 3) * BLOCK, BLOCK));
      await scene.pass(2000);
      const [view] = scene.victim.torrent.peers;
      assert.ok(view!.requestsQueued <= 2000, `${view!.requestsQueued} are queued`);
      const rejected = peer.heardOf("reject").length;
      assert.ok(rejected >= 490 && rejected <= 500, `${rejected} were rejected`);
    }));

  it("a request for a piece that is not here is rejected", () =>
    attackOn("leecher", async (scene) => {
      const peer = await scene.attack({ onOpen: (self) => self.send(encodeInterested()) });
      await scene.pass(1000);
      peer.send(encodeRequest(3, 0, BLOCK));
      await scene.pass(1000);
      assert.deepEqual(peer.heardOf("reject"), [
        { type: "reject", piece: 3, begin: 0, lengthBytes: BLOCK },
      ]);
    }));
});

describe("a peer that sends what it should not", () => {
  it("blocks that nobody asked for take no memory, and are no merit", () =>
    attackOn("leecher", async (scene) => {
      const peer = await scene.attack();
      await scene.pass(500);
      for (let i = 0; i < 200; i++) peer.send(pieceMessage(i % 24, 0, new Uint8Array(BLOCK)));
      await scene.pass(60_000);
      const status = scene.victim.torrent.status();
      assert.equal(status.wastedBytes, 200 * BLOCK);
      assert.equal(status.verifiedPieces, 0);
      assert.equal(scene.victim.torrent.peers[0]?.downloadedBytes, 0);
    }));

  it("rejects of what was never asked for change nothing: the download completes", () =>
    attackOn(
      "leecher",
      async (scene) => {
        await scene.attack({
          ...seedScript(scene.sample),
          onMessage(self, message) {
            if (message.type !== "request") return;
            // The first block of the next piece, in the disguise of a block beyond this one's end.
            self.send(encodeReject(Math.max(0, message.piece - 1), 4 * BLOCK, BLOCK));
            self.send(encodeReject(0xffff_ffff, 0xffff_ffff, 0xffff_ffff));
            self.send(encodeReject(message.piece, message.begin + 1, BLOCK));
            seedScript(scene.sample).onMessage!(self, message);
          },
        });
        await scene.world.complete(scene.victim.torrent.whenComplete(), 100_000);
        assert.ok(holdsContent(scene.victim.host, scene.sample));
        assert.equal(scene.victim.torrent.status().wastedBytes, 0);
      },
      { session: { flowGate: FEW_OUTSTANDING } },
    ));
});

describe("a peer that lies about content", () => {
  it("is banned at once when it alone sent a bad piece; the download completes from others", () =>
    attackOn("leecher", async (scene) => {
      const liar = scene.host();
      const { peers } = await listenScripted(
        liar,
        6881,
        seedScript(scene.sample, { answer: spoil }),
      );
      scene.victim.torrent.addPeers([{ address: liar.address, port: 6881 }]);
      await scene.pass(5000);
      assert.deepEqual(
        scene.events.flatMap((event) => (event.type === "peer-banned" ? [event.address] : [])),
        [liar.address],
      );
      assert.ok(peers[0]!.isClosed);
      const again = await scene.attack({}, liar);
      await scene.pass(1000);
      assert.ok(again.isClosed, "a banned address was let in");
      const honest = await scene.honest();
      scene.victim.torrent.addPeers([endpointOf(honest)]);
      await scene.world.complete(scene.victim.torrent.whenComplete());
      assert.ok(holdsContent(scene.victim.host, scene.sample));
    }));

  for (const version of ["v1", "v2"] as const) {
    it(`${version}: a liar among honest peers is found, only it, and the download completes`, () =>
      attackOn(
        "leecher",
        async (scene) => {
          const liar = scene.host();
          let turn = 0;
          await listenScripted(
            liar,
            6881,
            seedScript(scene.sample, {
              answer: (block) => (++turn % 3 === 0 ? spoil(block) : block),
            }),
          );
          const honest = [await scene.honest(150_000), await scene.honest(150_000)];
          scene.victim.torrent.addPeers([
            ...honest.map(endpointOf),
            { address: liar.address, port: 6881 },
          ]);
          await scene.world.complete(scene.victim.torrent.whenComplete());
          assert.ok(holdsContent(scene.victim.host, scene.sample));
          assert.ok(scene.victim.torrent.status().failedPieces > 0, "nothing was spoiled");
          assert.deepEqual(
            [
              ...new Set(
                scene.events.flatMap((event) =>
                  event.type === "peer-banned" ? [event.address] : [],
                ),
              ),
            ],
            [liar.address],
          );
        },
        { version, pieces: 96 },
      ));
  }

  it("metadata of another torrent bans it; the metadata comes from another peer", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const liar = scene.host();
        await listenScripted(liar, 6881, {
          infoHash: scene.infoHash,
          onOpen: (self) =>
            self.send(
              encodeExtended(0, Buffer.from("d1:md11:ut_metadatai3ee13:metadata_sizei100ee")),
            ),
          onMessage(self, message) {
            if (message.type !== "extended" || message.id === 0) return;
            const head = Buffer.from("d8:msg_typei1e5:piecei0e10:total_sizei100ee");
            self.send(encodeExtended(1, Buffer.concat([head, Buffer.alloc(100, "x")])));
          },
        });
        scene.victim.torrent.addPeers([{ address: liar.address, port: 6881 }]);
        await scene.pass(3000);
        assert.deepEqual(
          scene.events.flatMap((event) => (event.type === "peer-banned" ? [event.address] : [])),
          [liar.address],
        );
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        await scene.world.complete(scene.victim.torrent.whenComplete());
        assert.ok(holdsContent(scene.victim.host, scene.sample));
      },
      { magnet: true },
    ));

  for (const lengthBytes of [0, 1, 30 * KIB * KIB, 2 ** 40]) {
    it(`peers that announce ${lengthBytes} bytes of metadata and send none hold up nobody`, () =>
      attackOn(
        "leecher",
        async (scene) => {
          const hello = `d1:md11:ut_metadatai3ee13:metadata_sizei${lengthBytes}ee`;
          for (let i = 0; i < 5; i++) {
            await scene.attack({
              onOpen: (self) => self.send(encodeExtended(0, Buffer.from(hello))),
            });
          }
          await scene.pass(2000);
          scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
          await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
          assert.ok(holdsContent(scene.victim.host, scene.sample));
        },
        { magnet: true },
      ));
  }

  it("a bitfield that does not fit the metadata which comes later costs only its sender", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const liar = await scene.attack({
          onOpen: (self) => self.send(encodeBitfield(new Uint8Array(500).fill(0xff))),
        });
        await scene.pass(1000);
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        await scene.world.complete(scene.victim.torrent.whenComplete());
        assert.ok(liar.isClosed);
      },
      { magnet: true },
    ));
});

describe("a peer that holds things up", () => {
  it("one that chokes for ever is no reason to wait", () =>
    attackOn("leecher", async (scene) => {
      await scene.attack({ onOpen: (self) => self.send(encodeHaveAll(), encodeChoke()) });
      await scene.pass(5000);
      scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
      await scene.world.complete(scene.victim.torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(scene.victim.host, scene.sample));
    }));

  for (const fast of [true, false]) {
    const kind = fast ? "with" : "without";
    it(`one ${kind} the fast extension that chokes and unchokes without end slows nobody`, () =>
      attackOn("leecher", async (scene) => {
        const mute = seedScript(scene.sample, { answer: () => null });
        const peer = await scene.attack({ ...mute, fast });
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        for (let i = 0; i < 100; i++) {
          if (!peer.isClosed) peer.send(encodeChoke(), encodeUnchoke());
          await scene.pass(200);
        }
        await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
      }));
  }

  for (const count of [1, 6]) {
    it(`${count} that take requests and never answer: others finish their blocks`, () =>
      attackOn("leecher", async (scene) => {
        const mutes = [];
        for (let i = 0; i < count; i++) {
          mutes.push(await scene.attack(seedScript(scene.sample, { answer: () => null })));
        }
        await scene.pass(5000);
        assert.ok(mutes[0]!.heardOf("request").length > 0);
        scene.victim.torrent.addPeers([endpointOf(await scene.honest(200_000))]);
        await scene.world.complete(scene.victim.torrent.whenComplete(), 200_000);
        assert.ok(holdsContent(scene.victim.host, scene.sample));
      }));
  }

  it("six that answer all but the last blocks: an honest peer gets to send them", () =>
    attackOn("leecher", async (scene) => {
      for (let i = 0; i < 6; i++) {
        await scene.attack(
          seedScript(scene.sample, { answer: (block, piece) => (piece >= 22 ? null : block) }),
        );
      }
      await scene.pass(100_000);
      const { verifiedPieces } = scene.victim.torrent.status();
      assert.ok(verifiedPieces <= 22, `${verifiedPieces} pieces`);
      scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
      await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
    }));

  it("closing a session cuts connections that are still in their handshake", () =>
    withWorld({ seed: 12 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [64 * KIB],
      });
      const node = await startNode(world, { host: { address: "10.0.0.1" }, sample });
      const silent = { infoHash: new Uint8Array(20), handshake: false };
      const listening = world.host({ address: "10.0.0.2" });
      const { peers } = await listenScripted(listening, 6881, silent);
      const incoming = await world.complete(
        dialScripted(world.host({ address: "10.0.0.3" }), endpointOf(node), silent),
      );
      node.torrent.addPeers([{ address: listening.address, port: 6881 }]);
      await world.run({ untilMs: world.timeMs + 1000 });
      await world.complete(node.session.close());
      await world.run({ untilMs: world.timeMs + 100 });
      assert.ok(incoming.isClosed, "the incoming one is open");
      assert.ok(peers[0]!.isClosed, "the outgoing one is open");
    }));
});
