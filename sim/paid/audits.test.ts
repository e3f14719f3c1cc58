import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { KeySigner } from "@shoal/chain";
import { createTitForTatPolicy } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  listenScripted,
  pieceMessage,
  type ScriptedPeer,
  seedScript,
  spoil,
} from "../../packages/engine/src/simulation/scripted-peer.ts";
import {
  endpointOf,
  sampleTorrent,
  startNode,
} from "../../packages/engine/src/simulation/swarm-world.ts";
import { auditSeeder } from "../../packages/speed/src/audit/audit-seeder.ts";
import {
  auditSeeders,
  findSellers,
  presentIn,
} from "../../packages/speed/src/audit/audit-swarm.ts";
import { PayChecks, PayeeSigner } from "../../packages/speed/src/channel/pay-crypto.ts";
import { toBytes20 } from "../../packages/speed/src/channel/pay-address.ts";
import { keyOf, PaidWorld, tradeOptions } from "./paid-world.ts";
import { withPay } from "./pay-speaker.ts";

const KIB = 1024;
const PIECE = 64 * KIB;
type Pretence = (peers: readonly ScriptedPeer[], clock: Clock) => Answer;
type Answer = (block: Uint8Array, piece: number, begin: number) => Uint8Array | null;

class Scene {
  readonly world: SimWorld;
  readonly paid: PaidWorld;
  readonly sample;
  #hosts = 0;

  constructor(world: SimWorld, version: "v1" | "v2") {
    this.world = world;
    this.paid = new PaidWorld(world);
    this.sample = sampleTorrent({
      version,
      pieceLengthBytes: PIECE,
      fileLengths: [700 * KIB, 900 * KIB, 100],
    });
  }

  host(upBytesPerSecond = 500_000) {
    return this.world.host({ address: `10.0.0.${++this.#hosts}`, upBytesPerSecond });
  }

  /** A seeder as it should be. */
  async honest(number: number, upBytesPerSecond?: number) {
    const host = this.host(upBytesPerSecond);
    const { seller } = await this.paid.seller(host, number);
    const free = createTitForTatPolicy({ random: host.random });
    const { sample } = this;
    const session = { ...tradeOptions(host, { seller, free }), lsd: true };
    const node = await startNode(this.world, { host, sample, seed: true, session });
    return {
      endpoint: endpointOf(node),
      sentBytes: () => node.torrent.status().uploadedBytes,
      close: async () => {
        seller.close();
        await node.session.close();
      },
    };
  }

  /** One that says what an honest seeder says, and answers as it likes. */
  async pretender(number: number, answer: Pretence) {
    const host = this.host();
    const { digests } = this.paid;
    const { key, address } = keyOf(number);
    const signer = new PayeeSigner(digests, new KeySigner(key));
    const peers: ScriptedPeer[] = [];
    const pay = withPay(host, seedScript(this.sample, { answer: answer(peers, host.clock) }));
    const terms = { minPrice: 1n, minChallengeSeconds: 3600 };
    await this.world.complete(
      listenScripted(host, 6881, {
        ...pay.script,
        onOpen(peer) {
          peers.push(peer);
          pay.script.onOpen?.(peer);
        },
        onMessage(peer, message) {
          const speaker = pay.speakers.find((each) => each.peer === peer);
          const hadNonce = (speaker?.theirNonce ?? null) !== null;
          pay.script.onMessage?.(peer, message);
          if (speaker === undefined || hadNonce || speaker.theirNonce === null) return;
          void signer.signOffer(speaker.asPayee, terms).then((signature) =>
            speaker.say({
              ...{ type: "offer", version: 1, slots: 4, ...terms, ...signature },
              chainId: digests.chainId,
              contract: toBytes20(digests.contract),
              payee: toBytes20(address),
            }),
          );
        },
      }),
    );
    return { address: host.address, port: 6881 };
  }

  get init() {
    const runtime = this.host();
    return {
      runtime,
      metainfo: this.sample.metainfo,
      dir: "/audit",
      checks: new PayChecks(this.paid.digests),
      sessionOptions: { host: runtime.address },
    };
  }

  async audit(endpoint: { address: string; port: number }) {
    return await this.world.complete(auditSeeder(this.init, endpoint), 400_000);
  }
}

function inScene(play: (scene: Scene) => Promise<void>, version: "v1" | "v2" = "v1") {
  return () => withWorld({ seed: 5 }, async (world) => await play(new Scene(world, version)));
}

suite("audits of seeders", () => {
  for (const version of ["v1", "v2"] as const) {
    test(
      `${version}: an honest seeder passes, by its account, and little is fetched from it`,
      inScene(async (scene) => {
        const { endpoint, sentBytes, close } = await scene.honest(1);
        const audit = await scene.audit(endpoint);
        assert.equal(audit.failure, null);
        assert.equal(audit.payee, keyOf(1).address);
        assert.equal(audit.challenges.length, 4);
        assert.equal(new Set(audit.challenges.map(({ piece }) => piece)).size, 4);
        assert.ok(sentBytes() <= 9 * PIECE, `${sentBytes()} bytes were fetched`);
        assert.ok(audit.challenges.every(({ doneMs }) => doneMs !== null));
        await scene.world.complete(close());
      }, version),
    );
  }

  test(
    "a line of 20 kB/s is fast enough",
    inScene(async (scene) => {
      const { endpoint, close } = await scene.honest(1, 20_000);
      assert.equal((await scene.audit(endpoint)).failure, null);
      await scene.world.complete(close());
    }),
  );

  const pretenders: Record<string, [string, Pretence]> = {
    "one that holds nothing, and says it has all, is late": ["late", () => () => null],
    "one that makes blocks up is found by their hashes": ["bad", () => (block) => spoil(block)],
  };
  for (const [what, [failure, answer]] of Object.entries(pretenders)) {
    test(
      what,
      inScene(async (scene) => {
        const audit = await scene.audit(await scene.pretender(2, answer));
        assert.equal(audit.failure, failure);
        assert.equal(audit.payee, keyOf(2).address);
      }),
    );
  }

  test(
    "one that has to fetch each block from elsewhere first is late",
    inScene(async (scene) => {
      const late = await scene.pretender(2, (peers, clock) => (block, piece, begin) => {
        clock.setTimer(5000, () => peers.at(-1)?.send(pieceMessage(piece, begin, block)));
        return null;
      });
      assert.equal((await scene.audit(late)).failure, "late");
    }),
  );

  test(
    "a seed that names no account, and an address where nobody is, do not count",
    inScene(async (scene) => {
      const { world, sample } = scene;
      const plain = await startNode(world, { host: scene.host(), sample, seed: true });
      assert.equal((await scene.audit(endpointOf(plain))).failure, "no-account");
      assert.equal((await scene.audit({ address: "10.9.9.9", port: 6881 })).failure, "unreachable");
      await world.complete(plain.session.close());
    }),
  );

  test(
    "of several, those who passed are reported, ascending and once each",
    inScene(async (scene) => {
      const { world } = scene;
      const seeders = [await scene.honest(3), await scene.honest(1), await scene.honest(3)];
      const nobody = await scene.pretender(2, () => () => null);
      const endpoints = [...seeders.map(({ endpoint }) => endpoint), nobody];
      const audits = await world.complete(
        auditSeeders(scene.init, endpoints, (index) => `/audit/${index}`),
        400_000,
      );
      assert.deepEqual(presentIn(audits), [keyOf(1).address, keyOf(3).address].toSorted());
      for (const { close } of seeders) await world.complete(close());
    }),
  );

  test(
    "sellers are found by what the session finds peers by, and asked for nothing",
    inScene(async (scene) => {
      const { world, init } = scene;
      const { endpoint, close } = await scene.honest(1);
      const sessionOptions = { ...init.sessionOptions, lsd: true };
      const found = await world.complete(findSellers({ ...init, sessionOptions }, 20_000), 60_000);
      assert.deepEqual(found, [endpoint]);
      await world.complete(close());
    }),
  );
});
