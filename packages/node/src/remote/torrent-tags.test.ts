import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { MAX_TAG_LENGTH, MAX_TAGS_OF_TORRENT, TAGS_SCHEMA, TorrentTags } from "./torrent-tags.ts";

const [ONE, TWO] = ["aa".repeat(20), "bb".repeat(20)] as const;

suite("tags", () => {
  test("are kept over restarts, and gone with their torrent", () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const open = async () => await TorrentTags.open(await host.store.open(TAGS_SCHEMA));
      const tags = await world.complete(open());
      await world.complete(tags.set(ONE, ["tv", "new", "tv"]));
      await world.complete(tags.set(TWO, ["tv"]));
      await world.complete(tags.set(ONE, ["tv"]));
      await world.complete(tags.forget(TWO));
      const again = await world.complete(open());
      assert.deepEqual([again.of(ONE), again.of(TWO)], [["tv"], []]);
      assert.deepEqual(again.all, ["new", "tv"]);
    }));

  test("a tag that is deleted is taken off all torrents", () =>
    withWorld({ seed: 2 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const open = async () => await TorrentTags.open(await host.store.open(TAGS_SCHEMA));
      const tags = await world.complete(open());
      await world.complete(tags.set(ONE, ["a", "b"]));
      await world.complete(tags.delete(["a", "unknown"]));
      assert.deepEqual([tags.of(ONE), tags.all], [["b"], ["b"]]);
      assert.deepEqual((await world.complete(open())).of(ONE), ["b"]);
    }));

  test("what is no tag is refused, and so are too many", () =>
    withWorld({ seed: 3 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const tags = await world.complete(
        (async () => await TorrentTags.open(await host.store.open(TAGS_SCHEMA)))(),
      );
      for (const bad of ["", "a,b", "a\nb", "x".repeat(MAX_TAG_LENGTH + 1)]) {
        await world.complete(assert.rejects(tags.set(ONE, [bad]), { code: "bad-request" }));
      }
      const many = Array.from({ length: MAX_TAGS_OF_TORRENT + 1 }, (_, index) => `t${index}`);
      await world.complete(assert.rejects(tags.set(ONE, many), { code: "bad-request" }));
      assert.deepEqual([tags.of(ONE), tags.all], [[], []]);
    }));
});
