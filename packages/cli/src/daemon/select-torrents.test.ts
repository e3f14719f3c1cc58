import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createClient } from "@shoal/api/client";
import { selectTorrents } from "./select-torrents.ts";

const TORRENTS = [
  { infoHash: `abcdef${"0".repeat(34)}`, name: "debian-13.iso" },
  { infoHash: `abcdef${"1".repeat(34)}`, name: "debian-12.iso" },
  { infoHash: `123456${"0".repeat(34)}`, name: "all the rest" },
];

/** A daemon that answers two torrents a page. */
const client = createClient(async ({ target }) => {
  const offset = Number(new URL(target, "http://a").searchParams.get("offset"));
  const answer = { total: TORRENTS.length, torrents: TORRENTS.slice(offset, offset + 2) };
  return { status: 200, text: async () => JSON.stringify(answer) };
});

async function namesOf(...words: readonly string[]): Promise<string[]> {
  return (await selectTorrents(client, words)).map(({ name }) => name);
}

suite("which torrents are meant", () => {
  test("all of them, over every page", async () => {
    assert.equal((await namesOf("all")).length, 3);
  });

  test("one, by the beginning of its infohash or by its name", async () => {
    assert.deepEqual(await namesOf("123456"), ["all the rest"]);
    assert.deepEqual(await namesOf("all the rest"), ["all the rest"]);
  });

  test("several by a pattern, each once", async () => {
    assert.deepEqual(await namesOf("debian*", "*.iso"), ["debian-13.iso", "debian-12.iso"]);
  });

  test("a prefix of several infohashes is refused", async () => {
    await assert.rejects(namesOf("abcdef"), { code: "usage" });
  });

  test("a word that means nothing is an error that says what to write", async () => {
    await assert.rejects(namesOf("fedora"), { code: "not-found", message: /shoal ls/ });
  });
});
