import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

const ENCRYPTIONS = ["off", "require"] as const;

suite("uTP with libtorrent", await needClients("libtorrent"), () => {
  for (const encryption of ENCRYPTIONS) {
    test(`libtorrent gets over uTP alone, encryption ${encryption}`, async (t) => {
      const scope = openScope(t);
      const { dir, torrent } = await prepare(scope);
      const options = ["--encryption", encryption, "--utp", "only"];
      const shoal = await seed(scope, { torrent, dir }, ...options);
      const target = await scope.folder();
      const job = { source: torrent, dir: target, encryption, utp: "only" } as const;
      const libtorrent = await startLibtorrent(job, { scope });
      await libtorrent.connect([shoal.endpoint]);
      await libtorrent.whenComplete();
      await assertSameFiles(dir, target);
    });

    test(`shoal gets over uTP alone, encryption ${encryption}`, async (t) => {
      const scope = openScope(t);
      const { dir, torrent } = await prepare(scope);
      const job = { source: torrent, dir, encryption, utp: "only" } as const;
      const seeder = await startLibtorrent(job, { scope });
      const target = await scope.folder();
      const shoal = await Shoal.get(
        scope,
        { source: torrent, dir: target, peers: [seeder.endpoint] },
        ...["--encryption", encryption, "--utp", "only"],
      );
      assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
      await assertSameFiles(dir, target);
    });
  }

  test("by default shoal reaches peers that speak either of the two", async (t) => {
    const scope = openScope(t);
    const { dir, torrent } = await prepare(scope);
    for (const utp of ["only", "off"] as const) {
      const seeder = await seed(scope, { torrent, dir }, "--utp", utp);
      const target = await scope.folder();
      const init = { source: torrent, dir: target, peers: [seeder.endpoint] };
      const shoal = await Shoal.get(scope, init);
      assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
      await assertSameFiles(dir, target);
    }
  });

  test("shoal gets from shoal over uTP alone", async (t) => {
    const scope = openScope(t);
    const { dir, torrent } = await prepare(scope);
    const seeder = await seed(scope, { torrent, dir }, "--utp", "only");
    const target = await scope.folder();
    const init = { source: torrent, dir: target, peers: [seeder.endpoint] };
    const shoal = await Shoal.get(scope, init, "--utp", "only");
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    await assertSameFiles(dir, target);
  });
});

/** Starts a seed, and waits until it takes peers: whoever is refused comes back after a minute. */
async function seed(
  scope: Scope,
  init: { torrent: string; dir: string },
  ...more: readonly string[]
): Promise<Shoal> {
  const shoal = await Shoal.seed(scope, init, ...more);
  await shoal.waitForEvent("state", { isWanted: ({ state }) => state === "seeding" });
  return shoal;
}

async function prepare(scope: Scope): Promise<{ dir: string; torrent: string }> {
  const dir = await writeSample(scope);
  const made = await createTorrent(
    `${dir}/${SAMPLE_NAME}`,
    `${dir}/sample.torrent`,
    ...["--piece-length", PIECE_LENGTH],
  );
  return { dir, torrent: made.torrent };
}
