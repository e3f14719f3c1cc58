import assert from "node:assert/strict";
import { encodeHandshake, encodeInterested, encodeRequest } from "@shoal/protocol";
import type { SimHost } from "@shoal/runtime/sim";
import {
  dialScripted,
  type ScriptedPeer,
} from "../../packages/engine/src/simulation/scripted-peer.ts";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const PORT = 6881;
const BLOCK = 16 * 1024;
/** Connections that each attacker opens to each member in turn, a second apart. */
const ATTACKS_PER_MEMBER = 6;

export const slowLoris: Scenario = {
  name: "slow-loris",
  promise:
    "connections that drip, or ask and take nothing, cost honest peers neither memory nor places",
  peers: { full: 100, small: 10 },
  async play(crowd, peers) {
    const { world } = crowd;
    const { seeder, members } = await crowd.begin(peers);
    const attackers = Array.from({ length: Math.ceil(peers / 2) }, () =>
      world.host({ address: crowd.address() }),
    );
    const infoHash = crowd.sample.metainfo.v1!.infoHash;
    const open: ScriptedPeer[] = [];
    let attacks = 0;
    let mostOpen = 0;
    const attack = async (from: SimHost, address: string, isGreedy: boolean) => {
      const peer = await dialScripted(
        from,
        { address, port: PORT },
        isGreedy
          ? { infoHash, onOpen: (self) => self.send(encodeInterested()) }
          : { infoHash, handshake: false },
      );
      attacks++;
      open.push(peer);
      if (isGreedy) peer.socket.pause();
    };
    const handshake = encodeHandshake({
      infoHash,
      peerId: new Uint8Array(20).fill(7),
      fast: true,
      extended: true,
      dht: false,
      v2: false,
    });
    const asked = encodeRequest(0, 0, BLOCK);
    for (let second = 0; members.some(({ completedMs }) => completedMs === null); second++) {
      assert.ok(second < 600, "the crowd has come to a halt");
      if (second < ATTACKS_PER_MEMBER) {
        for (const [index, { host }] of [seeder, ...members].entries()) {
          const from = attackers[(index + second) % attackers.length]!;
          void attack(from, host.address, second % 2 === 0).catch(() => {});
        }
      }
      for (const peer of open) {
        if (peer.isClosed) continue;
        // A byte of a handshake a second, or requests for more and more.
        if (peer.handshake === null) peer.send(handshake.subarray(second % 68, (second % 68) + 1));
        else for (let i = 0; i < 20; i++) peer.send(asked);
      }
      await crowd.pass(1);
      mostOpen = Math.max(mostOpen, open.filter((peer) => !peer.isClosed).length);
    }
    await crowd.complete(members, 1);
    await crowd.pass(140);
    const stillOpen = open.filter((peer) => !peer.isClosed && peer.handshake === null).length;
    const { medianS, lastS } = outcome(crowd, members);
    const idealS = crowd.lengthBytes / 100_000;
    const mostHeldBytes = Math.max(...members.map(({ host }) => host.disk.pool.usedBytes));
    assert.equal(stillOpen, 0, "connections without a handshake are still open");
    assert.ok(lastS < idealS * 4, `took ${lastS} s, ${idealS} are ideal`);
    assert.ok(mostHeldBytes <= 1024 * 1024, `${mostHeldBytes} bytes are held`);
    return { attacks, mostOpen, medianS, lastS };
  },
};
