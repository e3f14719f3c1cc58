import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNamespace } from "../bench/clients/namespace.ts";
import { Transmission } from "../bench/clients/transmission.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal, startTracker } from "./shoal.ts";

// v1 alone: Transmission 3.00 reads no hybrid torrent, whoever made it, for the empty key of a BEP 52 file tree.
const OPTIONS = ["--v1", "--piece-length", PIECE_LENGTH];
const ENCRYPTIONS = ["off", "require"] as const;

/** Transmission makes no empty files. */
const EXCEPT = { except: ["empty"] };

// Transmission looks for whom to ask and whom to serve every ten seconds: most of a test is waiting.
const CONCURRENCY = { concurrency: 6 };
const NEEDS = await needClients("transmission", "iproute2");

suite("transmission", { ...NEEDS, ...CONCURRENCY }, () => {
  for (const encryption of ENCRYPTIONS) {
    const how = `a v1 torrent, encryption ${encryption}`;

    test(`transmission gets ${how}, from a seed that connects to it`, async (t) => {
      const scope = openScope(t);
      const dir = await writeSample(scope);
      const { torrent } = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...OPTIONS);
      const target = await scope.folder();
      const job = { source: torrent, dir: target, encryption };
      const transmission = await Transmission.start(job, { scope });
      const { outsideAddress: host } = transmission.namespace;
      const seed = { torrent, dir, host, peers: [transmission.endpoint] };
      await Shoal.seed(scope, seed, "--encryption", encryption);
      await transmission.whenComplete();
      await assertSameFiles(dir, target, EXCEPT);
    });

    test(`shoal gets ${how} from transmission`, async (t) => {
      const scope = openScope(t);
      const dir = await writeSample(scope);
      const { torrent } = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...OPTIONS);
      const job = { source: torrent, dir, encryption, seed: true };
      const transmission = await Transmission.start(job, { scope });
      const { outsideAddress: host } = transmission.namespace;
      const target = await scope.folder();
      const get = { source: torrent, dir: target, host, peers: [transmission.endpoint] };
      const shoal = await Shoal.get(scope, get, "--encryption", encryption);
      assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
      await assertSameFiles(dir, target);
    });
  }

  test("transmission gets a magnet link, and finds the seed at shoal's tracker", async (t) => {
    const scope = openScope(t);
    const namespace = await createNamespace(scope);
    const { outsideAddress: host } = namespace;
    const { http } = await startTracker(scope, host);
    const dir = await writeSample(scope);
    const { torrent, magnet } = await createTorrent(
      `${dir}/${SAMPLE_NAME}`,
      `${dir}/t`,
      ...[...OPTIONS, "--tracker", http],
    );
    await Shoal.seed(scope, { torrent, dir, host });
    const target = await scope.folder();
    const job = { source: magnet, dir: target };
    const transmission = await Transmission.start(job, { scope, inNamespace: namespace });
    await transmission.whenComplete();
    await assertSameFiles(dir, target, EXCEPT);
  });

  test("shoal gets a magnet link from transmission", async (t) => {
    const scope = openScope(t);
    const dir = await writeSample(scope);
    const { torrent, magnet } = await createTorrent(
      `${dir}/${SAMPLE_NAME}`,
      `${dir}/t`,
      ...OPTIONS,
    );
    const transmission = await Transmission.start({ source: torrent, dir, seed: true }, { scope });
    const { outsideAddress: host } = transmission.namespace;
    const target = await scope.folder();
    const get = { source: magnet, dir: target, host, peers: [transmission.endpoint] };
    const shoal = await Shoal.get(scope, get);
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    await assertSameFiles(dir, target);
  });
});
