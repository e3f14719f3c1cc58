import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";
import { BEYOND, createSocksPath } from "./socks.ts";

/** A tracker and a seed that nothing but the proxy leads to, and a torrent that names the tracker over UDP alone. */
async function prepare(t: TestContext) {
  const scope = openScope(t);
  const path = await createSocksPath(scope);
  const dir = await writeSample(scope);
  const beyond = { namespace: path.server };
  const tracker = await Shoal.start(scope, ["tracker", "--host", BEYOND, "--port", "6969"], beyond);
  await tracker.waitForEvent("listening");
  const { torrent, magnet } = await createTorrent(
    `${dir}/${SAMPLE_NAME}`,
    `${dir}/t`,
    ...["--piece-length", PIECE_LENGTH, "--tracker", `udp://${BEYOND}:6969/announce`],
  );
  const seed = await Shoal.seed(scope, { torrent, dir, host: BEYOND, ...beyond });
  const get = (source: string, target: string, ...more: string[]) =>
    Shoal.start(scope, ["get", source, "--dir", target, ...more], { namespace: path.client });
  return { scope, path, dir, torrent, magnet, seed, get, target: await scope.folder() };
}

suite("Dante, a SOCKS5 proxy", await needClients("dante", "iproute2"), () => {
  for (const utp of ["off", "only"] as const) {
    test(`a UDP tracker and its peers are reached through it, with --utp ${utp}`, async (t) => {
      const { path, dir, torrent, get, target, seed } = await prepare(t);
      const shoal = await get(torrent, target, "--proxy", path.url, "--utp", utp);
      assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
      await assertSameFiles(dir, target);
      const { address } = await seed.waitForEvent("peer-connected");
      assert.equal(address, "203.0.113.1", "the seed sees the proxy");
    });
  }

  test("a magnet link alone finds its seed in the DHT through it", async (t) => {
    const { path, dir, magnet, get, target, seed } = await prepare(t);
    const bare = magnet.replace(/&tr=[^&]*/g, "");
    const way = ["--dht-bootstrap", `${BEYOND}:${seed.endpoint.port}`];
    const shoal = await get(bare, target, "--proxy", path.url, ...way);
    assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
    await assertSameFiles(dir, target);
  });

  test("without it nothing is reached", async (t) => {
    const { torrent, get, target } = await prepare(t);
    const shoal = await get(torrent, target, "--no-lsd");
    const { slow } = await shoal.waitForEvent("progress", {
      isWanted: ({ slow }) => slow !== null,
    });
    assert.ok(slow);
    assert.equal(shoal.events.filter(({ event }) => event === "peer-connected").length, 0);
  });
});
