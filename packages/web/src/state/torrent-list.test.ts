import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { arrange, type Arrangement, mayReorder, SORT_KEYS } from "./arrange.ts";
import { TorrentList } from "./torrent-list.ts";
import type { Torrent } from "./torrent.ts";

function torrent(infoHash: string, change: Partial<Torrent> = {}): Torrent {
  return {
    infoHash,
    name: infoHash,
    state: "seeding",
    error: null,
    errorCode: null,
    sizeBytes: 1,
    verifiedBytes: 1,
    progress: 1,
    downloadRate: 0,
    uploadRate: 0,
    etaS: null,
    seeds: 0,
    leechers: 0,
    ratio: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    addedAtMs: 0,
    completedAtMs: null,
    category: null,
    queuePosition: 0,
    slow: null,
    ...change,
  };
}

const all: Arrangement = {
  sort: "name",
  descending: false,
  state: "all",
  category: null,
  search: "",
};

suite("list of torrents", () => {
  test("a delta changes what it names and makes another object of that torrent alone", () => {
    const list = new TorrentList();
    list.takePage([torrent("a"), torrent("b")]);
    const before = list.get("b");
    const change = list.apply([
      { added: [], changed: [{ infoHash: "a", uploadRate: 5 }], removed: [] },
    ]);
    assert.equal(list.get("a")?.uploadRate, 5);
    assert.equal(list.get("b"), before);
    assert.deepEqual(change, { isStructural: false, fields: new Set(["uploadRate"]) });
  });

  test("a delta of a torrent that is not known is left out", () => {
    const list = new TorrentList();
    list.apply([{ added: [], changed: [{ infoHash: "a", uploadRate: 5 }], removed: [] }]);
    assert.equal(list.size, 0);
  });

  test("a torrent that went while pages were read does not come back with one", () => {
    const list = new TorrentList();
    list.beginReading();
    list.apply([{ added: [torrent("new")], changed: [], removed: ["a"] }]);
    list.takePage([torrent("a"), torrent("b")]);
    list.endReading(new Set(["a", "b"]), new Set(["new"]));
    assert.deepEqual(
      list.values().map(({ infoHash }) => infoHash),
      ["new", "b"],
    );
  });

  test("a torrent that no page has any more is dropped", () => {
    const list = new TorrentList();
    list.takePage([torrent("a"), torrent("b")]);
    list.beginReading();
    list.takePage([torrent("b")]);
    list.endReading(new Set(["b"]), new Set());
    assert.equal(list.get("a"), undefined);
  });
});

suite("arranging", () => {
  const torrents = [
    torrent("1", { name: "film 10", category: "films", state: "downloading", etaS: 60 }),
    torrent("2", { name: "Film 9", uploadRate: 10 }),
    torrent("3", { name: "日本語", state: "metadata" }),
  ];

  test("names sort as people count", () => {
    assert.deepEqual(arrange(torrents, all), ["2", "1", "3"]);
  });

  test("no estimate is longer than any", () => {
    assert.deepEqual(arrange(torrents, { ...all, sort: "etaS" })[0], "1");
  });

  test("filters by state, category and every word of a search", () => {
    assert.deepEqual(arrange(torrents, { ...all, state: "downloading" }), ["1", "3"]);
    assert.deepEqual(arrange(torrents, { ...all, state: "active" }), ["2"]);
    assert.deepEqual(arrange(torrents, { ...all, category: "films" }), ["1"]);
    assert.deepEqual(arrange(torrents, { ...all, category: "" }), ["2", "3"]);
    assert.deepEqual(arrange(torrents, { ...all, search: "FILM 1" }), ["1"]);
    assert.deepEqual(arrange(torrents, { ...all, search: "本" }), ["3"]);
  });

  test("equal ones stay in the order they had", () => {
    const sorted = arrange(torrents, { ...all, sort: "ratio" }, ["3", "1", "2"]);
    assert.deepEqual(sorted, ["3", "1", "2"]);
  });

  test("every key sorts, and never loses a torrent", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SORT_KEYS),
        fc.boolean(),
        fc.uniqueArray(fc.string(), { maxLength: 30 }),
        (sort, descending, names) => {
          const some = names.map((name, ratio) => torrent(String(ratio), { name, ratio }));
          const order = arrange(some, { ...all, sort, descending });
          assert.equal(new Set(order).size, some.length);
        },
      ),
    );
  });

  test("only what the order depends on asks for it anew", () => {
    const rates = { isStructural: false, fields: new Set(["uploadRate"] as const) };
    assert.equal(mayReorder(rates, all), false);
    assert.equal(mayReorder(rates, { ...all, sort: "uploadRate" }), true);
    assert.equal(mayReorder(rates, { ...all, state: "active" }), true);
    assert.equal(mayReorder({ isStructural: true, fields: new Set() }, all), true);
  });
});
