import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSeededRandom } from "../picker/test-random.ts";
import type { SeedChoking } from "./seed-turns.ts";
import { createTitForTatPolicy } from "./tit-for-tat.ts";
import type { ChokerPeer } from "./upload-policy.ts";

function peer(name: string, changes: Partial<ChokerPeer> = {}): ChokerPeer {
  return {
    key: { name },
    isInterested: true,
    isUnchoked: false,
    isSnubbing: false,
    connectedForMs: 3_600_000,
    canGive: true,
    progress: 0,
    receivedBytes: 0,
    sentBytes: 0,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    ...changes,
  };
}

function namesOf(peers: readonly ChokerPeer[]): string[] {
  return peers.map(({ key }) => (key as { name: string }).name);
}

const SWARM = {};

/** Lets the policy choose every ten seconds; those chosen are unchoked in the next round. */
function createSwarm(
  peers: ChokerPeer[],
  options: { isSeeding: boolean; slots: number; seed?: number; seedChoking?: SeedChoking },
) {
  const { isSeeding, slots, seed = 1, seedChoking = "round-robin" } = options;
  const random = createSeededRandom(seed);
  const policy = createTitForTatPolicy({ random, seedQuantumBytes: 1e6, seedChoking });
  let nowMs = 0;
  return {
    /** @param sendTo What each chosen peer takes until the next round. */
    run(sendTo: (peer: ChokerPeer) => number = () => 0): string[] {
      const chosen = policy.chooseUnchoked({ swarm: SWARM, nowMs, isSeeding, slots, peers });
      nowMs += 10_000;
      for (const [index, each] of peers.entries()) {
        const isUnchoked = chosen.includes(each);
        const sent = isUnchoked ? sendTo(each) : 0;
        peers[index] = {
          ...each,
          isUnchoked,
          sentBytes: each.sentBytes + sent,
          sentBytesPerSecond: sent / 10,
          connectedForMs: each.connectedForMs + 10_000,
        };
      }
      return namesOf(chosen);
    },
  };
}

test("never more than the slots, only interested peers, nobody twice, no slot idle for want of trust", () => {
  const arbitraryPeer = fc.record({
    isInterested: fc.boolean(),
    isUnchoked: fc.boolean(),
    isSnubbing: fc.boolean(),
    canGive: fc.boolean(),
    connectedForMs: fc.nat({ max: 200_000 }),
    receivedBytesPerSecond: fc.nat({ max: 3 }),
    sentBytesPerSecond: fc.nat({ max: 3 }),
    sentBytes: fc.nat({ max: 2e6 }),
  });
  const property = fc.property(
    fc.integer(),
    fc.array(arbitraryPeer, { maxLength: 20 }),
    fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 12 }), fc.nat({ max: 40_000 })), {
      maxLength: 8,
    }),
    (seed, changes, rounds) => {
      const policies = [0, 1].map(() =>
        createTitForTatPolicy({ random: createSeededRandom(seed) }),
      );
      const peers = changes.map((change, index) => peer(`${index}`, change));
      let nowMs = 0;
      for (const [isSeeding, slots, waitMs] of rounds) {
        nowMs += waitMs;
        const round = { swarm: SWARM, nowMs, isSeeding, slots, peers };
        const [chosen, again] = policies.map((policy) => policy.chooseUnchoked(round));
        assert.deepEqual(namesOf(chosen!), namesOf(again!), "the same chance, the same choice");
        assert.equal(new Set(chosen).size, chosen!.length);
        assert.ok(chosen!.every(({ isInterested }) => isInterested));
        const interested = peers.filter(({ isInterested }) => isInterested);
        const isAnyEarned = chosen!.some((each) => each.receivedBytesPerSecond > 0);
        const trusted = interested.filter(
          (each) => isSeeding || !isAnyEarned || !each.canGive || each.sentBytes < 64 * 1024,
        );
        assert.ok(chosen!.length >= Math.min(slots, trusted.length));
        assert.ok(chosen!.length >= Math.min(slots, 1, interested.length), "nobody is tried");
      }
    },
  );
  fc.assert(property);
});

test("BEP 3: leeching, the slots go to those who send most, but one", () => {
  const peers = [10, 50, 30, 20, 40, 0, 0].map((rate) =>
    peer(`${rate}`, { receivedBytesPerSecond: rate }),
  );
  const chosen = createSwarm(peers, { isSeeding: false, slots: 4 }).run();
  assert.deepEqual(chosen.slice(0, 3), ["50", "40", "30"]);
  assert.equal(chosen.length, 4);
});

test("BEP 3: the optimistic slot changes every thirty seconds, not before", () => {
  const peers = [
    ...["a", "b", "c"].map((name) => peer(name, { receivedBytesPerSecond: 100 })),
    ...Array.from({ length: 20 }, (_, index) => peer(`other ${index}`)),
  ];
  const swarm = createSwarm(peers, { isSeeding: false, slots: 4 });
  const tried = Array.from({ length: 30 }, () => swarm.run()[3]!);
  for (let round = 0; round < 30; round += 3) {
    assert.equal(tried[round], tried[round + 1]);
    assert.equal(tried[round], tried[round + 2]);
    if (round > 0) assert.notEqual(tried[round], tried[round - 1]);
  }
});

test("one policy serves many torrents, each with trials of its own", () => {
  const policy = createTitForTatPolicy({ random: createSeededRandom(1) });
  const swarms = [0, 1].map((swarm) => ({
    swarm: {},
    peers: Array.from({ length: 20 }, (_, index) => peer(`${swarm}/${index}`)),
  }));
  const choose = (nowMs: number) =>
    swarms.map((each) =>
      namesOf(policy.chooseUnchoked({ ...each, nowMs, isSeeding: false, slots: 2 })),
    );
  const first = choose(0);
  assert.deepEqual(new Set(choose(10_000).flat()), new Set(first.flat()));
  assert.deepEqual(new Set(choose(20_000).flat()), new Set(first.flat()));
});

test("BEP 3: a new peer is three times as likely to be tried", () => {
  let newcomer = 0;
  for (let seed = 1; seed <= 3000; seed++) {
    const peers = [
      peer("friend", { receivedBytesPerSecond: 100 }),
      peer("new", { connectedForMs: 5000 }),
      ...["x", "y", "z"].map((name) => peer(name)),
    ];
    const swarm = createSwarm(peers, { isSeeding: false, slots: 2, seed });
    if (swarm.run()[1] === "new") newcomer++;
  }
  assert.ok(Math.abs(newcomer - 1500) < 150, `${newcomer}`);
});

test("BEP 3: a peer that snubs us earns no slot, and its slot is for trying others", () => {
  const peers = [
    peer("snubbing", { receivedBytesPerSecond: 1000, isSnubbing: true }),
    peer("friend", { receivedBytesPerSecond: 10 }),
    ...Array.from({ length: 9 }, (_, index) => peer(`other ${index}`)),
  ];
  const chosen = createSwarm(peers, { isSeeding: false, slots: 4 }).run();
  assert.equal(chosen[0], "friend");
  assert.equal(chosen.length, 4);
});

test("BEP 3: while somebody gives, who could give and does not is tried out, and slots rather idle", () => {
  const takers = Array.from({ length: 9 }, (_, index) => peer(`t${index}`, { sentBytes: 1e6 }));
  const friend = peer("friend", { receivedBytesPerSecond: 10, receivedBytes: 1e6 });
  const chosen = createSwarm([...takers, friend], { isSeeding: false, slots: 4 }).run();
  assert.deepEqual([chosen.length, chosen[0]], [2, "friend"]);
  const poor = takers.map((each) => ({ ...each, canGive: false }));
  assert.equal(createSwarm([...poor, friend], { isSeeding: false, slots: 4 }).run().length, 4);
  const gave = takers.map((each) => ({ ...each, receivedBytes: 5e5 }));
  assert.equal(createSwarm([...gave, friend], { isSeeding: false, slots: 4 }).run().length, 4);
  // Bandwidth that nobody earns is not wasted.
  assert.equal(createSwarm(takers, { isSeeding: false, slots: 4 }).run().length, 4);
});

test("BEP 3: who gives nothing when tried is tried ever less, but again", () => {
  const friend = peer("friend", { receivedBytesPerSecond: 10, receivedBytes: 1e6 });
  const others = ["taker", "poor", "poorer"].map((name) =>
    peer(name, { canGive: name === "taker" }),
  );
  const swarm = createSwarm([friend, ...others], { isSeeding: false, slots: 2 });
  const turns = { taker: 0, poor: 0, poorer: 0 };
  for (let round = 0; round < 1800; round++) {
    const name = swarm.run()[1] as keyof typeof turns;
    if (round % 3 === 0) turns[name]++;
  }
  assert.ok(turns.taker > 5 && turns.taker * 4 < turns.poor, JSON.stringify(turns));
});

test("seeding, everybody gets a quantum in turn before anybody gets a second", () => {
  const peers = Array.from({ length: 6 }, (_, index) => peer(`${index}`));
  const swarm = createSwarm(peers, { isSeeding: true, slots: 2 });
  const turns: string[] = [];
  for (let round = 0; round < 12; round++) turns.push(...swarm.run(() => 500_000));
  const inTurns = [0, 4, 8].map((at) => turns.slice(at, at + 4));
  for (const [first, second, third, fourth] of inTurns) {
    assert.deepEqual([first, second], [third, fourth], "a quantum is two rounds here");
  }
  assert.equal(new Set(inTurns.flat()).size, 6);
  assert.deepEqual(new Set(turns.slice(12)), new Set(turns.slice(0, 12)));
});

test("seeding, the fastest stay when nobody waits for a slot", () => {
  const peers = ["fast", "slow"].map((name) => peer(name));
  const swarm = createSwarm(peers, { isSeeding: true, slots: 4 });
  for (let round = 0; round < 40; round++) {
    assert.equal(
      swarm.run(({ key }) => ("name" in key && key.name === "fast" ? 1e6 : 10)).length,
      2,
    );
  }
});

test("seeding, a peer that takes nothing gives way after a round, a slow one after two minutes", () => {
  const peers = ["idle", "slow", "waiting"].map((name) => peer(name));
  const swarm = createSwarm(peers, { isSeeding: true, slots: 2 });
  const send = ({ key }: ChokerPeer) => ("name" in key && key.name === "idle" ? 0 : 1);
  assert.deepEqual(swarm.run(send), ["idle", "slow"]);
  assert.deepEqual(swarm.run(send), ["slow", "waiting"]);
  let rounds = 2;
  while (swarm.run(send).includes("slow")) rounds++;
  assert.equal(rounds, 12);
});

test("seeding, fastest: the fast keep their slots, and the last slot goes round among the others", () => {
  const peers = Array.from({ length: 12 }, (_, index) => peer(`p${index}`));
  const swarm = createSwarm(peers, { isSeeding: true, slots: 5, seedChoking: "fastest" });
  const speed = (each: ChokerPeer): number => 1e5 * (1 + Number(namesOf([each])[0]!.slice(1)));
  for (let round = 0; round < 60; round++) swarm.run(speed);
  const seen = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    for (const name of swarm.run(speed)) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  assert.deepEqual(
    ["p8", "p9", "p10", "p11"].map((name) => seen.get(name)),
    [60, 60, 60, 60],
  );
  assert.equal(seen.size, 12, "somebody never had a turn");
});

test("seeding, anti-leech: who has least and who has most come first, and all get a turn", () => {
  const peers = Array.from({ length: 11 }, (_, index) =>
    peer(`${index * 10} %`, { progress: index / 10 }),
  );
  const swarm = createSwarm(peers, { isSeeding: true, slots: 5, seedChoking: "anti-leech" });
  const seen = new Map<string, number>();
  for (let round = 0; round < 100; round++) {
    for (const name of swarm.run(() => 5e5)) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  assert.deepEqual(
    ["0 %", "10 %", "90 %", "100 %"].map((name) => seen.get(name)),
    [100, 100, 100, 100],
  );
  assert.equal(seen.size, 11, "somebody never had a turn");
});
