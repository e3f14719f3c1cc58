import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createWithLibtorrent, startLibtorrent } from "../bench/clients/libtorrent.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

const VERSIONS = ["v1", "hybrid", "v2"] as const;
const WAYS = [
  { encryption: "off", by: "torrent file" },
  { encryption: "off", by: "magnet link" },
  { encryption: "require", by: "torrent file" },
] as const;

suite("libtorrent", await needClients("libtorrent"), () => {
  for (const version of VERSIONS) {
    for (const { encryption, by } of WAYS) {
      const how = `a ${version} torrent by ${by}, encryption ${encryption}`;

      test(`libtorrent gets ${how}`, async (t) => {
        const scope = openScope(t);
        const { dir, torrent, magnet } = await prepare(scope, version);
        const shoal = await Shoal.seed(scope, { torrent, dir }, "--encryption", encryption);
        const source = by === "torrent file" ? torrent : magnet;
        const target = await scope.folder();
        const libtorrent = await startLibtorrent({ source, dir: target, encryption }, { scope });
        await libtorrent.connect([shoal.endpoint]);
        await libtorrent.whenComplete();
        await assertSameFiles(dir, target);
      });

      test(`shoal gets ${how}`, async (t) => {
        const scope = openScope(t);
        const { dir, torrent, magnet } = await prepare(scope, version);
        const seeder = await startLibtorrent({ source: torrent, dir, encryption }, { scope });
        const source = by === "torrent file" ? torrent : magnet;
        const target = await scope.folder();
        const shoal = await Shoal.get(
          scope,
          { source, dir: target, peers: [seeder.endpoint] },
          ...["--encryption", encryption],
        );
        assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
        await assertSameFiles(dir, target);
      });
    }

    test(`shoal verifies, gets and seeds a ${version} torrent that libtorrent made`, async (t) => {
      const scope = openScope(t);
      const dir = await writeSample(scope);
      const torrent = `${dir}/made.torrent`;
      await createWithLibtorrent(`${dir}/${SAMPLE_NAME}`, torrent, version, 64 * 1024);
      const shoal = await Shoal.seed(scope, { torrent, dir });
      const [first, second] = [await scope.folder(), await scope.folder()];
      const libtorrent = await startLibtorrent({ source: torrent, dir: first }, { scope });
      await libtorrent.connect([shoal.endpoint]);
      await libtorrent.whenComplete();
      await shoal.stop();
      const get = { source: torrent, dir: second, peers: [libtorrent.endpoint] };
      const getter = await Shoal.get(scope, get);
      assert.equal((await getter.whenEnded()).exit.code, 0, getter.tail);
      await assertSameFiles(dir, second);
    });
  }
});

async function prepare(
  scope: Scope,
  version: (typeof VERSIONS)[number],
): Promise<{ dir: string; torrent: string; magnet: string }> {
  const dir = await writeSample(scope);
  const made = await createTorrent(
    `${dir}/${SAMPLE_NAME}`,
    `${dir}/${version}.torrent`,
    ...[`--${version}`, "--piece-length", PIECE_LENGTH],
  );
  return { dir, ...made };
}
