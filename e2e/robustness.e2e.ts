import assert from "node:assert/strict";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { fromHex } from "@shoal/protocol";
import { run } from "../bench/clients/child.ts";
import { withDeadline } from "../bench/clients/deadline.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { openScope, TEST_TIMEOUT_MS } from "./clients.ts";
import { type Attack, attackSeed, startHostilePeer } from "./hostile-peer.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

const isRoot = process.getuid?.() === 0;

suite("hostile peers", { timeout: 10 * TEST_TIMEOUT_MS }, () => {
  for (const attack of ["noise", "noise-after-handshake", "bad-blocks"] satisfies Attack[]) {
    test(`${attack}: the liar is cut off, and an honest seed's copy arrives whole`, async (t) => {
      const scope = openScope(t);
      const { dir, torrent, infoHash } = await makeSample(scope);
      const liar = await startHostilePeer(scope, "127.0.0.2", fromHex(infoHash), attack);
      const limit = ["--max-up", "2M"];
      const seed = await Shoal.seed(scope, { torrent, dir, host: "127.0.0.1" }, ...limit);
      const to = await scope.folder();
      const peers = [liar.endpoint, seed.endpoint];
      const shoal = await Shoal.get(scope, { source: torrent, dir: to, peers });
      assert.equal((await shoal.whenEnded()).exit.code, 0);
      await assertSameFiles(dir, to);
      assert.ok(liar.connections.made > 0, "it was asked");
      assert.equal(liar.connections.cut, liar.connections.made);
    });
  }

  test("a seed goes on serving while twenty connections pour noise at it, and cuts them off", async (t) => {
    const scope = openScope(t);
    const { dir, torrent } = await makeSample(scope);
    const seed = await Shoal.seed(scope, { torrent, dir });
    const attacks = Array.from({ length: 20 }, () => attackSeed(seed.endpoint));
    const to = await scope.folder();
    const shoal = await Shoal.get(scope, { source: torrent, dir: to, peers: [seed.endpoint] });
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    await assertSameFiles(dir, to);
    await withDeadline(Promise.all(attacks), "all of them are cut off");
    assert.equal((await seed.stop("SIGINT")).code, 130);
  });
});

suite("scarce disks", { timeout: 10 * TEST_TIMEOUT_MS }, () => {
  test(
    "a full disk ends the download with a clear error, and what was verified is kept",
    { skip: isRoot ? false : "mounting a small disk takes root" },
    async (t) => {
      const scope = openScope(t);
      const { dir, torrent } = await makeSample(scope);
      const to = await scope.folder();
      const mount = async (size: string): Promise<void> => {
        await run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", to);
      };
      await mount("1m");
      scope.defer(() => run("umount", to));
      const seed = await Shoal.seed(scope, { torrent, dir });
      const { endpoint } = seed;
      const home = await scope.folder();
      const get = [
        "get",
        torrent,
        "--dir",
        to,
        "--host",
        "127.0.0.1",
        "--peer",
        `127.0.0.1:${endpoint.port}`,
      ];
      const first = await Shoal.start(scope, get, { home });
      const { exit, result } = await first.whenEnded();
      assert.equal(exit.code, 1);
      assert.match(JSON.stringify(result) + first.tail, /full/);
      await run("mount", "-o", "remount,size=64m", to);
      const second = await Shoal.start(scope, get, { home });
      const ended = await second.whenEnded();
      assert.equal(ended.exit.code, 0);
      await assertSameFiles(dir, to);
      const whole = (await readFile(`${dir}/${SAMPLE_NAME}/a/large.bin`)).length;
      assert.ok(Number(ended.result?.["downloadedBytes"]) < whole, "some of it was there already");
    },
  );

  test("a folder that cannot be written to is named, with what to do", async (t) => {
    const scope = openScope(t);
    const { dir, torrent } = await makeSample(scope);
    const seed = await Shoal.seed(scope, { torrent, dir });
    // Not even root may write there.
    const to = isRoot ? "/proc/shoal" : `${await scope.folder()}/closed`;
    if (!isRoot) {
      await mkdir(to);
      await chmod(to, 0o500);
    }
    const args = ["get", torrent, "--dir", to, "--host", "127.0.0.1"];
    const shoal = await Shoal.start(scope, [...args, "--peer", `127.0.0.1:${seed.endpoint.port}`]);
    const { exit } = await shoal.whenEnded();
    assert.notEqual(exit.code, 0);
    assert.ok(shoal.tail.includes(to), shoal.tail);
  });
});

async function makeSample(
  scope: Scope,
): Promise<{ dir: string; torrent: string; infoHash: string }> {
  const dir = await writeSample(scope);
  const options = ["--v1", "--piece-length", PIECE_LENGTH];
  const made = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t.torrent`, ...options);
  return { dir, torrent: made.torrent, infoHash: made.infoHash };
}
