import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { TorrentEvent } from "../torrent/status.ts";
import {
  endpointOf,
  holdsContent,
  type SampleTorrent,
  sampleTorrent,
  startNode,
} from "./swarm-world.ts";
import { type Interceptor, sendRange, serveRaw, serveSample } from "./web-server.ts";

const KIB = 1024;
const SERVER = "10.0.0.9";
const URL = `http://${SERVER}/`;
const SINGLE = `${URL}sample`;
const LEECHER = { address: "10.0.0.2" };
const EMPTY = new Uint8Array();

function single(kib: number, version: "v1" | "v2" = "v1"): SampleTorrent {
  return sampleTorrent({ version, pieceLengthBytes: 64 * KIB, fileLengths: [kib * KIB] });
}

async function startServer(
  world: SimWorld,
  sample: SampleTorrent,
  intercept?: Interceptor,
  address = SERVER,
) {
  const host = world.host({ address });
  return await world.complete(serveSample(host, sample, intercept));
}

async function startLeecher(world: SimWorld, sample: SampleTorrent, ...webSeeds: string[]) {
  const node = await startNode(world, { host: LEECHER, sample, torrent: { webSeeds } });
  const events: TorrentEvent[] = [];
  node.torrent.on((event) => events.push(event));
  return { ...node, events };
}

async function startSeed(world: SimWorld, sample: SampleTorrent) {
  return await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
}

const head = (status: string, ...headers: string[]) =>
  Buffer.from(`HTTP/1.1 ${status}\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`);

describe("a web seed whose answers break off", () => {
  it("is asked for the rest, from the middle of a piece on", () =>
    withWorld({ seed: 1 }, async (world) => {
      const sample = single(1024);
      const content = sample.contents[0]!;
      const ranges = await serveRaw(world.host({ address: SERVER }), (socket, [first, last]) => {
        const range = `content-range: bytes ${first}-${last}/${content.length}`;
        socket.write(head("206 Partial", range, `content-length: ${last - first + 1}`));
        socket.write(content.subarray(first, Math.min(last + 1, first + 100 * KIB)));
        socket.end();
      });
      const { torrent, host } = await startLeecher(world, sample, SINGLE);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.equal(ranges[1]?.[0], 96 * KIB);
      // A block that was cut in two is all that comes twice.
      assert.ok(torrent.status().downloadedBytes < 1024 * KIB + 16 * KIB * ranges.length);
    }));

  it("is left alone for ever longer when nothing comes before the break", () =>
    withWorld({ seed: 2 }, async (world) => {
      const sample = single(256);
      const times: number[] = [];
      await serveRaw(world.host({ address: SERVER }), (socket) => {
        times.push(world.timeMs);
        socket.destroy();
      });
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.run({ untilMs: 120_000 });
      const [a = 0, b = 0, c = 0, d = 0] = times;
      assert.ok(b - a >= 5000 && c - b >= 10_000 && d - c >= 20_000, times.join());
      const [status] = torrent.webSeeds();
      assert.equal(status?.state, "waiting");
      assert.ok(status.retryInS! > 0);
      assert.notEqual(status.error, null);
    }));
});

describe("a web seed without ranges", () => {
  it("is read from the start of each file", () =>
    withWorld({ seed: 3 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [3000 * KIB, 1000, 500 * KIB],
      });
      const files = new Map(
        sample.metainfo.files.map(({ rawPath }, index) => [
          `/${rawPath.join("/")}`,
          sample.contents[index]!,
        ]),
      );
      await startServer(world, sample, ({ target }) => ({ status: 200, body: files.get(target)! }));
      const { torrent, host } = await startLeecher(world, sample, URL);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
      assert.ok(torrent.status().wastedBytes <= 1200 * KIB, `${torrent.status().wastedBytes}`);
    }));

  it("is given up for what lies too far behind, and peers bring it", () =>
    withWorld({ seed: 4 }, async (world) => {
      const sample = single(8192);
      const body = sample.contents[0]!;
      await startServer(world, sample, () => ({ status: 200, body }));
      const host = world.host(LEECHER);
      // All but the last piece is here.
      host.files.write("/data/sample", body.subarray(0, 8128 * KIB));
      const { torrent } = await startNode(world, {
        host,
        sample,
        torrent: { webSeeds: [SINGLE] },
      });
      await world.run({ untilMs: world.timeMs + 30_000 });
      assert.deepEqual(
        torrent.webSeeds().map(({ state, missingFiles }) => [state, missingFiles]),
        [["failed", 1]],
      );
      const seed = await startSeed(world, sample);
      torrent.addPeers([endpointOf(seed)]);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(torrent.status().wastedBytes < 100 * KIB);
    }));
});

describe("a web seed that lacks files", () => {
  const sample = sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [300 * KIB, 400 * KIB, 300 * KIB],
  });

  for (const [name, answer] of [
    ["404", { status: 404, body: EMPTY }],
    ["a file of another length", { status: 200, body: new Uint8Array(77) }],
    ["416", { status: 416, body: EMPTY }],
  ] as const) {
    it(`${name}: sends the others, and peers bring the pieces of that one`, () =>
      withWorld({ seed: 5 }, async (world) => {
        const { requests } = await startServer(world, sample, ({ target }) =>
          target.endsWith("file-1.bin") ? answer : null,
        );
        const { torrent, host } = await startLeecher(world, sample, URL);
        await world.run({ untilMs: 60_000 });
        // Pieces that reach into the missing file are missing too.
        assert.equal(torrent.status().verifiedPieces, 4 + 4 + 1);
        assert.equal(torrent.webSeeds()[0]?.missingFiles, 1);
        assert.ok(requests.filter((request) => request.includes("file-1")).length <= 3);
        const seed = await startSeed(world, sample);
        torrent.addPeers([endpointOf(seed)]);
        await world.complete(torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(host, sample));
      }));
  }

  it("is given up after sixteen that are missing in a row", () =>
    withWorld({ seed: 6 }, async (world) => {
      const many = sampleTorrent({
        version: "v2",
        pieceLengthBytes: 16 * KIB,
        fileLengths: Array.from({ length: 50 }, () => 1000),
      });
      const { requests } = await startServer(world, many, () => ({ status: 404, body: EMPTY }));
      const { torrent, events } = await startLeecher(world, many, URL);
      await world.run({ untilMs: 300_000 });
      assert.equal(requests.length, 16);
      assert.equal(torrent.webSeeds()[0]?.state, "failed");
      const told = events.flatMap((event) =>
        event.type === "web-seed" ? [event.webSeed.state] : [],
      );
      assert.equal(told.at(-1), "failed");
    }));
});

describe("a web seed that is busy", () => {
  it("RFC 9110: is asked again when it says, by Retry-After", () =>
    withWorld({ seed: 7 }, async (world) => {
      const sample = single(256);
      const times: number[] = [];
      await startServer(world, sample, () => {
        times.push(world.timeMs);
        if (times.length > 1) return null;
        return { status: 503, headers: { "retry-after": "90" }, body: EMPTY };
      });
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.complete(torrent.whenComplete(), 200_000);
      const [a = 0, b = 0] = times;
      assert.ok(b - a >= 90_000 && b - a < 93_000, times.join());
    }));

  it("refuses a further connection, and goes on over those that it has", () =>
    withWorld({ seed: 8 }, async (world) => {
      const sample = single(8192);
      let open = 0;
      let refused = 0;
      const server = world.host({ address: SERVER, upBytesPerSecond: 500 * KIB });
      await serveRaw(server, (socket, range) => {
        if (open > 0) {
          refused++;
          socket.write(head("503 Busy", "content-length: 0"));
          return socket.end();
        }
        open++;
        const { headers, body } = sendRange(sample.contents[0]!, range);
        const length = `content-length: ${body.length}`;
        socket.write(head("206 Partial", `content-range: ${headers!["content-range"]}`, length));
        socket.write(body, () => open--);
        socket.end();
      });
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.complete(torrent.whenComplete(), 40_000);
      assert.ok(refused >= 1 && refused <= 3, `${refused}`);
    }));
});

describe("a web seed that is slow or odd", () => {
  it("falls silent: after 20 s others are asked for its part", () =>
    withWorld({ seed: 9 }, async (world) => {
      const sample = single(512);
      await serveRaw(world.host({ address: SERVER }), (socket, [first, last]) => {
        const range = `content-range: bytes ${first}-${last}/${512 * KIB}`;
        socket.write(head("206 Partial", range));
        socket.write(sample.contents[0]!.subarray(first, first + 10));
      });
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.run({ untilMs: 10_000 });
      assert.equal(torrent.webSeeds()[0]?.state, "active");
      await world.run({ untilMs: 24_000 });
      assert.equal(torrent.webSeeds()[0]?.state, "waiting");
      assert.match(torrent.webSeeds()[0]?.error ?? "", /nothing for 20000 ms/);
    }));

  it("sends its body in chunks", () =>
    withWorld({ seed: 10 }, async (world) => {
      const sample = single(512);
      await serveRaw(world.host({ address: SERVER }), (socket, [first, last]) => {
        const range = `content-range: bytes ${first}-${last}/${512 * KIB}`;
        socket.write(head("206 Partial", range, "transfer-encoding: chunked"));
        for (let at = first; at <= last; at += 10_000) {
          const part = sample.contents[0]!.subarray(at, Math.min(at + 10_000, last + 1));
          socket.write(Buffer.from(`${part.length.toString(16)}\r\n`));
          socket.write(part);
          socket.write(Buffer.from("\r\n"));
        }
        socket.write(Buffer.from("0\r\n\r\n"));
        socket.end();
      });
      const { torrent, host } = await startLeecher(world, sample, SINGLE);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
    }));

  it("sends a body without end: no more of it is read than was asked for", () =>
    withWorld({ seed: 11 }, async (world) => {
      const sample = single(512);
      await serveRaw(world.host({ address: SERVER }), (socket, [first]) => {
        const range = `content-range: bytes ${first}-${512 * KIB - 1}/${512 * KIB}`;
        socket.write(head("206 Partial", range));
        socket.write(sample.contents[0]!.subarray(first));
        for (let more = 0; more < 100; more++) socket.write(new Uint8Array(64 * KIB));
      });
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.equal(torrent.status().downloadedBytes, 512 * KIB);
    }));
});

describe("a web seed that lies", () => {
  it("is banned after one bad piece that it sent alone, and peers bring the data", () =>
    withWorld({ seed: 12 }, async (world) => {
      const sample = single(1024);
      const bad = sample.contents[0]!.slice();
      bad[3 * 64 * KIB]! ^= 1;
      const { requests } = await startServer(world, sample, ({ range }) => sendRange(bad, range!));
      const { torrent, host, events } = await startLeecher(world, sample, SINGLE);
      await world.run({ untilMs: 60_000 });
      assert.equal(torrent.webSeeds()[0]?.state, "banned");
      assert.match(torrent.webSeeds()[0]?.error ?? "", /piece 3, which is bad/);
      assert.ok(requests.length < 3);
      assert.ok(!events.some((event) => event.type === "peer-banned"));
      const seed = await startSeed(world, sample);
      torrent.addPeers([endpointOf(seed)]);
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, sample));
    }));

  it("does not come back by being added anew", () =>
    withWorld({ seed: 13 }, async (world) => {
      const sample = single(128);
      const bad = new Uint8Array(128 * KIB);
      await startServer(world, sample, ({ range }) => sendRange(bad, range!));
      const { torrent } = await startLeecher(world, sample, SINGLE);
      await world.run({ untilMs: 10_000 });
      assert.equal(torrent.addWebSeed(SINGLE), false);
      assert.equal(torrent.webSeeds()[0]?.state, "banned");
    }));
});
