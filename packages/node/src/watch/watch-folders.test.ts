import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Log, type LogFields, ShoalError } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import { createLocalFiles } from "../local-files/create-local-files.ts";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import { WatchFolders } from "./watch-folders.ts";

class Duplicate extends ShoalError<"duplicate-torrent"> {}

interface Scene {
  readonly folder: string;
  readonly added: { source: Uint8Array | string; category?: string; paused?: boolean }[];
  readonly log: { event: string; fields: LogFields }[];
  readonly failures: Error[];
  readonly open: () => WatchFolders;
}

async function withScene(test: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-watch-"));
  await withWorld({ seed: 1 }, async (world) => {
    const { clock } = world.host({ address: "10.0.0.1" });
    const lines: Scene["log"] = [];
    const note = (event: string, fields: LogFields = {}): void =>
      void lines.push({ event, fields });
    const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
    const added: Scene["added"] = [];
    const failures: Error[] = [];
    const torrents = {
      add(addition: Scene["added"][number]): Promise<void> {
        const failure = failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        added.push(addition);
        return Promise.resolve();
      },
    };
    const open = (): WatchFolders => {
      const watch = new WatchFolders({ files: createLocalFiles(), torrents, clock, log });
      watch.use([{ path: folder, folder: null, category: "watched", paused: true }]);
      return watch;
    };
    await test({ folder, added, log: lines, failures, open });
  });
  await rm(folder, { recursive: true });
}

const MAGNET = `magnet:?xt=urn:btih:${"ab".repeat(20)}`;

suite("watched folders", () => {
  test("torrent files and magnet links are added once they stop growing, and renamed", () =>
    withScene(async ({ folder, added, open }) => {
      const { bytes } = sampleTorrent(1);
      await writeFile(join(folder, "a.torrent"), bytes.subarray(0, 100));
      await writeFile(join(folder, "b.MAGNET"), `${MAGNET}\n`);
      await writeFile(join(folder, "other.txt"), "x");
      await writeFile(join(folder, ".hidden.torrent"), bytes);
      const watch = open();
      await watch.look();
      assert.equal(added.length, 0);
      await appendFile(join(folder, "a.torrent"), bytes.subarray(100));
      await watch.look();
      assert.deepEqual(added, [{ source: MAGNET, category: "watched", paused: true }]);
      await watch.look();
      assert.equal(Buffer.compare(Buffer.from(added[1]!.source), bytes), 0);
      await watch.look();
      assert.equal(added.length, 2);
      assert.deepEqual(await readdir(folder).then((names) => names.toSorted()), [
        ".hidden.torrent",
        "a.torrent.added",
        "b.MAGNET.added",
        "other.txt",
      ]);
      await watch.close();
    }));

  test("what is no torrent is marked, with the reason in the log", () =>
    withScene(async ({ folder, added, log, open }) => {
      await writeFile(join(folder, "a.torrent"), "this is no torrent");
      await writeFile(join(folder, "a.torrent.invalid"), "of another time");
      await writeFile(join(folder, "b.magnet"), "magnet:?dn=nothing");
      await writeFile(join(folder, "c.magnet"), MAGNET.padEnd(70_000, "x"));
      const watch = open();
      for (let look = 0; look < 3; look++) await watch.look();
      assert.deepEqual(added, []);
      assert.deepEqual(await readdir(folder).then((names) => names.toSorted()), [
        "a.torrent.invalid",
        "a.torrent.invalid.1",
        "b.magnet.invalid",
        "c.magnet.invalid",
      ]);
      assert.equal(log.length, 3);
      assert.ok(log.every(({ fields }) => fields["error"] instanceof Error));
      await watch.close();
    }));

  test("one that is here already is taken as added, as after a kill before it was renamed", () =>
    withScene(async ({ folder, failures, open }) => {
      await writeFile(join(folder, "a.magnet"), MAGNET);
      failures.push(new Duplicate("duplicate-torrent", "it is there already"));
      const watch = open();
      await watch.look();
      await watch.look();
      assert.deepEqual(await readdir(folder), ["a.magnet.added"]);
      await watch.close();
    }));

  test("what fails for another reason is tried again, with longer and longer pauses", () =>
    withScene(async ({ folder, added, log, failures, open }) => {
      await writeFile(join(folder, "a.magnet"), MAGNET);
      failures.push(new Error("the disk is full"), new Error("the disk is full"));
      const watch = open();
      for (let look = 0; look < 1 + 1 + 2 + 1 + 4; look++) await watch.look();
      assert.deepEqual([added.length, log.length], [0, 2]);
      await watch.look();
      assert.equal(added.length, 1);
      await watch.close();
    }));

  test("a folder that is missing is said once, and looked into when it is there", () =>
    withScene(async ({ folder, added, log, open }) => {
      await rm(folder, { recursive: true });
      const watch = open();
      for (let look = 0; look < 3; look++) await watch.look();
      assert.equal(log.length, 1);
      await mkdir(folder);
      await writeFile(join(folder, "a.magnet"), MAGNET);
      await watch.look();
      await watch.look();
      assert.equal(added.length, 1);
      await watch.close();
    }));
});
