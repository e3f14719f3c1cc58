import assert from "node:assert/strict";
import type { HostOptions, SimHost, SimWorld } from "@shoal/runtime/sim";
import { createTrackerServer } from "@shoal/tracker";
import { createSession } from "../packages/engine/src/session/create-session.ts";
import type { Session, SessionOptions } from "../packages/engine/src/session/session.ts";
import {
  DATA_DIR,
  holdsContent,
  type Node,
  placeContent,
  sampleTorrent,
  type SampleTorrent,
} from "../packages/engine/src/simulation/swarm-world.ts";
import type { TorrentOptions } from "../packages/engine/src/torrent/options.ts";
import type { Torrent } from "../packages/engine/src/torrent/torrent.ts";

const KIB = 1024;
const PORT = 6881;
const TRACKER_ADDRESS = "10.255.255.1";
const TRACKER_URL = `http://${TRACKER_ADDRESS}/announce`;

/** A member of a crowd. */
export interface Member extends Node {
  readonly host: SimHost;
  readonly session: Session;
  readonly torrent: Torrent;
  /** When everything was here, in ms since the crowd began; null before. */
  completedMs: number | null;
}

/** How a member differs from others. */
export interface MemberInit {
  readonly host?: Partial<HostOptions>;
  readonly session?: Partial<SessionOptions>;
  readonly torrent?: Partial<TorrentOptions>;
  readonly isSeeder?: boolean;
}

/** A torrent, its tracker, and peers that know of each other only through it. */
export class Crowd {
  readonly world: SimWorld;
  readonly sample: SampleTorrent;
  readonly members: Member[] = [];
  /** The pieces that any member but a seeder has finished. */
  readonly spread = new Set<number>();
  /** When the torrent began to spread, in the world's ms. */
  startedMs = 0;
  readonly #line: Partial<HostOptions>;
  #hosts = 0;
  #completed = 0;

  /** @param line What all hosts have in common. */
  private constructor(world: SimWorld, sample: SampleTorrent, line: Partial<HostOptions>) {
    this.world = world;
    this.sample = sample;
    this.#line = line;
  }

  /** Opens a tracker for a made-up torrent of so many pieces. */
  static async open(
    world: SimWorld,
    init: { pieces: number; pieceLengthKib: number; line: Partial<HostOptions> },
  ): Promise<Crowd> {
    const pieceLengthBytes = init.pieceLengthKib * KIB;
    const sample = sampleTorrent({
      version: "v1",
      pieceLengthBytes,
      fileLengths: [init.pieces * pieceLengthBytes],
    });
    const tracker = world.host({ address: TRACKER_ADDRESS });
    await world.complete(createTrackerServer({ ...tracker, httpPort: 80 }));
    return new Crowd(world, sample, init.line);
  }

  get lengthBytes(): number {
    return this.sample.metainfo.lengthBytes;
  }

  /** An address of its own for every host, few in each /24 network as among strangers. */
  address(): string {
    const index = this.#hosts++;
    return `10.${index & 127}.${(index >> 7) & 255}.${1 + (index >> 15)}`;
  }

  /** Adds members that begin at the same moment. */
  async join(count: number, init: (index: number) => MemberInit = () => ({})): Promise<Member[]> {
    const { world, sample } = this;
    const inits = Array.from({ length: count }, (_, index) => init(index));
    const hosts = inits.map(({ host, isSeeder }) => {
      const made = world.host({ address: this.address(), ...this.#line, ...host });
      if (isSeeder === true) placeContent(made, sample);
      return made;
    });
    const sessions = await world.complete(
      Promise.all(
        hosts.map((runtime, index) => {
          const own = inits[index]!.session;
          const host = runtime.address;
          return createSession({ runtime, port: PORT, host, resume: false, ...own });
        }),
      ),
    );
    const joined: Member[] = [];
    for (const [index, session] of sessions.entries()) {
      const torrent = await session.add(sample.bytes, {
        dir: DATA_DIR,
        trackers: [[TRACKER_URL]],
        ...inits[index]!.torrent,
      });
      const member = { host: hosts[index]!, session, torrent, completedMs: null as number | null };
      torrent.on((event) => {
        if (event.type === "complete") {
          member.completedMs = world.timeMs - this.startedMs;
          this.#completed++;
        }
        if (event.type === "piece") this.spread.add(event.piece);
      });
      joined.push(member);
    }
    this.members.push(...joined);
    return joined;
  }

  /** A member with everything, announced: the swarm begins from here. */
  async seeder(init: MemberInit = {}): Promise<Member> {
    const [seeder] = await this.join(1, () => ({ ...init, isSeeder: true }));
    await this.world.complete(seeder!.torrent.whenComplete());
    await this.pass(5);
    this.startedMs = this.world.timeMs;
    return seeder!;
  }

  /** Lets time pass. */
  async pass(seconds: number): Promise<void> {
    await this.world.run({ untilMs: this.world.timeMs + seconds * 1000 });
  }

  /** Lets time pass until all of these are complete, and proves that what they have is right. */
  async complete(members: readonly Member[], limitS: number): Promise<void> {
    const { world } = this;
    const limitMs = world.timeMs + limitS * 1000;
    // Asked at every event: those that are awaited are looked at only when somebody has completed.
    let lookedAt = -1;
    const isComplete = () => {
      if (lookedAt === this.#completed) return false;
      lookedAt = this.#completed;
      return members.every((member) => member.completedMs !== null);
    };
    if (!isComplete()) await world.run({ until: isComplete, limitMs });
    for (const { host } of members) {
      assert.ok(holdsContent(host, this.sample), `${host.address} holds something else`);
    }
  }

  /** Closes all that run, and proves that nothing is left of them. */
  async close(): Promise<void> {
    const running = this.members.filter(({ host }) => host.isAlive);
    await this.world.complete(Promise.all(running.map(({ session }) => session.close())));
    for (const { host } of running) {
      assert.equal(host.disk.pool.usedBytes, 0, `${host.address} holds memory`);
    }
  }
}

/** Seconds until each was complete, the quickest first. */
export function completionTimesS(members: readonly Member[]): number[] {
  return members
    .flatMap(({ completedMs }) => (completedMs === null ? [] : [completedMs / 1000]))
    .toSorted((a, b) => a - b);
}

/** What was received in vain, as a part of what was wanted. */
export function wastePart(members: readonly Member[], lengthBytes: number): number {
  const wasted = members.reduce((sum, { torrent }) => sum + torrent.status().wastedBytes, 0);
  return wasted / (members.length * lengthBytes);
}

/** The value below which that part of the sorted values lies. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}
