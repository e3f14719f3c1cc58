import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { suite, test } from "node:test";
import { startSmallDht } from "./quick/small-dht.ts";
import { createWorkspace, patternBytes, type ShoalEvent } from "./quick/workspace.ts";

suite("torrents under a key (BEP 46)", () => {
  test("a folder is published, followed, and followed again when it changes", async (t) => {
    const { way } = await startSmallDht(t);
    const shell = createWorkspace(t);
    const large = patternBytes(400_000, 1);
    shell.write("site/large.bin", large);
    shell.write("site/news.txt", "one");
    const publish = ["publish", "site", "--key", "site.key", "--check", "1", ...way];
    const publisher = shell.start(publish, "publisher");
    const first = await publisher.waitFor("published");
    const { link } = (await publisher.waitFor("listening")) as ShoalEvent & { link: string };
    assert.match(link, /^magnet:\?xs=urn:btpk:[0-9a-f]{64}$/);
    if (process.platform !== "win32") {
      assert.equal(statSync(shell.path("site.key")).mode & 0o777, 0o600);
    }

    const follow = ["follow", link, "--dir", "mirror", "--poll", "1", ...way];
    const follower = shell.start(follow, "follower");
    const got = await follower.waitFor("followed");
    assert.deepEqual([got["seq"], got["infoHash"]], [first["seq"], first["infoHash"]]);
    const read = (path: string) => readFileSync(shell.path("mirror/site", path));
    assert.deepEqual(new Uint8Array(read("large.bin")), large);
    assert.equal(read("news.txt").toString(), "one");

    // While both run: the new file is fetched, the large one copied from the version before.
    shell.write("site/news.txt", "two, and more");
    shell.write("site/extra.txt", "extra");
    const isLater = ({ event, seq }: ShoalEvent) =>
      event === "followed" && (seq as number) > (first["seq"] as number);
    const second = await follower.waitFor(isLater);
    assert.ok((second["downloadedBytes"] as number) < 100_000);
    assert.equal((await follower.waitFor("reused"))["path"], "site/large.bin");
    assert.equal(read("news.txt").toString(), "two, and more");
    assert.equal(readdirSync(shell.path("mirror/.versions")).length, 1);
    follower.kill("SIGTERM");
    publisher.kill("SIGTERM");
    assert.deepEqual([(await follower.ended).exitCode, (await publisher.ended).exitCode], [0, 0]);

    // While neither runs: the next run publishes a later version, and whoever comes gets that.
    shell.write("site/news.txt", "three");
    const again = shell.start(publish, "publisher");
    const third = await again.waitFor("published");
    assert.ok((third["seq"] as number) > (second["seq"] as number));
    const once = await shell.run(["follow", link, "--dir", "mirror", "--once", ...way], "follower");
    assert.equal(once.exitCode, 0, once.stderr);
    assert.equal(once.stdout, "mirror/site\n");
    assert.equal(read("news.txt").toString(), "three");
    assert.deepEqual(new Uint8Array(read("large.bin")), large);
  });

  test("says what is missing", async (t) => {
    const { way } = await startSmallDht(t);
    const shell = createWorkspace(t);
    const key = "8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e";
    const follow = ["follow", key, "--dir", "mirror", "--once", "--timeout", "1", ...way];
    const nothing = await shell.run(follow);
    assert.equal(nothing.exitCode, 4);
    assert.match(nothing.stderr, /nothing is published under this key/);
    const wrong = await shell.run(["follow", "abc", "--dir", "mirror"]);
    assert.equal(wrong.exitCode, 2);
    const missing = await shell.run(["publish", "nowhere", "--key", "k.key", ...way]);
    assert.equal(missing.exitCode, 4);
  });
});
