import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMetainfo } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { type SampleTorrent, sampleTorrent, startNode } from "./swarm-world.ts";
import { type Interceptor, serveSample, WEB_PORT } from "./web-server.ts";

const KIB = 1024;
const SERVER = "10.0.0.9";
const SINGLE = `http://${SERVER}/sample`;
const LEECHER = { address: "10.0.0.2" };
const PUBLIC = "93.184.216.34";
const EMPTY = new Uint8Array();

function single(kib: number): SampleTorrent {
  return sampleTorrent({ version: "v1", pieceLengthBytes: 64 * KIB, fileLengths: [kib * KIB] });
}

async function startServer(
  world: SimWorld,
  sample: SampleTorrent,
  intercept?: Interceptor,
  address = SERVER,
) {
  return await world.complete(serveSample(world.host({ address }), sample, intercept));
}

async function startLeecher(world: SimWorld, sample: SampleTorrent, ...webSeeds: string[]) {
  return await startNode(world, { host: LEECHER, sample, torrent: { webSeeds } });
}

describe("a torrent that names addresses inside", () => {
  const sample = single(128);
  const named = (url: string) => {
    const { infoBytes } = sample.metainfo;
    const list = `8:url-list${Buffer.byteLength(url)}:${url}`;
    return parseMetainfo(
      Buffer.concat([Buffer.from("d4:info"), infoBytes, Buffer.from(`${list}e`)]),
    );
  };

  async function visit(world: SimWorld, url: string, torrent: object = {}) {
    const { requests } = await startServer(world, sample);
    const source = named(url) as unknown as string;
    const node = await startNode(world, { host: LEECHER, sample, source, torrent });
    await world.run({ untilMs: 30_000 });
    return { requests, torrent: node.torrent };
  }

  it("a private web seed is asked for a file", () =>
    withWorld({ seed: 14 }, async (world) => {
      const { torrent } = await visit(world, SINGLE);
      assert.equal(torrent.state, "seeding");
    }));

  it("a private web seed is not asked for a URL with a query, unless the user named it", () =>
    withWorld({ seed: 15 }, async (world) => {
      const { requests, torrent } = await visit(world, `${SINGLE}?reboot=1`);
      assert.deepEqual(requests, []);
      assert.equal(torrent.webSeeds()[0]?.state, "failed");
      assert.match(torrent.webSeeds()[0]?.error ?? "", /private address/);
      await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { webSeeds: [`${SINGLE}?file=sample`] },
      });
      await world.run({ untilMs: 60_000 });
      assert.equal(requests.length, 1);
    }));

  it("no redirect leads from a public web seed to a private address, by name or number", () =>
    withWorld({ seed: 16 }, async (world) => {
      world.name("inside.example", [SERVER]);
      for (const [index, location] of [SINGLE, "http://inside.example/sample"].entries()) {
        const address = `93.184.216.${index + 1}`;
        await startServer(
          world,
          sample,
          () => ({ status: 302, headers: { location }, body: EMPTY }),
          address,
        );
      }
      const { requests } = await startServer(world, sample);
      const { torrent } = await startLeecher(
        world,
        sample,
        "http://93.184.216.1/sample",
        "http://93.184.216.2/sample",
      );
      await world.run({ untilMs: 30_000 });
      assert.deepEqual(requests, []);
      assert.deepEqual(
        torrent.webSeeds().map(({ state }) => state),
        ["failed", "failed"],
      );
    }));

  it("a redirect that was kept is not followed when its name has come to mean a private address", () =>
    withWorld({ seed: 17 }, async (world) => {
      const big = single(4096);
      world.name("mirror.example", ["93.184.216.2"]);
      const location = `http://mirror.example:${WEB_PORT}/sample`;
      await startServer(
        world,
        big,
        () => ({ status: 302, headers: { location }, body: EMPTY }),
        PUBLIC,
      );
      await startServer(world, big, undefined, "93.184.216.2");
      const { requests } = await startServer(world, big);
      const { torrent } = await startNode(world, {
        host: LEECHER,
        sample: big,
        torrent: { webSeeds: [`http://${PUBLIC}/sample`], downloadLimit: 100 * KIB },
      });
      await world.run({ untilMs: 8000 });
      assert.ok(torrent.status().downloadedBytes > 0);
      world.name("mirror.example", [SERVER]);
      await world.run({ untilMs: 60_000 });
      assert.deepEqual(requests, []);
      assert.equal(torrent.webSeeds()[0]?.state, "failed");
    }));
});

it("a redirect is remembered for each file", () =>
  withWorld({ seed: 18 }, async (world) => {
    const sample = sampleTorrent({
      version: "v2",
      pieceLengthBytes: 64 * KIB,
      fileLengths: [8192 * KIB, 100],
    });
    await startServer(world, sample, undefined, "93.184.216.2");
    const { requests } = await startServer(
      world,
      sample,
      ({ target }) => ({
        status: 302,
        headers: { location: `http://93.184.216.2${target}` },
        body: EMPTY,
      }),
      PUBLIC,
    );
    const { torrent } = await startLeecher(world, sample, `http://${PUBLIC}/`);
    await world.complete(torrent.whenComplete(), 60_000);
    const asked = requests.map((request) => request.split(" ")[0]);
    assert.deepEqual(new Set(asked), new Set(["/sample/file-0.bin", "/sample/file-1.bin"]));
    assert.equal(asked.length, 2);
  }));
