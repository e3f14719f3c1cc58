import assert from "node:assert/strict";
import { encodeReject } from "@shoal/protocol";
import {
  listenScripted,
  type Script,
  seedScript,
  spoil,
} from "../../packages/engine/src/simulation/scripted-peer.ts";
import { type Crowd, outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const PORT = 6881;
/** Liars for each honest peer. */
const LIARS = 0.2;
const MOST_WASTE = 0.5;

export const liars: Scenario = {
  name: "liars",
  promise:
    "bad blocks and false haves of many delay honest peers, and are never kept nor passed on",
  peers: { full: 150, small: 20 },
  async play(crowd, peers) {
    const addresses = await startLiars(crowd, Math.ceil(peers * LIARS));
    const { seeder, members } = await crowd.begin(peers, () => ({
      torrent: { peers: addresses.map((address) => ({ address, port: PORT })) },
    }));
    const banned = new Set<string>();
    for (const { torrent } of [seeder, ...members]) {
      torrent.on((event) => {
        if (event.type === "peer-banned") banned.add(event.address);
      });
    }
    await crowd.complete(members, 3600);
    const figures = outcome(crowd, members);
    const innocent = [...banned].filter((address) => !addresses.includes(address));
    assert.deepEqual(innocent, [], "honest peers were banned");
    assert.ok(banned.size > 0, "nobody was banned");
    assert.ok(figures.waste < MOST_WASTE, `${figures.waste} of the payload came in vain`);
    return { liars: addresses.length, banned: banned.size, ...figures };
  },
};

/** Liars of four kinds, which claim to have everything. @returns Their addresses. */
export async function startLiars(crowd: Crowd, count: number): Promise<string[]> {
  const { sample, random, world } = crowd;
  const kinds: readonly Script[] = [
    // All of it is bad.
    seedScript(sample, { answer: spoil }),
    // One block in three is.
    seedScript(sample, { answer: (block) => (random.integer(3) === 0 ? spoil(block) : block) }),
    // Nothing of what it claims to have is there: it keeps silent, or rejects what it is asked for.
    seedScript(sample, { answer: () => null }),
    {
      ...seedScript(sample),
      onMessage(peer, message) {
        if (message.type !== "request") return;
        peer.send(encodeReject(message.piece, message.begin, message.lengthBytes));
      },
    },
  ];
  const addresses: string[] = [];
  for (let index = 0; index < count; index++) {
    const host = world.host({ address: crowd.address(), upBytesPerSecond: 100_000 });
    addresses.push(host.address);
    await world.complete(listenScripted(host, PORT, kinds[index % kinds.length]!));
  }
  return addresses;
}
