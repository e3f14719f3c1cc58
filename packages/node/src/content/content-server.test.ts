import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Scope } from "@shoal/api";
import type { Torrent } from "@shoal/engine";
import type { HttpRequest, HttpServerRequest, HttpServerResponse } from "@shoal/runtime";
import { createContent, type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { describeFailure } from "../rest/describe-failure.ts";
import { makeTorrent } from "../testing/make-torrent.ts";
import { openTorrents, placeFiles } from "../testing/open-torrents.ts";
import type { Torrents } from "../torrents/torrents.ts";
import { createContentHandlers } from "./content-handlers.ts";
import { ContentServer } from "./content-server.ts";

const MIB = 1024 * 1024;
const FILM = createContent("film", 4 * MIB + 333);
const PAGE = Buffer.from("<script>alert(1)</script>");
const SAMPLE = makeTorrent([
  { path: ["film.mp4"], content: FILM },
  { path: ["index.html"], content: PAGE },
]);
const FILM_INDEX = SAMPLE.metainfo.files.findIndex(({ path }) => path.at(-1) === "film.mp4");
const PAGE_INDEX = 1 - FILM_INDEX;
const NODE = "10.0.0.2";

interface Scene {
  readonly world: SimWorld;
  readonly client: SimHost;
  readonly torrents: Torrents;
  readonly torrent: Torrent;
  readonly content: ContentServer;
  readonly get: (
    headers?: Record<string, string>,
    more?: Partial<HttpRequest> & { index?: number },
  ) => Promise<Got>;
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** A node that serves the sample, which it has, or fetches from a seed at this rate. */
async function withScene(
  seed: number,
  upBytesPerSecond: number | "here" | "nowhere",
  test: (scene: Scene) => Promise<void>,
): Promise<void> {
  await withWorld({ seed }, async (world) => {
    const host = world.host({ address: NODE });
    if (upBytesPerSecond === "here") placeFiles(host, SAMPLE);
    const torrents = await world.complete(openTorrents(host));
    const torrent = await world.complete(torrents.add({ source: SAMPLE.bytes }));
    if (typeof upBytesPerSecond === "number") {
      const seeder = world.host({ address: "10.0.1.1", upBytesPerSecond });
      placeFiles(seeder, SAMPLE);
      const seeding = await world.complete(openTorrents(seeder));
      const other = await world.complete(seeding.add({ source: SAMPLE.bytes }));
      await world.complete(other.whenComplete());
      torrent.addPeers([{ address: "10.0.1.1", port: 6881 }]);
    }
    await world.complete(torrent.whenReady());
    const content = new ContentServer(host);
    const handlers = createContentHandlers({ torrents, content, clock: host.clock });
    await host.http.serve({ port: 80 }, (request) => answer(handlers, request));
    const client = world.host({ address: "10.0.0.3" });
    const get: Scene["get"] = (headers = {}, { index = FILM_INDEX, ...more } = {}) =>
      world.complete(
        (async () => {
          const url = `http://${NODE}/${SAMPLE.infoHash}/${index}`;
          const response = await client.http.request({ url, headers, ...more });
          const parts: Uint8Array[] = [];
          for await (const part of response.body) parts.push(part);
          return { ...response, bytes: Buffer.concat(parts) };
        })(),
      );
    await test({ world, client, torrents, torrent, content, get });
    await world.complete(torrents.session.close());
  });
}

async function answer(
  handlers: ReturnType<typeof createContentHandlers>,
  request: HttpServerRequest,
): Promise<HttpServerResponse> {
  const [, infoHash = "", index = ""] = request.target.split("/");
  const caller = { kind: "owner", scopes: new Set<Scope>() } as const;
  try {
    const call = { caller, request, setHeader: () => {} };
    return await handlers.getContent({ infoHash, index: Number(index) }, call);
  } catch (error) {
    const { status, problem } = describeFailure(error);
    return { status, body: Buffer.from(problem.message) };
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

suite("content", () => {
  test("RFC 9110: a file comes whole, or the range of it that is asked for", () =>
    withScene(1, "here", async ({ get }) => {
      const whole = await get();
      assert.equal(whole.status, 200);
      assert.equal(whole.headers["content-type"], "video/mp4");
      assert.equal(whole.headers["accept-ranges"], "bytes");
      assert.equal(whole.headers["content-length"], String(FILM.length));
      assert.ok(isSame(whole.bytes, FILM));

      const part = await get({ range: "bytes=100-299999" });
      assert.equal(part.status, 206);
      assert.equal(part.headers["content-range"], `bytes 100-299999/${FILM.length}`);
      assert.ok(isSame(part.bytes, FILM.subarray(100, 300_000)));

      const end = await get({ range: "bytes=-5" });
      assert.ok(isSame(end.bytes, FILM.subarray(-5)));

      const beyond = await get({ range: `bytes=${FILM.length}-` });
      assert.equal(beyond.status, 416);
      assert.equal(beyond.headers["content-range"], `bytes */${FILM.length}`);

      const several = await get({ range: "bytes=0-1,5-6" });
      assert.deepEqual([several.status, several.bytes.length], [200, FILM.length]);
    }));

  test("RFC 9110: HEAD tells the length, and conditions are kept by a tag of the content's hash", () =>
    withScene(2, "here", async ({ get, content }) => {
      const head = await get({}, { method: "HEAD" });
      assert.deepEqual([head.status, head.bytes.length], [200, 0]);
      assert.equal(head.headers["content-length"], String(FILM.length));
      const root = SAMPLE.metainfo.files[FILM_INDEX]!.piecesRoot!;
      const etag = `"${Buffer.from(root).toString("hex")}"`;
      assert.equal(head.headers["etag"], etag);
      assert.equal((await get({ "if-none-match": etag })).status, 304);
      assert.equal((await get({ "if-match": '"other"' })).status, 412);
      assert.equal((await get({ range: "bytes=0-9", "if-range": etag })).status, 206);
      assert.equal((await get({ range: "bytes=0-9", "if-range": '"other"' })).status, 200);
      assert.equal(content.readers, 0);
    }));

  test("a page of a torrent cannot run: it is saved, in a sandbox, as bytes", () =>
    withScene(3, "here", async ({ get }) => {
      const { headers, bytes } = await get({}, { index: PAGE_INDEX });
      assert.ok(isSame(bytes, PAGE));
      assert.equal(headers["content-type"], "application/octet-stream");
      assert.match(headers["content-disposition"]!, /^attachment;/);
      assert.match(headers["content-security-policy"]!, /^sandbox/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    }));

  test("the end of a film comes before its middle is there", () =>
    withScene(4, 128 * 1024, async ({ get, torrent }) => {
      const end = await get({ range: "bytes=-200000" });
      assert.ok(isSame(end.bytes, FILM.subarray(-200_000)));
      const { verifiedBytes, wantedBytes } = torrent.status();
      assert.ok(verifiedBytes < wantedBytes / 2, `${verifiedBytes} of ${wantedBytes}`);
      const { have } = torrent.pieces()!;
      assert.ok(have.some((bits) => bits !== 0xff));
      const whole = await get();
      assert.ok(isSame(whole.bytes, FILM));
    }));

  test("who leaves wants nothing any more, while it waits for what no peer has too", () =>
    withScene(5, "nowhere", async ({ world, client, content }) => {
      const leaving = new AbortController();
      const url = `http://${NODE}/${SAMPLE.infoHash}/${FILM_INDEX}`;
      const response = await world.complete(client.http.request({ url, signal: leaving.signal }));
      assert.equal(response.status, 200);
      const reading = (async () => {
        for await (const _part of response.body);
      })();
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(content.readers, 1);
      leaving.abort();
      await world.complete(assert.rejects(reading));
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(content.readers, 0);
    }));

  test("what does not come for too long ends the answer", () =>
    withScene(6, "nowhere", async ({ get, content }) => {
      const hour = 3_600_000;
      await assert.rejects(get({}, { timeoutMs: hour }), { code: "failed" });
      assert.equal(content.readers, 0);
    }));

  test("nobody waits for what a torrent that is stopped lacks", () =>
    withScene(7, "nowhere", async ({ get, torrent }) => {
      torrent.pause();
      assert.equal((await get()).status, 503);
      assert.equal((await get({}, { index: 7 })).status, 404);
    }));

  test("a torrent that is paused serves what it has", () =>
    withScene(8, "here", async ({ get, torrent }) => {
      torrent.pause();
      assert.ok(isSame((await get()).bytes, FILM));
    }));

  test("a seed that waits in the queue, asleep, serves what it has", () =>
    withScene(11, "here", async ({ world, get, torrents, torrent }) => {
      torrents.session.queue.setLimits({ activeSeeds: 0, activeLimit: 0 });
      await world.run({ untilMs: world.timeMs + 400_000 });
      assert.deepEqual([torrent.state, torrent.isAsleep], ["queued", true]);
      assert.ok(isSame((await get()).bytes, FILM));
    }));

  test("limit: readers of content: 24 of one address", () =>
    withScene(9, "nowhere", async ({ world, client, content, get }) => {
      const url = `http://${NODE}/${SAMPLE.infoHash}/${FILM_INDEX}`;
      const leaving = new AbortController();
      for (let i = 0; i < 24; i++) {
        const { signal } = leaving;
        const { body } = await world.complete(client.http.request({ url, signal }));
        body[Symbol.asyncIterator]()
          .next()
          .catch(() => {});
      }
      assert.equal(content.readers, 24);
      assert.equal((await get()).status, 429);
      leaving.abort();
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(content.readers, 0);
    }));

  test("a reader that takes nothing holds no more than a part of the file, and loses its place", () =>
    withScene(10, "here", async ({ world, content }) => {
      const slow = world.host({ address: "10.0.0.4", downBytesPerSecond: 100_000 });
      const socket = await world.complete(slow.net.connect({ host: NODE, port: 80 }));
      const path = `/${SAMPLE.infoHash}/${FILM_INDEX}`;
      socket.write(Buffer.from(`GET ${path} HTTP/1.1\r\nhost: node\r\n\r\n`));
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(content.readers, 1);
      await world.run({ untilMs: world.timeMs + 180_000 });
      assert.equal(content.readers, 0);
      socket.destroy();
    }));
});
