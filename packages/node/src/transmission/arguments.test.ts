import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { Arguments, MAX_ARGUMENTS, MAX_LIST, MAX_TEXT } from "./arguments.ts";
import { RpcError } from "./rpc-error.ts";
import { readIds, TorrentIds } from "./torrent-ids.ts";

const HASH = "c9e15763f722f23e98a29decdfae341b98d53056";

function createClock() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    advance: (ms: number) => (nowMs += ms),
  };
}

suite("arguments of Transmission's RPC", () => {
  test("names are found in any spelling", () => {
    for (const name of ["downloadDir", "download-dir", "download_dir"]) {
      assert.equal(new Arguments({ [name]: "/a" }).text("download_dir"), "/a");
    }
  });

  test("null counts as absent", () => {
    assert.equal(new Arguments({ paused: null }).flag("paused"), undefined);
  });

  test("0 and 1 are flags: older clients send them", () => {
    assert.equal(new Arguments({ paused: 1 }).flag("paused"), true);
    assert.throws(() => new Arguments({ paused: 2 }).flag("paused"), RpcError);
  });

  test("values of the wrong kind, and out of bounds, are refused", () => {
    const args = new Arguments({
      text: 5,
      number: "5",
      huge: 1e300,
      list: { length: 1 },
      long: "x".repeat(MAX_TEXT + 1),
      many: Array.from({ length: MAX_LIST + 1 }, () => 0),
      half: [0.5],
    });
    assert.throws(() => args.text("text"), RpcError);
    assert.throws(() => args.number("number"), RpcError);
    assert.throws(() => args.number("huge"), RpcError);
    assert.throws(() => args.texts("list"), RpcError);
    assert.throws(() => args.text("long"), RpcError);
    assert.throws(() => args.numbers("many"), RpcError);
    assert.throws(() => args.numbers("half"), RpcError);
  });

  test("too many names are refused", () => {
    const object = Object.fromEntries(
      Array.from({ length: MAX_ARGUMENTS + 1 }, (_, index) => [`a${index}`, index]),
    );
    assert.throws(() => new Arguments(object), { code: "invalid-params" });
  });

  test("any JSON is read or refused, and nothing else", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const args = new Arguments(object);
        for (const name of args.names) {
          for (const read of ["flag", "number", "text", "texts", "numbers"] as const) {
            try {
              args[read](name);
            } catch (error) {
              assert.ok(error instanceof RpcError);
            }
          }
        }
      }),
    );
  });
});

suite("Transmission's numbers of torrents", () => {
  test("a number is given once, and never again to another torrent", () => {
    const ids = new TorrentIds(createClock());
    assert.equal(ids.idOf(HASH), 1);
    assert.equal(ids.idOf(HASH), 1);
    ids.remove(HASH);
    assert.equal(ids.idOf(HASH), 2);
    assert.equal(ids.hashOf(1), undefined);
  });

  test("ids are numbers, hashes in any case, or lists of both; unknown ones name nothing", () => {
    const ids = new TorrentIds(createClock());
    ids.idOf(HASH);
    assert.deepEqual(readIds(1, ids), new Set([HASH]));
    assert.deepEqual(readIds(HASH.toUpperCase(), ids), new Set([HASH]));
    assert.deepEqual(readIds([1, 99, -1, 1e308, 0.5], ids), new Set([HASH]));
    assert.equal(readIds(undefined, ids), "all");
    assert.equal(readIds("recently-active", ids), "recent");
    assert.equal(readIds("recently_active", ids), "recent");
  });

  test("an empty list is no torrent, not all", () => {
    assert.deepEqual(readIds([], new TorrentIds(createClock())), new Set());
  });

  test("what is no id is refused, and so are too many", () => {
    const ids = new TorrentIds(createClock());
    for (const bad of [true, {}, [null], [[1]]]) assert.throws(() => readIds(bad, ids), RpcError);
    const many = Array.from({ length: MAX_LIST + 1 }, () => 1);
    assert.throws(() => readIds(many, ids), RpcError);
  });

  test("changes and removals are recent for a minute", () => {
    const clock = createClock();
    const ids = new TorrentIds(clock);
    ids.idOf(HASH);
    ids.touch(HASH);
    clock.advance(59_000);
    assert.equal(ids.isRecent(HASH), true);
    clock.advance(2_000);
    assert.equal(ids.isRecent(HASH), false);
    ids.remove(HASH);
    assert.deepEqual(ids.removed, [1]);
    clock.advance(61_000);
    assert.deepEqual(ids.removed, []);
  });
});
