import assert from "node:assert/strict";
import type { TorrentVersion } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
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
/** Of a host that does nothing. */
const CHANCE_ADDRESS = "10.254.0.1";
const TRACKER_URL = `http://${TRACKER_ADDRESS}/announce`;

/** A member of a crowd. */
export interface Member extends Node {
  host: SimHost;
  session: Session;
  torrent: Torrent;
  readonly init: MemberInit;
  /** When everything was here, in ms since the crowd began; null before. */
  completedMs: number | null;
}

/** How a member differs from others. */
export interface MemberInit {
  readonly host?: Partial<HostOptions>;
  readonly session?: Partial<SessionOptions>;
  /** Further options that need the host. */
  readonly sessionOn?: (
    host: SimHost,
  ) => Partial<SessionOptions> | Promise<Partial<SessionOptions>>;
  readonly torrent?: Partial<TorrentOptions>;
  readonly isSeeder?: boolean;
}

/** What a crowd's torrent and lines are like, where not as most: 3 MiB in 48 pieces, 100 kB/s up and 400 kB/s down. */
export interface CrowdInit {
  readonly version?: TorrentVersion;
  readonly pieces?: number;
  readonly pieceLengthKib?: number;
  /** What all hosts have in common. */
  readonly line?: Partial<HostOptions>;
}

const LINE = { upBytesPerSecond: 100_000, downBytesPerSecond: 400_000, poolBytes: 1024 * KIB };

/** A torrent, its tracker, and peers that know of each other only through it. */
export class Crowd {
  readonly world: SimWorld;
  readonly sample: SampleTorrent;
  /** Chance of the scenario's own, by the world's seed. */
  readonly random: Random;
  readonly members: Member[] = [];
  /** The pieces that any member but a seeder has finished. */
  readonly spread = new Set<number>();
  /** When the torrent began to spread, in the world's ms. */
  startedMs = 0;
  readonly #line: Partial<HostOptions>;
  #hosts = 0;
  #completed = 0;

  /** @param line What all hosts have in common. */
  private constructor(
    world: SimWorld,
    sample: SampleTorrent,
    random: Random,
    line: Partial<HostOptions>,
  ) {
    this.world = world;
    this.sample = sample;
    this.random = random;
    this.#line = line;
  }

  /** Opens a tracker for a made-up torrent. */
  static async open(
    world: SimWorld,
    init: CrowdInit | ((random: Random) => CrowdInit) = {},
  ): Promise<Crowd> {
    const { random } = world.host({ address: CHANCE_ADDRESS });
    const chosen = typeof init === "function" ? init(random) : init;
    const { version = "v1", pieces = 48, pieceLengthKib = 64, line = {} } = chosen;
    const pieceLengthBytes = pieceLengthKib * KIB;
    const fileLengths = [pieces * pieceLengthBytes];
    const sample = sampleTorrent({ version, pieceLengthBytes, fileLengths });
    const tracker = world.host({ address: TRACKER_ADDRESS });
    await world.complete(createTrackerServer({ ...tracker, httpPort: 80 }));
    return new Crowd(world, sample, random, { ...LINE, ...line });
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
      Promise.all(hosts.map((host, index) => this.#open(host, inits[index]!))),
    );
    const joined: Member[] = [];
    for (const [index, session] of sessions.entries()) {
      const [host, own] = [hosts[index]!, inits[index]!];
      const torrent = await this.#add(session, own);
      const member = { host, session, torrent, init: own, completedMs: null };
      this.#watch(member);
      joined.push(member);
    }
    this.members.push(...joined);
    return joined;
  }

  /** Kills a member's program, or its machine, and starts it again on the same disk after a while. */
  async restart(member: Member, how: "process" | "power", afterS: number): Promise<void> {
    const { world } = this;
    member.host.crash(how);
    await this.pass(afterS);
    member.host = world.restart(member.host);
    await this.#begin(member);
    await world.complete(member.torrent.whenReady());
    const { verifiedPieces, pieceCount } = member.torrent.status();
    if (verifiedPieces === pieceCount) this.#complete(member);
  }

  /** A member ends in order, loses its files, and begins anew. */
  async renew(member: Member): Promise<void> {
    await this.world.complete(member.session.close());
    for (const path of member.host.files.paths()) member.host.files.remove(path);
    await this.#begin(member);
  }

  /** A member goes for good, in order. */
  async leave(member: Member): Promise<void> {
    await this.world.complete(member.session.close());
    await this.world.complete(member.host.close());
  }

  /** A seeder, and then so many who want what it has. */
  async begin(
    peers: number,
    init?: (index: number) => MemberInit,
  ): Promise<{ seeder: Member; members: Member[] }> {
    const seeder = await this.seeder();
    return { seeder, members: await this.join(peers, init) };
  }

  /** A member with everything, announced: the swarm begins from here. */
  async seeder(init: MemberInit = {}): Promise<Member> {
    const [seeder] = await this.join(1, () => ({ ...init, isSeeder: true }));
    await this.world.complete(seeder!.torrent.whenComplete());
    await this.pass(5);
    this.startedMs = this.world.timeMs;
    return seeder!;
  }

  /** Another run of a member's program. */
  async #begin(member: Member): Promise<void> {
    member.session = await this.world.complete(this.#open(member.host, member.init));
    member.torrent = await this.#add(member.session, member.init);
    member.completedMs = null;
    this.#watch(member);
  }

  async #open(runtime: SimHost, { session, sessionOn }: MemberInit): Promise<Session> {
    const host = runtime.address;
    const own = { ...session, ...(await sessionOn?.(runtime)) };
    return await createSession({ runtime, port: PORT, host, resume: false, ...own });
  }

  #add(session: Session, { torrent }: MemberInit): Promise<Torrent> {
    const { bytes } = this.sample;
    return session.add(bytes, { dir: DATA_DIR, trackers: [[TRACKER_URL]], ...torrent });
  }

  #watch(member: Member): void {
    member.torrent.on((event) => {
      if (event.type === "complete") this.#complete(member);
      if (event.type === "piece") this.spread.add(event.piece);
    });
  }

  #complete(member: Member): void {
    member.completedMs ??= this.world.timeMs - this.startedMs;
    this.#completed++;
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

/** How a crowd fared: when half of it and all of it was complete, and what was received in vain. */
export function outcome(
  crowd: Crowd,
  members: readonly Member[],
): { readonly medianS: number; readonly lastS: number; readonly waste: number } {
  const times = completionTimesS(members);
  return {
    medianS: quantile(times, 0.5),
    lastS: quantile(times, 1),
    waste: wastePart(members, crowd.lengthBytes),
  };
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
