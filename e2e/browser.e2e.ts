import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { BrowserPeer } from "./browser/chromium.ts";
import { needClients, openScope } from "./clients.ts";
import { createTorrent, Shoal, startTracker } from "./shoal.ts";

/** Peers of WebRTC, beside an address that is said, and of nothing else. */
const WEB_ALONE = ["--webrtc", "--no-dht"];

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

suite("browsers' peers", await needClients("chromium"), () => {
  test("WebTorrent in Chromium downloads from shoal's seed, by shoal's tracker", async (t) => {
    const scope = openScope(t);
    const { ws } = await startTracker(scope);
    const dir = await scope.folder();
    const content = randomBytes(3_000_000);
    await writeFile(join(dir, "film.bin"), content);
    const { torrent } = await createTorrent(
      join(dir, "film.bin"),
      join(dir, "film.torrent"),
      ...["--v1", "--tracker", ws],
    );
    await Shoal.seed(scope, { torrent, dir }, ...WEB_ALONE);
    const browser = await BrowserPeer.start(scope, { job: "get", tracker: ws, file: torrent });
    const { hashes } = await browser.report("done");
    assert.deepEqual(Object.values(hashes), [sha256(content)]);
  });

  test("shoal downloads what WebTorrent in Chromium shares, from its magnet link alone", async (t) => {
    const scope = openScope(t);
    const { ws } = await startTracker(scope);
    const file = join(await scope.folder(), "file");
    const content = randomBytes(3_000_000);
    await writeFile(file, content);
    const browser = await BrowserPeer.start(scope, { job: "seed", tracker: ws, file });
    const { magnet } = await browser.report("seeding");
    const target = await scope.folder();
    const shoal = await Shoal.get(scope, { source: magnet, dir: target }, ...WEB_ALONE);
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    assert.equal(sha256(await readFile(join(target, "shared.bin"))), sha256(content));
  });
});
