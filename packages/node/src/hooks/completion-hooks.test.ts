import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { settings } from "@shoal/api";
import { createContent, type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { makeTorrent } from "../testing/make-torrent.ts";
import { openTorrents, placeFiles } from "../testing/open-torrents.ts";
import type { Torrents } from "../torrents/torrents.ts";
import { CompletionHooks, fillIn } from "./completion-hooks.ts";
import type { ProgramEnd, ProgramRun } from "./program.ts";

const NAME = `$(reboot) {path} "quoted"`;
const SAMPLE = makeTorrent([{ path: [], content: createContent("a", 200_000) }], { name: NAME });
const FINE: ProgramEnd = { exitCode: 0, isTimedOut: false, output: "" };
const COMMAND = [
  "/usr/bin/after",
  "--name={name}",
  "{path}",
  "{infohash}",
  "{category}",
  "{other}",
];

interface Scene {
  readonly world: SimWorld;
  readonly host: SimHost;
  readonly torrents: Torrents;
  readonly runs: ProgramRun[];
  /** Set before the next run: what it answers. */
  end: () => Promise<ProgramEnd>;
  readonly open: (onComplete?: readonly string[]) => Promise<CompletionHooks>;
  readonly download: () => Promise<void>;
}

async function withScene(seed: number, test: (scene: Scene) => Promise<void>): Promise<void> {
  await withWorld({ seed }, async (world) => {
    const host = world.host({ address: "10.0.0.2" });
    const seeder = world.host({ address: "10.0.1.1" });
    placeFiles(seeder, SAMPLE);
    const seeding = await world.complete(openTorrents(seeder));
    const seed = await world.complete(seeding.add({ source: SAMPLE.bytes }));
    await world.complete(seed.whenComplete());
    const torrents = await world.complete(openTorrents(host));
    const runs: ProgramRun[] = [];
    const scene: Scene = {
      world,
      host,
      torrents,
      runs,
      end: () => Promise.resolve(FINE),
      open: (onComplete = COMMAND) =>
        world.complete(
          CompletionHooks.open({
            torrents,
            settings: { current: settings.parse({ downloads: { onComplete: [...onComplete] } }) },
            store: host.store,
            log: host.log,
            programs: {
              run: (run) => {
                runs.push(run);
                return scene.end();
              },
            },
          }),
        ),
      async download() {
        const torrent = await world.complete(
          torrents.add({ source: SAMPLE.bytes, category: "films" }),
        );
        torrent.addPeers([{ address: "10.0.1.1", port: 6881 }]);
        await world.complete(torrent.whenComplete());
      },
    };
    await test(scene);
    await world.complete(Promise.all([torrents.session.close(), seeding.session.close()]));
  });
}

suite("the program of a complete torrent", () => {
  test("runs once, with names as arguments that no shell reads", () =>
    withScene(1, async ({ world, runs, open, download }) => {
      const hooks = await open();
      await download();
      await world.complete(hooks.settle());
      assert.equal(runs.length, 1);
      const { program, arguments: given, environment } = runs[0]!;
      assert.equal(program, "/usr/bin/after");
      assert.deepEqual(given, [
        `--name=${NAME}`,
        `/downloads/${NAME}`,
        SAMPLE.infoHash,
        "films",
        "{other}",
      ]);
      assert.equal(environment["SHOAL_PATH"], `/downloads/${NAME}`);
      assert.equal(environment["SHOAL_BYTES"], "200000");
      hooks.close();
      const again = await open();
      await world.complete(again.settle());
      assert.equal(runs.length, 1);
      again.close();
    }));

  test("runs at the next start for what completed while nobody took note", () =>
    withScene(2, async ({ world, runs, open, download, torrents }) => {
      (await open()).close();
      await download();
      const hooks = await open();
      await world.complete(hooks.settle());
      assert.equal(runs.length, 1);
      hooks.close();
      await world.complete(torrents.remove(torrents.find(SAMPLE.infoHash), { deleteFiles: true }));
      (await open()).close();
      await download();
      const again = await open();
      await world.complete(again.settle());
      assert.equal(runs.length, 2);
      again.close();
    }));

  test("is not run again when the daemon was killed while it ran", () =>
    withScene(3, async (scene) => {
      scene.end = () => new Promise(() => {});
      const hooks = await scene.open();
      await scene.download();
      await scene.world.run({ untilMs: scene.world.timeMs + 1000 });
      assert.equal(scene.runs.length, 1);
      hooks.close();
      const again = await scene.open();
      await scene.world.complete(again.settle());
      assert.equal(scene.runs.length, 1);
      again.close();
    }));

  test("does not run for what was here already, nor for what was complete before there were marks", () =>
    withScene(4, async ({ world, host, torrents, runs, open, download }) => {
      await download();
      const hooks = await open();
      await world.complete(hooks.settle());
      const other = makeTorrent([{ path: [], content: createContent("b", 1000) }], { name: "b" });
      placeFiles(host, other);
      const torrent = await world.complete(torrents.add({ source: other.bytes }));
      await world.complete(torrent.whenComplete());
      await world.complete(hooks.settle());
      assert.equal(runs.length, 0);
      hooks.close();
    }));

  test("runs again for a torrent that was removed and is downloaded anew", () =>
    withScene(5, async ({ world, torrents, runs, open, download }) => {
      const hooks = await open();
      await download();
      await world.complete(torrents.remove(torrents.find(SAMPLE.infoHash), { deleteFiles: true }));
      await download();
      await world.complete(hooks.settle());
      assert.equal(runs.length, 2);
      hooks.close();
    }));

  test("one that fails or cannot be started stops nothing", () =>
    withScene(6, async (scene) => {
      scene.end = () => Promise.reject(new Error("spawn /usr/bin/after ENOENT"));
      const hooks = await scene.open();
      await scene.download();
      await scene.world.complete(hooks.settle());
      hooks.close();
      const again = await scene.open();
      await scene.world.complete(again.settle());
      assert.equal(scene.runs.length, 1);
      again.close();
    }));

  test("nothing runs where no program is named", () =>
    withScene(7, async ({ world, runs, open, download }) => {
      const hooks = await open([]);
      await download();
      await world.complete(hooks.settle());
      assert.equal(runs.length, 0);
      hooks.close();
      const again = await open();
      await world.complete(again.settle());
      assert.equal(runs.length, 0);
      again.close();
    }));

  test("names are filled in once: a torrent's name may hold names in braces", () => {
    assert.equal(fillIn("{a}{b}{__proto__}", { a: "{b}", b: "x\0" }), "{b}x{__proto__}");
  });
});
