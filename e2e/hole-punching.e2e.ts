import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import type { Endpoint } from "@shoal/runtime";
import type { ClientEvent } from "../bench/clients/json-child.ts";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import { needClients, openScope } from "./clients.ts";
import { createHiddenPair } from "./nat.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

type Client = "libtorrent" | "shoal";

/** Bytes per second: whoever stands between the two never has anything to give. */
const CRAWL = 1024;
/** Whoever misses one of libtorrent's exchanges, or a try to meet, has the next one a minute later. */
const WAIT_MS = 240_000;
const ALONE = ["--no-dht", "--utp", "only"];

/** A seed and a newcomer behind NATs of their own, and one whom both reach, which has nothing. */
async function prepare(t: TestContext, between: Client) {
  const scope = openScope(t);
  const { open, hidden } = await createHiddenPair(scope);
  const [seeder, getter] = hidden;
  const dir = await writeSample(scope);
  const options = ["--v1", "--piece-length", PIECE_LENGTH];
  const { torrent, magnet } = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
  const { namespace, address: host } = open;
  const init = { source: torrent, dir: await scope.folder(), host };
  let port: number;
  if (between === "libtorrent") {
    const job = { ...init, utp: "only", downloadLimit: CRAWL, encryption: "allow" } as const;
    ({ port } = (await startLibtorrent(job, { scope, namespace })).endpoint);
  } else {
    const crawl = ["--max-down", String(CRAWL)];
    const shoal = await Shoal.get(scope, { ...init, namespace }, ...ALONE, ...crawl);
    port = Number((await shoal.waitForEvent("listening"))["port"]);
  }
  const known: Endpoint = { address: host, port };
  return { scope, dir, torrent, magnet, seeder, getter, known, target: await scope.folder() };
}

suite("BEP 55 with libtorrent", await needClients("libtorrent", "iproute2", "nftables"), () => {
  for (const between of ["libtorrent", "shoal"] as const) {
    test(`shoal gets from a libtorrent behind another NAT, met by way of ${between}`, async (t) => {
      const { scope, dir, torrent, magnet, seeder, getter, known, target } = await prepare(
        t,
        between,
      );
      const job = { source: torrent, dir, host: seeder.address, encryption: "allow" } as const;
      const { namespace } = seeder;
      const seed = await startLibtorrent({ ...job, utp: "only" }, { scope, namespace });
      await seed.connect([known]);
      // libtorrent tells of its peers once a minute: who comes after the seed hears of it at once.
      await seed.child.waitForEvent("connected");
      const at = { host: getter.address, namespace: getter.namespace };
      const get = { source: magnet, dir: target, peers: [known], ...at };
      const shoal = await Shoal.get(scope, get, ...ALONE);
      await shoal.waitForEvent("complete", { timeoutMs: WAIT_MS });
      await assertSameFiles(dir, target);
      const isSeed = (event: ClientEvent) => event["address"] === seeder.seenAs;
      await shoal.waitForEvent("peer-connected", { isWanted: isSeed });
    });

    test(`libtorrent gets from a shoal behind another NAT, met by way of ${between}`, async (t) => {
      const { scope, dir, torrent, magnet, seeder, getter, known, target } = await prepare(
        t,
        between,
      );
      const at = { host: seeder.address, namespace: seeder.namespace };
      const seed = await Shoal.seed(scope, { torrent, dir, peers: [known], ...at }, ...ALONE);
      await seed.waitForEvent("peer-connected");
      const job = { source: magnet, dir: target, host: getter.address, utp: "only" } as const;
      const { namespace } = getter;
      const options = { scope, namespace };
      const libtorrent = await startLibtorrent({ ...job, encryption: "allow" }, options);
      await libtorrent.connect([known]);
      await libtorrent.whenComplete(WAIT_MS);
      await assertSameFiles(dir, target);
      const isGetter = (event: ClientEvent) => event["address"] === getter.seenAs;
      const { address } = await seed.waitForEvent("peer-connected", { isWanted: isGetter });
      assert.equal(address, getter.seenAs);
    });
  }
});
