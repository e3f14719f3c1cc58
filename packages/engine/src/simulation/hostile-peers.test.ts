import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeBitfield,
  encodeExtended,
  encodeHandshake,
  encodeHave,
  encodeHaveNone,
  encodeInterested,
  encodeReject,
  encodeRequest,
} from "@shoal/protocol";
import { openGate } from "../extension/flow-gate.ts";
import { listenScripted, pieceMessage, seedScript } from "./scripted-peer.ts";
import { holdsContent } from "./swarm-world.ts";

import { attackOn, type Scene } from "./hostile-scene.ts";
const KIB = 1024;
const BLOCK = 16 * KIB;

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
