import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "@shoal/runtime";
import { JsonChild } from "../bench/clients/json-child.ts";
import { createLan } from "../bench/clients/lan.ts";
import { startLibtorrent } from "../bench/clients/libtorrent.ts";
import type { Namespace } from "../bench/clients/namespace.ts";
import type { Peer, PeerJob } from "../bench/clients/peer-job.ts";
import type { Scope } from "../bench/clients/scope.ts";
import { Transmission } from "../bench/clients/transmission.ts";
import { needClients, openScope } from "./clients.ts";
import { assertSameFiles, PIECE_LENGTH, SAMPLE_NAME, writeSample } from "./sample.ts";
import { createTorrent, Shoal } from "./shoal.ts";

/** Transmission takes no part in a DHT of fewer than nine nodes. */
const NODES = 12;
/** It makes no empty files. */
const EXCEPT = { except: ["empty"] };
const VILLAGE = fileURLToPath(new URL("./dht-village.ts", import.meta.url));

/** Bytes per second: the sample takes an hour. */
const CRAWL = 1024;
const LOCAL = ["--no-dht", "--no-pex"];
/** Other clients look around by the minute. */
const WAIT_MS = 240_000;

type Client = "libtorrent" | "transmission";

/** Two machines in a local network, and a third with a DHT on it; a torrent that names nobody. */
async function prepare(t: TestContext) {
  const scope = openScope(t);
  const dir = await writeSample(scope);
  const options = ["--v1", "--piece-length", PIECE_LENGTH];
  const made = await createTorrent(`${dir}/${SAMPLE_NAME}`, `${dir}/t`, ...options);
  const { machines } = await createLan(scope, [{}, {}, { addresses: NODES }]);
  const [seeder, getter, village] = machines as [Namespace, Namespace, Namespace];
  return { scope, dir, target: await scope.folder(), ...made, seeder, getter, village };
}

async function startVillage(scope: Scope, village: Namespace): Promise<readonly Endpoint[]> {
  const child = new JsonChild(process.execPath, [VILLAGE], { scope, namespace: village.name });
  return (await child.waitForEvent("ready"))["endpoints"] as Endpoint[];
}

async function startClient(
  client: Client,
  job: PeerJob & { readonly seed?: boolean },
  { scope, machine }: { scope: Scope; machine: Namespace },
): Promise<Peer> {
  if (client === "transmission") {
    return await Transmission.start(job, { scope, inNamespace: machine });
  }
  const host = machine.insideAddress;
  return await startLibtorrent({ ...job, host }, { scope, namespace: machine.name });
}

function bootstrapOf(nodes: readonly Endpoint[]): string[] {
  const [{ address, port }] = nodes as [Endpoint];
  return ["--dht-bootstrap", `${address}:${port}`, "--no-pex"];
}

const NEEDS = await needClients("libtorrent", "transmission", "iproute2");

// All of them wait for most of the time: Transmission looks around every ten seconds or so.
suite("magnet links alone", { ...NEEDS, concurrency: 3 }, () => {
  for (const client of ["libtorrent", "transmission"] as const) {
    const except = client === "transmission" ? EXCEPT : {};

    test(`${client} finds shoal's seed in the DHT`, async (t) => {
      const { scope, dir, target, torrent, magnet, seeder, getter, village } = await prepare(t);
      const dht = await startVillage(scope, village);
      await Shoal.seed(scope, { torrent, dir, ...at(seeder) }, ...bootstrapOf(dht));
      const job = { source: magnet, dir: target, dht };
      const peer = await startClient(client, job, { scope, machine: getter });
      await peer.whenComplete(WAIT_MS);
      await assertSameFiles(dir, target, except);
    });

    test(`shoal finds ${client}'s seed in the DHT`, async (t) => {
      const { scope, dir, target, torrent, magnet, seeder, getter, village } = await prepare(t);
      const dht = await startVillage(scope, village);
      const job = { source: torrent, dir, dht, seed: true };
      await startClient(client, job, { scope, machine: seeder });
      const get = { source: magnet, dir: target, ...at(getter) };
      const shoal = await Shoal.get(scope, get, ...bootstrapOf(dht));
      await finish(shoal);
      await assertSameFiles(dir, target);
    });

    // Who comes later tells the network of itself, and is called by who was there.
    test(`BEP 14: shoal's seed hears of ${client} in the local network`, async (t) => {
      const { scope, dir, target, torrent, magnet, seeder, getter } = await prepare(t);
      await Shoal.seed(scope, { torrent, dir, lsd: true, ...at(seeder) }, ...LOCAL);
      const job = { source: magnet, dir: target, lsd: true };
      const peer = await startClient(client, job, { scope, machine: getter });
      await peer.whenComplete(WAIT_MS);
      await assertSameFiles(dir, target, except);
    });

    test(`BEP 14: ${client}'s seed hears of shoal in the local network`, async (t) => {
      const { scope, dir, target, torrent, magnet, seeder, getter } = await prepare(t);
      const job = { source: torrent, dir, lsd: true, seed: true };
      await startClient(client, job, { scope, machine: seeder });
      const get = { source: magnet, dir: target, lsd: true, ...at(getter) };
      const shoal = await Shoal.get(scope, get, ...LOCAL);
      await finish(shoal);
      await assertSameFiles(dir, target);
    });
  }

  test("BEP 14: two that keep to one interface find each other by it", async (t) => {
    const { scope, dir, target, torrent, magnet, seeder, getter } = await prepare(t);
    const bound = [...LOCAL, "--interface", "eth0"];
    await Shoal.seed(scope, { torrent, dir, lsd: true, ...at(seeder) }, ...bound);
    const get = { source: magnet, dir: target, lsd: true, ...at(getter) };
    const shoal = await Shoal.get(scope, get, ...bound);
    await finish(shoal);
    await assertSameFiles(dir, target);
  });

  test("BEP 11: shoal learns of the seed from a libtorrent that has nothing", async (t) => {
    const { scope, dir, target, torrent, magnet, seeder, getter, village } = await prepare(t);
    const seed = await Shoal.seed(scope, { torrent, dir, ...at(seeder) }, "--no-dht");
    const job = { source: torrent, dir: await scope.folder(), downloadLimit: CRAWL };
    const host = village.insideAddress;
    const between = await startLibtorrent({ ...job, host }, { scope, namespace: village.name });
    await between.connect([seed.endpoint]);
    await seed.waitForEvent("peer-connected");
    const get = { source: magnet, dir: target, peers: [between.endpoint], ...at(getter) };
    const shoal = await Shoal.get(scope, get, "--no-dht");
    await finish(shoal);
    await assertSameFiles(dir, target);
    const { host: address } = at(getter);
    await seed.waitForEvent("peer-connected", {
      isWanted: (event) => event["address"] === address,
    });
  });

  test("BEP 11: libtorrent learns of the seed from a shoal that has nothing", async (t) => {
    const { scope, dir, target, torrent, magnet, seeder, getter, village } = await prepare(t);
    const seed = await Shoal.seed(scope, { torrent, dir, ...at(seeder) }, "--no-dht");
    const init = { source: torrent, dir: await scope.folder(), peers: [seed.endpoint] };
    const crawl = ["--no-dht", "--max-down", String(CRAWL)];
    const between = await Shoal.get(scope, { ...init, ...at(village) }, ...crawl);
    const { port } = await between.waitForEvent("listening");
    await between.waitForEvent("peer-connected");
    const host = getter.insideAddress;
    const job = { source: magnet, dir: target, host };
    const libtorrent = await startLibtorrent(job, { scope, namespace: getter.name });
    await libtorrent.connect([{ address: village.insideAddress, port: Number(port) }]);
    await libtorrent.whenComplete(WAIT_MS);
    await assertSameFiles(dir, target);
    await seed.waitForEvent("peer-connected", { isWanted: ({ address }) => address === host });
  });
});

function at({ name, insideAddress }: Namespace): { host: string; namespace: string } {
  return { host: insideAddress, namespace: name };
}

async function finish(shoal: Shoal): Promise<void> {
  await shoal.waitForEvent("complete", { timeoutMs: WAIT_MS });
  assert.equal((await shoal.whenEnded()).exit.code, 0, shoal.tail);
}
