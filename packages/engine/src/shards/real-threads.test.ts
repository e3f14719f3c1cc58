import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Thread, Threads } from "@shoal/runtime";
import { createNodeRuntime, createThreads } from "@shoal/runtime/node";
import { SessionError } from "../errors.ts";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { createShardedSession } from "./create-sharded-session.ts";

test("threads of this machine: seed, die, come back with their torrents, and close in order", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "shoal-shards-"));
  const runtime = await createNodeRuntime({ logLevel: "error", writeLog: () => {} });
  const real = createThreads({
    storePath: join(dir, "store.db"),
    sharedBy: 2,
    logLevel: "error",
  });
  const started: Thread[] = [];
  const threads: Threads = {
    start(module, data) {
      const thread = real.start(module, data);
      started.push(thread);
      return thread;
    },
  };
  const session = await createShardedSession({ runtime, threads, workers: 2, host: "127.0.0.1" });
  t.after(() => session.close());
  const samples = [1, 2, 3, 4].map((seed) =>
    sampleTorrent({ version: "v1", pieceLengthBytes: 16_384, fileLengths: [50_000], seed }),
  );
  const torrents = [];
  for (const [index, sample] of samples.entries()) {
    const folder = await mkdtemp(join(dir, `${index}-`));
    await writeFile(join(folder, "sample"), sample.contents[0]!);
    torrents.push(await session.add(sample.bytes, { dir: folder }));
  }
  await Promise.all(torrents.map((torrent) => torrent.whenComplete()));
  const ports = session.workers.map(({ port }) => port);

  const events = session.events();
  await started[1]!.kill();
  const kinds: string[] = [];
  for await (const event of events) {
    if ("worker" in event) kinds.push(`${event.type} ${event.worker}`);
    if (event.type === "worker-died") {
      assert.ok(event.error instanceof SessionError && event.error.code === "worker-died");
    }
    if (event.type === "worker-restarted") break;
  }
  assert.deepEqual(kinds, ["worker-died 1", "worker-restarted 1"]);
  assert.deepEqual(
    session.workers.map(({ port }) => port),
    ports,
  );
  await Promise.all(torrents.map((torrent) => torrent.whenComplete()));
  assert.deepEqual(session.torrents, torrents);
  await session.close();
  assert.deepEqual(
    await Promise.all(started.map((thread) => thread.whenEnded)).then(([a, , b]) => [a, b]),
    [null, null],
  );
  await runtime.close();
  await rm(dir, { recursive: true });
});
