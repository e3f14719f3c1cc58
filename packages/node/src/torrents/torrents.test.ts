import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { settings } from "@shoal/api";
import { createSession } from "@shoal/engine";
import { parseMetainfo } from "@shoal/protocol";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { type SampleTorrent, sampleTorrent } from "../testing/sample-torrent.ts";
import type { ListQuery } from "./list-torrents.ts";
import { Torrents } from "./torrents.ts";

const ALL = { sort: "queuePosition", order: "asc", offset: 0, limit: 100 } as const;

/** The torrents of a daemon on a simulated host. */
async function open(world: SimWorld, host: SimHost): Promise<Torrents> {
  return await world.complete(
    (async () => {
      const session = await createSession({ runtime: host, restore: true });
      const init = { runtime: host, settings: { current: settings.parse({}) } };
      return await Torrents.open({ ...init, session, defaultFolder: "/downloads" });
    })(),
  );
}

function place(host: SimHost, { metainfo, contents }: SampleTorrent, folder: string): void {
  metainfo.files.forEach(({ path }, index) => {
    host.files.write([folder, ...path].join("/"), contents[index]!);
  });
}

suite("torrents", () => {
  test("are added from a file's bytes, a magnet link and an infohash, each once", () =>
    withWorld({ seed: 1 }, async (world) => {
      const torrents = await open(world, world.host({ address: "10.0.0.1" }));
      const [file, other] = [sampleTorrent(1), sampleTorrent(2)];
      const first = await world.complete(torrents.add({ source: file.bytes }));
      assert.equal(first.infoHash, file.infoHash);
      assert.equal(first.dir, "/downloads");
      const magnet = `magnet:?xt=urn:btih:${other.infoHash}&dn=other`;
      const second = await world.complete(torrents.add({ source: magnet, folder: "films" }));
      assert.deepEqual([second.name, second.dir], ["other", "/downloads/films"]);
      await world.complete(
        assert.rejects(torrents.add({ source: file.infoHash }), { code: "duplicate-torrent" }),
      );
      await world.complete(torrents.add({ source: "ab".repeat(20).toUpperCase(), paused: true }));
      assert.equal(torrents.find("ab".repeat(20)).state, "paused");
      assert.equal(torrents.list({ ...ALL }).total, 3);
      assert.throws(() => torrents.find("cd".repeat(20)), { code: "not-found" });
    }));

  test("say what a source holds before it is added", () =>
    withWorld({ seed: 2 }, async (world) => {
      const torrents = await open(world, world.host({ address: "10.0.0.1" }));
      const { bytes, infoHash } = sampleTorrent(1);
      const inspected = await world.complete(torrents.inspect(bytes));
      assert.equal(inspected.isKnown, false);
      assert.equal(inspected.files[1]?.path, "sample 1/file-1.mp4");
      await world.complete(torrents.add({ source: bytes }));
      assert.equal((await world.complete(torrents.inspect(infoHash))).isKnown, true);
      await world.complete(assert.rejects(torrents.read("nonsense"), { code: "not-a-magnet" }));
    }));

  test("categories say where files go, and outlast a restart with their limits", () =>
    withWorld({ seed: 3 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const torrents = await open(world, host);
      await world.complete(
        torrents.setCategory("films", { folder: "/films", downloadLimit: 1000, shareLimits: {} }),
      );
      const source = sampleTorrent(1).bytes;
      const torrent = await world.complete(torrents.add({ source, category: "films" }));
      assert.equal(torrent.dir, "/films");
      await world.complete(torrents.session.close());
      await world.complete(host.close());
      const again = await open(world, world.restart(host));
      const [films] = again.listCategories();
      assert.deepEqual([films?.name, films?.downloadLimit, films?.torrents], ["films", 1000, 1]);
      await world.complete(again.removeCategory("films"));
      assert.equal(again.summaries[0]?.category, null);
      await world.complete(assert.rejects(again.removeCategory("films"), { code: "not-found" }));
    }));

  test("one that sleeps shows its files, its pieces and its torrent file", () =>
    withWorld({ seed: 4 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const sample = sampleTorrent(1, undefined, { trackers: [["http://10.9.9.9/announce"]] });
      place(host, sample, "/downloads");
      const torrents = await open(world, host);
      const torrent = await world.complete(torrents.add({ source: sample.bytes }));
      await world.complete(torrent.whenComplete());
      torrent.pause();
      await world.run({ untilMs: world.timeMs + 120_000 });
      assert.equal(torrent.isAsleep, true);
      const detail = await world.complete(torrents.detail(torrent));
      assert.deepEqual(
        [detail.state, detail.progress, detail.contentPath],
        ["paused", 1, "/downloads/sample 1"],
      );
      assert.equal(torrents.trackers(torrent)[0]?.url, "http://10.9.9.9/announce");
      const { have, pieceCount } = await world.complete(torrents.pieces(torrent));
      assert.deepEqual([have, pieceCount], [Buffer.from([0xf0]).toString("base64"), 4]);
      const [first] = await world.complete(torrents.files(torrent));
      assert.deepEqual([first?.doneBytes, first?.isMedia], [3 * 65_536, true]);
      const exported = parseMetainfo(await world.complete(torrents.exportFile(torrent)));
      assert.deepEqual(exported.v1?.infoHash, sample.metainfo.v1?.infoHash);
      assert.deepEqual(exported.trackers, [["http://10.9.9.9/announce"]]);
    }));

  test("while the metadata is missing, what needs it is refused and the rest is empty", () =>
    withWorld({ seed: 5 }, async (world) => {
      const torrents = await open(world, world.host({ address: "10.0.0.1" }));
      const torrent = await world.complete(torrents.add({ source: "ab".repeat(20) }));
      assert.deepEqual(await world.complete(torrents.files(torrent)), []);
      assert.equal((await world.complete(torrents.pieces(torrent))).pieceCount, 0);
      const missing = { code: "conflict" };
      await world.complete(assert.rejects(torrents.exportFile(torrent), missing));
      await world.complete(assert.rejects(torrents.change(torrent, { sequential: true }), missing));
      await world.complete(assert.rejects(torrents.setFilePriority(torrent, [0], 0), missing));
      await world.complete(torrents.change(torrent, { downloadLimit: 500, category: "new" }));
      const { downloadLimit, category } = await world.complete(torrents.detail(torrent));
      assert.deepEqual([downloadLimit, category], [500, "new"]);
    }));

  test("several are acted on together: what is unknown is told, and the queue keeps their order", () =>
    withWorld({ seed: 6 }, async (world) => {
      const torrents = await open(world, world.host({ address: "10.0.0.1" }));
      const samples = [1, 2, 3, 4].map((seed) => sampleTorrent(seed));
      for (const { bytes } of samples) await world.complete(torrents.add({ source: bytes }));
      const [a, b, c, d] = samples.map(({ infoHash }) => infoHash) as [
        string,
        string,
        string,
        string,
      ];
      const order = () => torrents.summaries.map(({ infoHash }) => infoHash);
      await world.complete(torrents.actOn([d, c], "queue-top"));
      assert.deepEqual(order(), [c, d, a, b]);
      await world.complete(torrents.actOn([c, d], "queue-up"));
      assert.deepEqual(order(), [c, d, a, b]);
      await world.complete(torrents.actOn([c, d], "queue-down"));
      assert.deepEqual(order(), [a, c, d, b]);
      const { done, failed } = await world.complete(torrents.actOn([a, "ef".repeat(20)], "pause"));
      assert.deepEqual([done, failed.map(({ infoHash }) => infoHash)], [1, ["ef".repeat(20)]]);
      assert.equal(torrents.find(a).state, "paused");
      await world.complete(torrents.actOn("all", "remove"));
      assert.deepEqual(order(), []);
    }));

  test("the board tells each change once: added whole, changed by what changed, removed", () =>
    withWorld({ seed: 7 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const { board, ...torrents } = await open(world, host).then((all) => {
        return { board: all.board, add: all.add.bind(all), act: all.act.bind(all) };
      });
      assert.equal(board.takeChanges(), null);
      const torrent = await world.complete(torrents.add({ source: sampleTorrent(1).bytes }));
      await world.complete(torrent.whenReady());
      assert.deepEqual(board.takeChanges()?.added, [board.summaries[0]]);
      assert.equal(board.takeChanges(), null);
      await world.complete(torrents.act(torrent, "pause"));
      assert.equal(board.summaries[0]?.state, "paused");
      const { infoHash } = torrent;
      assert.deepEqual(board.takeChanges(), {
        added: [],
        changed: [{ infoHash, state: "paused", slow: null }],
        removed: [],
      });
      await world.complete(torrents.act(torrent, "remove"));
      assert.deepEqual(board.takeChanges(), { added: [], changed: [], removed: [infoHash] });
    }));

  test("pages are sorted, filtered and cut", () =>
    withWorld({ seed: 8 }, async (world) => {
      const torrents = await open(world, world.host({ address: "10.0.0.1" }));
      for (const seed of [2, 3, 1]) {
        const category = seed === 3 ? "c" : undefined;
        await world.complete(torrents.add({ source: sampleTorrent(seed).bytes, category }));
      }
      const names = (query: Partial<ListQuery>) =>
        torrents
          .list({ ...ALL, ...query })
          .torrents.map(({ name }) => name.slice(-1))
          .join("");
      assert.equal(names({}), "231");
      assert.equal(names({ sort: "name" }), "123");
      assert.equal(names({ sort: "name", order: "desc" }), "321");
      assert.equal(names({ sort: "name", order: "desc", offset: 1, limit: 1 }), "2");
      assert.equal(names({ offset: 2, limit: 5 }), "1");
      assert.equal(names({ category: "c" }), "3");
      assert.equal(names({ category: "" }), "21");
      assert.equal(names({ search: "SAMPLE 1" }), "1");
      assert.equal(names({ sort: "etaS" }), "231");
    }));
});
