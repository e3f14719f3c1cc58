import assert from "node:assert/strict";
import type { Random } from "@shoal/runtime";
import { DATA_DIR } from "../../packages/engine/src/simulation/swarm-world.ts";
import { type Crowd, type Member, type MemberInit, outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";
import { startLiars } from "./liars.ts";

const PORT = 6881;
const POOL_BYTES = 2 * 1024 * 1024;
/** Blows that a crowd takes, and the seconds between two of them at most. */
const BLOWS = 24;
const MOST_APART_S = 8;

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[random.integer(items.length)]!;

/** Everything about it follows from the seed: the torrent, the lines, and what befalls whom and when. */
export const anything: Scenario = {
  name: "anything",
  promise:
    "whoever stays completes and nothing verified is lost, whatever comes: kills, power cuts, liars, partitions, bad disks",
  peers: { full: 40, small: 8 },
  crowd: (random) => ({
    version: pick(random, ["v1", "v2", "hybrid"] as const),
    pieces: 8 + random.integer(60),
    pieceLengthKib: pick(random, [16, 32, 64, 128]),
  }),
  async play(crowd, peers) {
    const { random, sample } = crowd;
    // Scripted liars speak of v1 alone.
    const liars = sample.metainfo.v1 === null ? 0 : random.integer(Math.ceil(peers / 3));
    const addresses = await startLiars(crowd, liars);
    const seeder = await crowd.seeder();
    const staying = await crowd.join(peers, () => drawMember(random, addresses));
    const banned = new Set<string>();
    const watched = new Set<unknown>();
    const watch = () => {
      for (const { torrent } of [seeder, ...staying]) {
        if (watched.has(torrent)) continue;
        watched.add(torrent);
        torrent.on((event) => {
          if (event.type === "peer-banned") banned.add(event.address);
        });
      }
    };
    const counts: Record<string, number> = {};
    for (let blow = 0; blow < BLOWS; blow++) {
      watch();
      const [name, strike] = pick(random, STRIKES);
      counts[name] = (counts[name] ?? 0) + 1;
      await strike(crowd, staying, () => drawMember(random, addresses));
      await crowd.pass(random.integer(MOST_APART_S));
      for (const member of [seeder, ...staying]) assertBounds(member);
    }
    watch();
    crowd.world.heal();
    for (const { host, torrent } of staying) {
      host.files.fail(DATA_DIR, null);
      torrent.resume();
    }
    await crowd.complete(staying, 4 * 3600);
    const innocent = [...banned].filter((address) => !addresses.includes(address));
    assert.deepEqual(innocent, [], "honest peers were banned");
    return {
      stayed: staying.length,
      liars,
      banned: banned.size,
      ...counts,
      ...outcome(crowd, staying),
    };
  },
};

function drawMember(random: Random, liars: readonly string[]): MemberInit {
  return {
    host: {
      upBytesPerSecond: pick(random, [20_000, 100_000, 1_000_000]),
      downBytesPerSecond: pick(random, [50_000, 400_000, 4_000_000]),
      latencyMs: random.integer(150),
      lossRate: pick(random, [0, 0, 0.002, 0.02]),
      isNatted: random.integer(4) === 0,
      poolBytes: POOL_BYTES,
    },
    session: {
      resume: true,
      encryption: pick(random, ["off", "allow", "allow", "prefer"] as const),
      utp: pick(random, ["off", "prefer"] as const),
      maxPeersPerTorrent: 4 + random.integer(30),
    },
    torrent: { peers: liars.map((address) => ({ address, port: PORT })) },
  };
}

/** One whose disk works: on another it would not start again. */
function pickSound({ random }: Crowd, staying: readonly Member[]): Member {
  const member = pick(random, staying);
  member.host.files.fail(DATA_DIR, null);
  return member;
}

type Strike = (crowd: Crowd, staying: Member[], draw: () => MemberInit) => Promise<void>;

/** What befalls a crowd. */
const STRIKES: readonly (readonly [string, Strike])[] = [
  [
    "kills",
    async (crowd, staying) => {
      const member = pickSound(crowd, staying);
      const before = member.torrent.status().verifiedPieces;
      const wasChecking = member.torrent.state === "checking";
      await crowd.restart(member, "process", crowd.random.integer(5));
      const after = member.torrent.status().verifiedPieces;
      assert.ok(wasChecking || after >= before, `${after} of ${before} pieces survived a kill`);
    },
  ],
  ["powerCuts", (crowd, staying) => crowd.restart(pickSound(crowd, staying), "power", 5)],
  [
    "partitions",
    async ({ world, members, random }) => {
      world.heal();
      const alive = members.map(({ host }) => host).filter((host) => host.isAlive);
      const far = alive.filter(() => random.integer(2) === 0);
      world.partition(
        alive.filter((host) => !far.includes(host)),
        far,
      );
    },
  ],
  ["healings", async ({ world }) => world.heal()],
  [
    "badDisks",
    async ({ random }, staying) => {
      const { host } = pick(random, staying);
      host.files.fail(DATA_DIR, pick(random, ["io", "full", "denied"] as const));
    },
  ],
  [
    "mendedDisks",
    async (_, staying) => {
      for (const { host, torrent } of staying) {
        host.files.fail(DATA_DIR, null);
        if (torrent.state === "error") torrent.resume();
      }
    },
  ],
  [
    "pauses",
    async ({ random }, staying) => {
      const { torrent } = pick(random, staying);
      if (torrent.state === "paused") torrent.resume();
      else torrent.pause();
    },
  ],
  [
    "clockJumps",
    async ({ world, random }, staying) => {
      world.jumpClock(pick(random, staying).host, (random.integer(200) - 100) * 3_600_000);
    },
  ],
  [
    "leavings",
    async (crowd, staying) => {
      if (staying.length < 3) return;
      await crowd.leave(staying.splice(crowd.random.integer(staying.length), 1)[0]!);
    },
  ],
  [
    "joinings",
    async (crowd, staying, draw) => {
      staying.push(...(await crowd.join(1 + crowd.random.integer(2), draw)));
    },
  ],
];

function assertBounds({ host, torrent, init }: Member): void {
  const most = init.session?.maxPeersPerTorrent ?? 100;
  assert.ok(torrent.peers.length <= most, `${torrent.peers.length} peers, ${most} are the bound`);
  const { usedBytes, memory } = host.disk.pool;
  assert.ok(usedBytes <= memory.byteLength, `${usedBytes} bytes of payload are held`);
}
