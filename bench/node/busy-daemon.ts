import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { configure, type RunningDaemon, startDaemon } from "../../e2e/daemon.ts";
import { createWorkspace, type Workspace } from "../../e2e/quick/workspace.ts";
import type { Scope } from "../clients/scope.ts";
import type { Figures } from "../contest.ts";

const TORRENTS = 10_000;
const FILE_BYTES = 1024 * 2 ** 20;
const MIB = 2 ** 20;
/** Between one question and the next. */
const ASK_EVERY_MS = 20;
const LISTENERS = 20;
const LISTEN_MS = 10_000;
const TICKS_PER_SECOND = 100;

/** A daemon with ten thousand paused torrents, and a peer that has one more; they live as long as the scope. */
export class BusyDaemon {
  readonly #scope: Scope;
  #opened: Promise<{ space: Workspace; daemon: RunningDaemon; seedPort: number }> | null = null;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Downloads a GiB, while nobody or somebody asks all the time. */
  async download(isAsked: boolean): Promise<Figures> {
    const { space, daemon, seedPort } = await (this.#opened ??= this.#open());
    const { client } = daemon;
    const torrentFile = readFileSync(space.path("payload.torrent")).toString("base64");
    const { infoHash } = await client.call("addTorrent", { source: { torrentFile } });
    const startMs = performance.now();
    await client.call("addPeers", { infoHash, peers: [`127.0.0.1:${seedPort}`] });
    const over = new AbortController();
    const asking = isAsked ? ask(daemon, infoHash, over.signal) : Promise.resolve([]);
    while ((await client.call("getTorrent", { infoHash })).state !== "seeding") await pause(200);
    const tookS = (performance.now() - startMs) / 1000;
    over.abort();
    const tookMs = (await asking).toSorted((a, b) => a - b);
    await client.call("removeTorrent", { infoHash, deleteFiles: "true" });
    const at = (part: number): number => tookMs[Math.floor(tookMs.length * part)] ?? 0;
    const memory = memoryOf(daemon.process.pid);
    return {
      rate: FILE_BYTES / MIB / tookS,
      memory,
      ...(isAsked && { apiMiddle: at(0.5), apiWorst: at(0.99) }),
    };
  }

  /** What it takes to tell twenty listeners, or nobody. */
  async listen(listeners: number): Promise<Figures> {
    const { space, daemon } = await (this.#opened ??= this.#open());
    const streams = Array.from({ length: listeners }, () =>
      request({
        socketPath: space.path("node", "state", "daemon.sock"),
        path: "/api/v1/events",
        headers: { host: "localhost" },
      })
        .on("response", (response) => response.resume())
        .on("error", () => {})
        .end(),
    );
    await pause(2000);
    const before = ticksOf(daemon.process.pid);
    await pause(LISTEN_MS);
    const ticks = ticksOf(daemon.process.pid) - before;
    for (const stream of streams) stream.destroy();
    return { idleCpu: (100 * ticks) / TICKS_PER_SECOND / (LISTEN_MS / 1000) };
  }

  static readonly listeners = LISTENERS;

  async #open() {
    const space = createWorkspace({ after: (close) => this.#scope.defer(close) });
    const content = Buffer.alloc(FILE_BYTES);
    const block = randomBytes(MIB);
    for (let begin = 0; begin < FILE_BYTES; begin += MIB) {
      block.writeUInt32LE(begin / MIB);
      block.copy(content, begin);
    }
    space.write("files/payload", content);
    await space.run(["create", "files/payload", "-o", "payload.torrent", "--v1", "--private"]);
    configure(space, "node", { chain: { embedded: false } });
    const daemon = await startDaemon(space, "node");
    const seed = ["seed", "payload.torrent", "--dir", "files", "--host", "127.0.0.1", "--no-dht"];
    const { port } = await space
      .start(seed, "seeder")
      .waitFor(({ event, magnet }) => event === "listening" && magnet !== undefined);
    for (let index = 0; index < TORRENTS; index++) {
      await daemon.client.call("addTorrent", {
        source: { torrentFile: torrentOf(index) },
        paused: true,
      });
    }
    return { space, daemon, seedPort: Number(port) };
  }
}

/** Asks what a page and a script would, one question after another. @returns how long each took, in ms. */
async function ask(
  { client }: RunningDaemon,
  infoHash: string,
  signal: AbortSignal,
): Promise<number[]> {
  const questions = [
    () => client.call("listTorrents", { limit: 100 }),
    () => client.call("getTransfer"),
    () => client.call("getTorrent", { infoHash }),
    () => client.call("listTorrents", { sort: "name", limit: 100, offset: 5000 }),
    () => client.call("listPeers", { infoHash }),
  ];
  const tookMs: number[] = [];
  for (let turn = 0; !signal.aborted; turn++) {
    const startMs = performance.now();
    await questions[turn % questions.length]!();
    tookMs.push(performance.now() - startMs);
    await pause(ASK_EVERY_MS);
  }
  return tookMs;
}

/** Processor time of a process so far, user and system. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function memoryOf(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

function torrentOf(index: number): string {
  const name = `torrent number ${index} of many`;
  const hash = createHash("sha1").update(String(index)).digest();
  const head = `d4:infod6:lengthi${16_384 + index}e4:name${name.length}:${name}12:piece lengthi32768e6:pieces20:`;
  return Buffer.concat([Buffer.from(head), hash, Buffer.from("ee")]).toString("base64");
}
