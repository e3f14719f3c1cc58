import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { settings, type SettingsChange } from "@shoal/api";
import type { HttpServerRequest } from "@shoal/runtime";
import { createContent, type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { ContentServer } from "../content/content-server.ts";
import { createLocalFiles } from "../local-files/create-local-files.ts";
import { type MadeTorrent, makeTorrent } from "../testing/make-torrent.ts";
import { openTorrents, placeFiles } from "../testing/open-torrents.ts";
import type { Torrents } from "../torrents/torrents.ts";
import { cidOfPiecesRoot } from "./cid.ts";
import { createGatewayFace } from "./gateway-face.ts";
import { LiveDenyList } from "./live-deny-list.ts";
import { PiecesRootIndex } from "./pieces-root-index.ts";

const HOSTILE = `<img src=x onerror=alert(1)>"'&.txt`;
const FILM = createContent("film", 300_000);
const SAMPLE = makeTorrent(
  [
    { path: ["film.mp4"], content: FILM },
    { path: ["docs", "index.html"], content: Buffer.from("<script>alert(1)</script>") },
    { path: ["docs", HOSTILE], content: Buffer.from("text") },
    { path: ["skipped.bin"], content: createContent("skipped", 70_000) },
  ],
  { name: "<b>sample" },
);
const PRIVATE = makeTorrent([{ path: ["secret.txt"], content: Buffer.from("for members") }], {
  name: "private",
  details: { isPrivate: true },
});
const indexOf = (name: string): number =>
  SAMPLE.metainfo.files.findIndex(({ path }) => path.at(-1) === name);
const rootOf = (name: string): Uint8Array => SAMPLE.metainfo.files[indexOf(name)]!.piecesRoot!;
const V2 = Buffer.from(SAMPLE.metainfo.v2!.infoHash).toString("hex");

interface Scene {
  readonly world: SimWorld;
  readonly host: SimHost;
  readonly torrents: Torrents;
  readonly index: PiecesRootIndex;
  readonly denyList: LiveDenyList;
  readonly get: (target: string, more?: Partial<HttpServerRequest>) => Promise<Got>;
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

async function withScene(
  seed: number,
  test: (scene: Scene) => Promise<void>,
  web: SettingsChange["web"] = {},
): Promise<void> {
  await withWorld({ seed }, async (world) => {
    const host = world.host({ address: "10.0.0.2" });
    const torrents = await world.complete(openTorrents(host));
    for (const sample of [SAMPLE, PRIVATE]) await addHere(world, host, torrents, sample);
    const index = await world.complete(
      PiecesRootIndex.open(host.store, torrents.session, host.log),
    );
    await world.complete(index.settle());
    const denyList = new LiveDenyList({
      files: createLocalFiles(),
      clock: host.clock,
      log: host.log,
    });
    const content = new ContentServer(host);
    const current = settings.parse({ web: { gateway: true, ...web } });
    const { clock } = host;
    const init = { torrents, content, settings: { current }, denyList, index, clock };
    const face = createGatewayFace(init);
    const get: Scene["get"] = (target, more = {}) =>
      world.complete(
        (async () => {
          const request = {
            method: "GET",
            target,
            headers: {},
            body: new Uint8Array(),
            remote: { address: "10.0.0.3", port: 1 },
            transport: "tcp",
            signal: new AbortController().signal,
            ...more,
          } as const;
          assert.ok(face.owns(target.split("?")[0]!, request), target);
          const {
            status,
            headers = {},
            body,
          } = await face.handle(request, {
            kind: "nobody",
            scopes: new Set(),
          });
          const parts: Uint8Array[] = [];
          if (body instanceof Uint8Array) parts.push(body);
          else for await (const part of body) parts.push(part);
          return { status, headers, text: Buffer.concat(parts).toString("latin1") };
        })(),
      );
    await test({ world, host, torrents, index, denyList, get });
    await world.complete(index.close());
    await world.complete(torrents.session.close());
  });
}

async function addHere(
  world: SimWorld,
  host: SimHost,
  torrents: Torrents,
  sample: MadeTorrent,
): Promise<void> {
  placeFiles(host, sample);
  const torrent = await world.complete(torrents.add({ source: sample.bytes }));
  await world.complete(torrent.whenComplete());
}

suite("the content gateway", () => {
  test("serves files by v1 and v2 infohash and path, and by CID, to be kept for ever", () =>
    withScene(1, async ({ get }) => {
      const film = Buffer.from(FILM).toString("latin1");
      for (const target of [
        `/content/${SAMPLE.infoHash}/film.mp4`,
        `/content/${V2}/film.mp4`,
        `/content/${V2.toUpperCase()}/film%2Emp4`,
        `/content/${cidOfPiecesRoot(rootOf("film.mp4"))}`,
        `/content/${cidOfPiecesRoot(rootOf("film.mp4")).toUpperCase()}/`,
      ]) {
        const { status, headers, text } = await get(target);
        assert.equal(status, 200, target);
        assert.ok(text === film, target);
        assert.equal(headers["cache-control"], "public, max-age=31536000, immutable");
        assert.equal(headers["access-control-allow-origin"], "*");
        assert.equal(headers["cross-origin-resource-policy"], "cross-origin");
      }
      const part = await get(`/content/${V2}/film.mp4`, { headers: { range: "bytes=5-9" } });
      assert.deepEqual([part.status, part.text], [206, film.slice(5, 10)]);
      const head = await get(`/content/${V2}/film.mp4`, { method: "HEAD" });
      assert.deepEqual(
        [head.status, head.text, head.headers["content-length"]],
        [200, "", "300000"],
      );
    }));

  test("a hostile page is saved, in a sandbox, and a listing runs nothing", () =>
    withScene(2, async ({ get }) => {
      const page = await get(`/content/${V2}/docs/index.html`);
      assert.equal(page.headers["content-type"], "application/octet-stream");
      assert.match(page.headers["content-security-policy"]!, /^sandbox/);
      assert.match(page.headers["content-disposition"]!, /^attachment/);

      const root = await get(`/content/${V2}`);
      assert.match(root.text, /&lt;b&gt;sample/);
      assert.match(root.text, new RegExp(`href="/content/${V2}/docs/"`));
      const folder = await get(`/content/${V2}/docs/`);
      assert.ok(!/<img|<b>|<script/.test(root.text + folder.text));
      assert.match(folder.headers["content-security-policy"]!, /default-src 'none'/);
      const link = /href="([^"]*onerror[^"]*)"/.exec(folder.text)?.[1];
      assert.equal((await get(link!)).text, "text");
    }));

  test("paths lead nowhere but to the torrent's own files", () =>
    withScene(3, async ({ get }) => {
      const at = `/content/${V2}`;
      for (const path of [
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/docs/../film.mp4",
        "/docs%2findex.html",
        "/docs%5cindex.html",
        "//etc/passwd",
        "/film.mp4%00",
        "/./film.mp4",
        "/%",
        "/%ff",
        "/film.mp4/film.mp4",
        "/FILM.MP4",
        `/${"a/".repeat(40_000)}`,
      ]) {
        const { status, text } = await get(at + path);
        assert.ok([400, 404].includes(status), `${path}: ${status}`);
        assert.ok(!text.includes("root:"));
      }
      for (const target of ["/content/nonsense", "/content/%00", `/content/${"ab".repeat(19)}`]) {
        assert.equal((await get(target)).status, 400, target);
      }
      assert.equal((await get(`/content/${"ab".repeat(20)}`)).status, 404);
      assert.equal((await get(at, { method: "POST" })).status, 405);
    }));

  test("private torrents and skipped files are not passed on", () =>
    withScene(4, async ({ get, torrents, world }) => {
      assert.equal((await get(`/content/${PRIVATE.infoHash}/secret.txt`)).status, 404);
      assert.equal((await get(`/content/${PRIVATE.infoHash}`)).status, 404);
      const [file] = PRIVATE.metainfo.files;
      assert.equal((await get(`/content/${cidOfPiecesRoot(file!.piecesRoot!)}`)).status, 404);
      const torrent = torrents.find(SAMPLE.infoHash);
      await world.complete(torrent.setFilePriority(indexOf("skipped.bin"), "skip"));
      assert.equal((await get(`/content/${V2}/skipped.bin`)).status, 404);
      assert.equal((await get(`/content/${cidOfPiecesRoot(rootOf("skipped.bin"))}`)).status, 404);
    }));

  test("passes on what a seed has that waits in the queue, asleep", () =>
    withScene(9, async ({ get, torrents, world }) => {
      torrents.session.queue.setLimits({ activeSeeds: 0, activeLimit: 0 });
      await world.run({ untilMs: world.timeMs + 400_000 });
      assert.equal(torrents.find(SAMPLE.infoHash).isAsleep, true);
      assert.equal((await get(`/content/${V2}/film.mp4`)).status, 200);
    }));

  test("says what it is and whom to tell, in text that cannot become more", () =>
    withScene(
      5,
      async ({ get }) => {
        const notice = await get("/content/");
        assert.equal(notice.status, 200);
        assert.match(notice.text, /&lt;script&gt;/);
        assert.ok(!notice.text.includes("<script>"));
        assert.match((await get(`/content/${"ab".repeat(20)}`)).text, /To report content/);
      },
      { abuseContact: "<script>abuse@example.net" },
    ));

  test("RFC 7725: what is denied is answered 451, as the list is now", () =>
    withScene(6, async ({ get, denyList, world }) => {
      const folder = await mkdtemp(join(tmpdir(), "shoal-deny-"));
      const path = join(folder, "deny.txt");
      const film = `/content/${V2}/film.mp4`;
      const cid = cidOfPiecesRoot(rootOf("film.mp4"));
      await writeFile(path, `# nothing\n`);
      await denyList.use(path);
      assert.equal((await get(film)).status, 200);

      await writeFile(path, `${cid}  # a file, in every torrent\n`);
      await denyList.look();
      assert.deepEqual(
        [
          (await get(film)).status,
          (await get(`/content/${cid}`)).status,
          (await get(`/content/${V2}`)).status,
        ],
        [451, 451, 200],
      );

      // By the infohash of either version, under every name.
      await writeFile(path, `${SAMPLE.infoHash}\n${"0".repeat(40)}\n`);
      await denyList.look();
      for (const target of [
        film,
        `/content/${cid}`,
        `/content/${V2}`,
        `/content/${SAMPLE.infoHash}`,
      ]) {
        const { status, text } = await get(target);
        assert.equal(status, 451, target);
        assert.match(text, /legal reasons/);
      }

      await denyList.use(join(folder, "missing"));
      assert.equal((await get(film)).status, 503);
      await denyList.use(null);
      assert.equal((await get(film)).status, 200);
      await world.complete(denyList.close());
      await rm(folder, { recursive: true });
    }));

  test("a file is found by its CID after a restart, and not once its torrent is gone", () =>
    withScene(7, async ({ host, world, torrents, index }) => {
      await world.complete(index.close());
      const again = await world.complete(
        PiecesRootIndex.open(host.store, torrents.session, host.log),
      );
      const found = await world.complete(again.find(rootOf("film.mp4")));
      assert.deepEqual(
        found.map(({ torrent, fileIndex }) => [torrent.infoHash, fileIndex]),
        [[SAMPLE.infoHash, indexOf("film.mp4")]],
      );
      await world.complete(torrents.remove(torrents.find(SAMPLE.infoHash)));
      await world.complete(again.settle());
      assert.deepEqual(await world.complete(again.find(rootOf("film.mp4"))), []);
      await world.complete(again.close());
    }));

  test("is nobody's while the settings have it off", () =>
    withWorld({ seed: 8 }, async (world) => {
      const current = settings.parse({});
      const face = createGatewayFace({ settings: { current } } as never);
      assert.equal(face.owns("/content/x", {} as never), false);
      await world.run({ untilMs: 1 });
    }));
});
