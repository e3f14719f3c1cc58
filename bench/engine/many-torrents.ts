import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSession } from "@shoal/engine";
import { createNodeRuntime } from "@shoal/runtime/node";
import { JsonChild } from "../clients/json-child.ts";
import { LAUNCHER_ENV } from "../clients/shoal.ts";
import { Scope } from "../clients/scope.ts";
import type { Contest, Figures } from "../contest.ts";

const COUNT = 10_000;
const PIECE_BYTES = 16 * 1024;
const KIB = 1024;
/** Far longer than announces at 200 a second take. */
const TIMEOUT_MS = 200_000;
const CHILD = join(import.meta.dirname, "../clients/shoal-many.ts");

/** A session of ten thousand seeds that starts again: a row that stands alone. */
export function listManyTorrents(): Contest[] {
  const ours = { name: "shoal", run: measure };
  return [{ title: `${COUNT} torrents, started again`, ours, other: null, maxRounds: 1 }];
}

async function measure(): Promise<Figures> {
  const scope = new Scope();
  try {
    const tracker = await startTracker(scope);
    const empty = await idleOf(scope, join(await scope.folder(), "store.db"));
    const storePath = await writeStore(scope, tracker.url);
    const startMs = performance.now();
    const child = startChild(scope, storePath);
    await tracker.whenAnnounced(COUNT);
    const idle = await askIdle(child);
    const [first, last] = [tracker.announcesMs[0]!, tracker.announcesMs[COUNT - 1]!];
    return {
      firstAnnounce: (first - startMs) / 1000,
      allAnnounced: (last - startMs) / 1000,
      idleMemory: (idle.rssBytes - empty.rssBytes) / KIB / COUNT,
      idleCpu: idle.cpuPercent,
    };
  } finally {
    await scope.close();
  }
}

function startChild(scope: Scope, storePath: string): JsonChild {
  const job = JSON.stringify({ storePath });
  // As the launcher starts Node; memory is looked at when the garbage is gone.
  const args = ["--expose-gc", CHILD, job];
  return new JsonChild(process.execPath, args, { scope, env: LAUNCHER_ENV });
}

async function idleOf(scope: Scope, storePath: string) {
  const child = startChild(scope, storePath);
  await child.waitForEvent("restored", { timeoutMs: TIMEOUT_MS });
  return await askIdle(child);
}

async function askIdle(child: JsonChild): Promise<{ rssBytes: number; cpuPercent: number }> {
  child.send("idle");
  const event = await child.waitForEvent("idle", { timeoutMs: TIMEOUT_MS });
  return { rssBytes: event["rssBytes"] as number, cpuPercent: event["cpuPercent"] as number };
}

/** A tracker that has no peers, and notes when it was asked. */
async function startTracker(scope: Scope) {
  const announcesMs: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let wanted = Infinity;
  const server = createServer((_request, response) => {
    announcesMs.push(performance.now());
    response.end("d8:completei1e10:incompletei0e8:intervali1800e5:peers0:e");
    if (announcesMs.length >= wanted) resolve();
  });
  scope.defer(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/announce`,
    announcesMs,
    async whenAnnounced(count: number) {
      announcesMs.length = 0;
      wanted = count;
      await promise;
    },
  };
}

/** A store as a session with so many complete torrents has left it: one is added, the others follow its pattern. */
async function writeStore(scope: Scope, trackerUrl: string): Promise<string> {
  const dir = await scope.folder();
  const storePath = join(dir, "store.db");
  const runtime = await createNodeRuntime({ storePath, logLevel: "error" });
  const session = await createSession({ runtime, host: "127.0.0.1", restore: true });
  const content = Buffer.alloc(PIECE_BYTES);
  await writeFile(join(dir, "file-0"), content);
  const torrent = await session.add(torrentOf("file-0", content, trackerUrl), { dir });
  await torrent.whenComplete();
  await session.close();
  await runtime.close();
  const database = new DatabaseSync(storePath);
  const entry = database.prepare("SELECT entry FROM engine_torrents").get()!["entry"] as string;
  const layers = database.prepare("SELECT layers FROM engine_metadata").get()!["layers"]!;
  const addEntry = database.prepare("INSERT INTO engine_torrents VALUES (?, ?, ?)");
  const addInfo = database.prepare("INSERT INTO engine_metadata VALUES (?, ?, ?)");
  database.exec("BEGIN");
  for (let index = 1; index < COUNT; index++) {
    const name = `file-${index}`;
    const info = infoOf(name, content);
    const infoHash = createHash("sha1").update(info).digest("hex");
    const fields = { infoHash, v1: infoHash, name, order: index + 1 };
    addEntry.run(infoHash, JSON.stringify({ ...JSON.parse(entry), ...fields }), index + 1);
    addInfo.run(infoHash, info, layers);
  }
  database.exec("COMMIT");
  database.close();
  return storePath;
}

function torrentOf(name: string, content: Uint8Array, trackerUrl: string): Uint8Array {
  const announce = Buffer.from(`d8:announce${trackerUrl.length}:${trackerUrl}4:info`);
  return Buffer.concat([announce, infoOf(name, content), Buffer.from("e")]);
}

function infoOf(name: string, content: Uint8Array): Buffer {
  const sha1 = createHash("sha1").update(content).digest();
  const head = `d6:lengthi${content.length}e4:name${name.length}:${name}`;
  const tail = `12:piece lengthi${PIECE_BYTES}e6:pieces20:`;
  return Buffer.concat([Buffer.from(head + tail), sha1, Buffer.from("e")]);
}
