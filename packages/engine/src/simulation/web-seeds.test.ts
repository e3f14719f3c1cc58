import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMagnet } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";
import { serveSample } from "./web-server.ts";

const KIB = 1024;
const SERVER = "10.0.0.9";
const URL = `http://${SERVER}/`;
const LEECHER = { address: "10.0.0.2" };

describe("a web seed without any peer", () => {
  for (const version of ["v1", "v2", "hybrid"] as const) {
    it(`BEP 19, ${version}: a torrent of several files comes whole, by ranges that cross no file`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 64 * KIB,
          fileLengths: [300 * KIB + 17, 1, 0, 64 * KIB, 1000 * KIB + 3],
        });
        const server = world.host({ address: SERVER });
        const { requests } = await world.complete(serveSample(server, sample));
        const { torrent, host, session } = await startNode(world, {
          host: LEECHER,
          sample,
          torrent: { webSeeds: [URL] },
        });
        await world.complete(torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(host, sample));
        assert.equal(torrent.status().wastedBytes, 0);
        assert.equal(torrent.status().downloadedBytes, sample.metainfo.lengthBytes);
        assert.ok(requests.every((request) => !request.startsWith("/sample/file-2")));
        assert.equal(host.disk.pool.usedBytes, 0);
        const [status] = torrent.webSeeds();
        assert.deepEqual([status?.state, status?.error], ["idle", null]);
        assert.equal(status?.downloadedBytes, sample.metainfo.lengthBytes);
        await world.complete(session.close());
      }));
  }

  it("BEP 19: the URL of a single file is the file's own", () =>
    withWorld({ seed: 2 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 32 * KIB,
        fileLengths: [700 * KIB],
      });
      const server = world.host({ address: SERVER });
      const { requests } = await world.complete(serveSample(server, sample));
      const { torrent, host } = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { webSeeds: [`${URL}sample`] },
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.deepEqual(requests, ["/sample 0-716799"]);
    }));

  it("a web seed added later is used, and one that was removed is not", () =>
    withWorld({ seed: 3 }, async (world) => {
      const sample = sampleTorrent({
        version: "v2",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [4096 * KIB, 5],
      });
      const server = world.host({ address: SERVER, upBytesPerSecond: 200 * KIB });
      await world.complete(serveSample(server, sample));
      const { torrent } = await startNode(world, { host: LEECHER, sample });
      assert.equal(torrent.addWebSeed(URL), true);
      assert.equal(torrent.addWebSeed(URL), false);
      assert.throws(() => torrent.addWebSeed("ftp://a.example/"), TypeError);
      await world.complete(torrent.whenReady());
      await world.run({ untilMs: world.timeMs + 5000 });
      const { downloadedBytes } = torrent.status();
      assert.ok(downloadedBytes > 0);
      assert.equal(torrent.removeWebSeed(URL), true);
      assert.equal(torrent.removeWebSeed(URL), false);
      await world.run({ untilMs: world.timeMs + 30_000 });
      assert.ok(torrent.status().downloadedBytes - downloadedBytes < 64 * KIB);
      assert.deepEqual(torrent.webSeeds(), []);
    }));
});

describe("web seeds and peers together", () => {
  it("both send different parts, and nothing is fetched twice but the last blocks", () =>
    withWorld({ seed: 4 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [16 * 1024 * KIB],
      });
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 1024 * KIB },
        sample,
        seed: true,
      });
      const server = world.host({ address: SERVER, upBytesPerSecond: 1024 * KIB });
      await world.complete(serveSample(server, sample));
      const { torrent, host } = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { webSeeds: [`${URL}sample`], peers: [endpointOf(seed)] },
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      const share = torrent.webSeeds()[0]!.downloadedBytes / sample.metainfo.lengthBytes;
      assert.ok(share > 0.3 && share < 0.7, `the web seed sent ${share}`);
      assert.ok(torrent.status().wastedBytes < 1024 * KIB, `${torrent.status().wastedBytes}`);
    }));

  it("BEP 9, 19: a magnet link names a web seed, whose part comes once a peer has sent the metadata", () =>
    withWorld({ seed: 5 }, async (world) => {
      const sample = sampleTorrent({
        version: "v2",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [4096 * KIB, 100 * KIB],
      });
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 100 * KIB },
        sample,
        seed: true,
      });
      const server = world.host({ address: SERVER });
      await world.complete(serveSample(server, sample));
      const source = formatMagnet({
        infoHashV1: null,
        infoHashV2: sample.metainfo.v2!.infoHash,
        webSeeds: [URL],
      });
      const { torrent, host } = await startNode(world, {
        host: LEECHER,
        sample,
        source,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.ok(torrent.webSeeds()[0]!.downloadedBytes > 3000 * KIB);
    }));

  it("several web seeds are used at once", () =>
    withWorld({ seed: 6 }, async (world) => {
      const sample = sampleTorrent({
        version: "hybrid",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [8 * 1024 * KIB, 3],
      });
      const addresses = ["10.0.0.11", "10.0.0.12", "10.0.0.13"];
      for (const address of addresses) {
        const server = world.host({ address, upBytesPerSecond: 500 * KIB });
        await world.complete(serveSample(server, sample));
      }
      const { torrent, host } = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { webSeeds: addresses.map((address) => `http://${address}/`) },
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      for (const { downloadedBytes } of torrent.webSeeds()) {
        assert.ok(downloadedBytes > 1024 * KIB, `${downloadedBytes}`);
      }
    }));
});

describe("the torrent around web seeds", () => {
  it("rate limits hold for what web seeds send", () =>
    withWorld({ seed: 7 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [4096 * KIB],
      });
      const server = world.host({ address: SERVER });
      await world.complete(serveSample(server, sample));
      const { torrent } = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { webSeeds: [`${URL}sample`], downloadLimit: 100 * KIB },
      });
      await world.run({ untilMs: world.timeMs + 20_000 });
      const { downloadedBytes } = torrent.status();
      assert.ok(downloadedBytes > 1800 * KIB && downloadedBytes < 2200 * KIB, `${downloadedBytes}`);
    }));

  it("a paused torrent asks for nothing, and goes on where it was", () =>
    withWorld({ seed: 8 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [4096 * KIB],
      });
      const server = world.host({ address: SERVER, upBytesPerSecond: 300 * KIB });
      const { requests } = await world.complete(serveSample(server, sample));
      const { torrent, host } = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { webSeeds: [`${URL}sample`] },
      });
      await world.run({ untilMs: world.timeMs + 5000 });
      torrent.pause();
      const asked = requests.length;
      await world.run({ untilMs: world.timeMs + 20_000 });
      assert.equal(requests.length, asked);
      assert.equal(torrent.webSeeds()[0]?.state, "idle");
      assert.ok(host.disk.pool.usedBytes <= 512 * KIB, `${host.disk.pool.usedBytes}`);
      torrent.resume();
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.ok(torrent.status().downloadedBytes < 4400 * KIB);
    }));

  it("a pool that is short of memory holds a web seed up, and loses nothing", () =>
    withWorld({ seed: 9 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 1024 * KIB,
        fileLengths: [12 * 1024 * KIB],
      });
      const server = world.host({ address: SERVER });
      await world.complete(serveSample(server, sample));
      const { torrent, host } = await startNode(world, {
        host: { ...LEECHER, poolBytes: 1024 * KIB },
        sample,
        torrent: { webSeeds: [`${URL}sample`] },
      });
      await world.complete(torrent.whenComplete(), 120_000);
      assert.ok(holdsContent(host, sample));
      assert.equal(host.disk.pool.usedBytes, 0);
    }));
});
