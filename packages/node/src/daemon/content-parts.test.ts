import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, suite, test } from "node:test";
import { cidOfPiecesRoot } from "../gateway/cid.ts";
import { makeTorrent } from "../testing/make-torrent.ts";
import { openTestDaemon, readText } from "../testing/test-daemon.ts";

const PAGE = "<script>alert(1)</script>";
const SAMPLE = makeTorrent([
  { path: ["index.html"], content: Buffer.from(PAGE) },
  { path: ["sound.wav"], content: Buffer.alloc(200_000, "sound") },
]);
const indexOf = (name: string): number =>
  SAMPLE.metainfo.files.findIndex(({ path }) => path.at(-1) === name);

suite("a daemon's content", async () => {
  const daemon = await openTestDaemon();
  after(() => daemon.close());
  const { client, home } = daemon;
  for (const { path, content } of SAMPLE.files) {
    const place = join(home, "data", "downloads", ...path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content);
  }
  await client.call("changeSettings", { web: { gateway: true } });
  const torrentFile = Buffer.from(SAMPLE.bytes).toString("base64");
  const { infoHash } = await client.call("addTorrent", { source: { torrentFile } });
  await daemon.daemon.core.torrents.find(infoHash).whenComplete();
  const target = (name: string): string =>
    `/api/v1/torrents/${infoHash}/files/${indexOf(name)}/content`;

  test("is served by range over its API, and nothing of it runs there", async () => {
    const part = await daemon.request({
      target: target("sound.wav"),
      headers: { range: "bytes=100000-100004" },
    });
    assert.equal(part.status, 206);
    assert.equal(part.headers["content-range"], "bytes 100000-100004/200000");
    assert.equal(await readText(part), "sound");
    const head = await daemon.request({ target: target("sound.wav"), method: "HEAD" });
    assert.deepEqual([head.status, head.headers["content-length"]], [200, "200000"]);
    const page = await daemon.fetch("GET", target("index.html"));
    assert.equal(await readText(page), PAGE);
    assert.match(page.headers["content-security-policy"]!, /^sandbox/);
    assert.match(page.headers["content-disposition"]!, /^attachment/);
    const none = await daemon.request({ target: `/api/v1/torrents/${infoHash}/files/7/content` });
    assert.equal(none.status, 404);
  });

  test("is passed on by its gateway, until that is turned off", async () => {
    const cid = cidOfPiecesRoot(SAMPLE.metainfo.files[indexOf("sound.wav")]!.piecesRoot!);
    for (const path of [`/content/${infoHash}/sound.wav`, `/content/${cid}`]) {
      const response = await daemon.fetch("GET", path);
      assert.equal(response.status, 200, path);
      assert.equal((await readText(response)).length, 200_000);
    }
    const listing = await daemon.fetch("GET", `/content/${infoHash}/`);
    assert.match(await readText(listing), /sound\.wav/);
    await client.call("changeSettings", { web: { gateway: false } });
    assert.equal((await daemon.fetch("GET", `/content/${infoHash}/sound.wav`)).status, 404);
  });

  test("feeds are kept", async () => {
    const feed = { url: "http://127.0.0.1:9/feed", isOn: false };
    const { id } = await client.call("addFeed", feed);
    const changed = await client.call("changeFeed", { id, intervalS: 600 });
    assert.equal(changed.intervalS, 600);
    assert.equal((await client.call("listFeeds")).feeds.length, 1);
    assert.deepEqual((await client.call("listFeedItems", { id })).items, []);
    await client.call("removeFeed", { id });
    assert.deepEqual((await client.call("listFeeds")).feeds, []);
  });
});
