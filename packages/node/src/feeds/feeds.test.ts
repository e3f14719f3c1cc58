import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTorrentBuilder, planCreation } from "@shoal/protocol";
import { type HttpServerRequest, type HttpServerResponse, ShoalError } from "@shoal/runtime";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { NodeError } from "../errors.ts";
import { EMPTY_FILTER } from "./feed-filter.ts";
import { Feeds } from "./feeds.ts";

const MINUTE_MS = 60_000;
const SERVER = "10.0.0.2";
const URL_OF_FEED = `http://${SERVER}/feed`;
const ALL = { ...EMPTY_FILTER, include: ["*"] };

class Duplicate extends ShoalError<"duplicate-torrent"> {}

/** Where feeds add torrents, as far as the tests look. */
class Intake {
  readonly added: { source: Uint8Array | string; category?: string; paused?: boolean }[] = [];
  fails = 0;

  add(addition: Intake["added"][number]): Promise<void> {
    if (this.fails > 0) {
      this.fails--;
      return Promise.reject(new Error("the disk is full"));
    }
    const isKnown = this.added.some(({ source }) => String(source) === String(addition.source));
    if (isKnown) return Promise.reject(new Duplicate("duplicate-torrent", "it is there already"));
    this.added.push(addition);
    return Promise.resolve();
  }
}

const magnet = (digit: string): string => `magnet:?xt=urn:btih:${digit.repeat(40)}`;
const item = (title: string, link: string): string =>
  `<item><title>${title}</title><guid>${title}</guid><link>${link.replaceAll("&", "&amp;")}</link></item>`;
const rss = (...items: readonly string[]): string =>
  `<rss version="2.0"><channel><title>Some feed</title>${items.join("")}</channel></rss>`;

type Answer = Partial<HttpServerResponse> | string;

interface Scene {
  readonly world: SimWorld;
  readonly host: SimHost;
  readonly intake: Intake;
  readonly requests: HttpServerRequest[];
  answer: (request: HttpServerRequest) => Answer;
  readonly open: () => Promise<Feeds>;
  readonly run: (minutes: number) => Promise<void>;
}

async function withScene(seed: number, test: (scene: Scene) => Promise<void>): Promise<void> {
  await withWorld({ seed }, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    const requests: HttpServerRequest[] = [];
    let minutes = 0;
    const scene: Scene = {
      world,
      host,
      requests,
      intake: new Intake(),
      answer: () => rss(),
      open: () =>
        world.complete(
          Feeds.open({
            torrents: scene.intake,
            store: host.store,
            http: host.http,
            clock: host.clock,
            log: host.log,
          }),
        ),
      async run(more) {
        minutes += more;
        await world.run({ untilMs: minutes * MINUTE_MS });
      },
    };
    await world.host({ address: SERVER }).http.serve({ port: 80 }, (request) => {
      requests.push(request);
      const answer = scene.answer(request);
      const {
        status = 200,
        headers = {},
        body = new Uint8Array(),
      } = typeof answer === "string" ? { body: Buffer.from(answer) } : answer;
      return { status, headers, body };
    });
    await test(scene);
  });
}

suite("feeds over time", () => {
  test("what the filter lets through is added, once, also after a restart", () =>
    withScene(1, async (scene) => {
      scene.answer = () => rss(item("Show 1080p", magnet("a")), item("Show 720p", magnet("b")));
      const feeds = await scene.open();
      const filter = { ...EMPTY_FILTER, include: ["1080p"] };
      const feed = await scene.world.complete(
        feeds.add({ url: URL_OF_FEED, filter, category: "shows", addPaused: true }),
      );
      await scene.run(1);
      assert.deepEqual(scene.intake.added, [
        { source: magnet("a"), category: "shows", paused: true },
      ]);
      assert.equal(feeds.list()[0]?.title, "Some feed");
      const items = await scene.world.complete(feeds.items(feed.id));
      assert.deepEqual(
        items.map(({ title, matched, added }) => [title, matched, added]),
        [
          ["Show 1080p", true, true],
          ["Show 720p", false, false],
        ],
      );
      await scene.world.complete(feeds.close());

      const again = await scene.open();
      scene.intake.added.length = 0;
      await scene.run(60);
      assert.deepEqual(scene.intake.added, []);
      assert.ok(scene.requests.length > 3);
      await scene.world.complete(again.close());
    }));

  test("without a pattern nothing is added, and what a changed filter lets through is", () =>
    withScene(2, async (scene) => {
      scene.answer = () => rss(item("One", magnet("a")));
      const feeds = await scene.open();
      const { id } = await scene.world.complete(feeds.add({ url: URL_OF_FEED }));
      await scene.run(1);
      assert.deepEqual(scene.intake.added, []);
      await scene.world.complete(feeds.change({ id, filter: ALL }));
      await scene.run(1);
      assert.equal(scene.intake.added.length, 1);
      await scene.world.complete(feeds.close());
    }));

  test("RFC 9110: a feed that has not changed is not sent again", () =>
    withScene(3, async (scene) => {
      scene.answer = ({ headers }) =>
        headers["if-none-match"] === '"v1"'
          ? { status: 304 }
          : {
              headers: { etag: '"v1"', "last-modified": "Wed, 25 Nov 2026 10:00:00 GMT" },
              body: Buffer.from(rss(item("One", magnet("a")))),
            };
      const feeds = await scene.open();
      await scene.world.complete(feeds.add({ url: URL_OF_FEED, filter: ALL, intervalS: 60 }));
      await scene.run(5);
      const [first, second] = scene.requests;
      assert.equal(first?.headers["if-none-match"], undefined);
      assert.equal(second?.headers["if-none-match"], '"v1"');
      assert.equal(second?.headers["if-modified-since"], "Wed, 25 Nov 2026 10:00:00 GMT");
      assert.equal(scene.intake.added.length, 1);
      assert.equal(feeds.list()[0]?.error, null);
      await scene.world.complete(feeds.close());
    }));

  test("limit: requests for a feed that cannot be read: the pause doubles up to a day, and is the server's if that is longer", () =>
    withScene(4, async (scene) => {
      scene.answer = () => ({ status: 500 });
      const feeds = await scene.open();
      await scene.world.complete(feeds.add({ url: URL_OF_FEED, intervalS: 60 }));
      // At 0, 1, 3, 7, 15, 31 minutes.
      await scene.run(60);
      assert.equal(scene.requests.length, 6);
      assert.match(feeds.list()[0]?.error ?? "", /status 500/);
      scene.answer = () => rss();
      await scene.run(10);
      assert.equal(feeds.list()[0]?.error, null);
      scene.answer = () => ({ status: 429, headers: { "retry-after": "36000" } });
      await scene.run(2);
      const before = scene.requests.length;
      await scene.run(9 * 60);
      assert.equal(scene.requests.length, before);
      await scene.world.complete(feeds.close());
    }));

  test("a torrent file is fetched, and its own size decides", () =>
    withScene(5, async (scene) => {
      const file = torrentFile(50_000);
      scene.answer = ({ target }) =>
        target === "/feed"
          ? rss(
              item("Large", `http://${SERVER}/a.torrent`),
              item("Gone", `http://${SERVER}/b.torrent`),
            )
          : target === "/a.torrent"
            ? { body: file }
            : { status: 404 };
      const feeds = await scene.open();
      const url = URL_OF_FEED;
      const { id } = await scene.world.complete(
        feeds.add({ url, filter: { ...ALL, maxBytes: 1000 }, intervalS: 60 }),
      );
      await scene.run(1);
      assert.deepEqual(scene.intake.added, []);
      await scene.world.complete(feeds.remove(id));
      await scene.world.complete(feeds.add({ url, filter: ALL, intervalS: 60 }));
      await scene.run(20);
      assert.deepEqual(
        scene.intake.added.map(({ source }) => Buffer.compare(source as Uint8Array, file)),
        [0],
      );
      const tries = scene.requests.filter(({ target }) => target === "/b.torrent").length;
      assert.equal(tries, 1 + 5);
      await scene.world.complete(feeds.close());
    }));

  test("limit: where a feed's items may lead: never into a private network, but to the feed's own server", () =>
    withScene(6, async (scene) => {
      const router: string[] = [];
      await scene.world.host({ address: "192.168.1.1" }).http.serve({ port: 80 }, ({ target }) => {
        router.push(target);
        return { status: 200, body: torrentFile(10) };
      });
      scene.answer = ({ target }) =>
        target === "/away"
          ? { status: 302, headers: { location: "http://192.168.1.1/reboot" } }
          : rss(
              item("One", "http://192.168.1.1/reboot.torrent"),
              item("Two", `http://${SERVER}/away`),
              item("Three", `http://${SERVER}:81/x.torrent`),
            );
      const feeds = await scene.open();
      await scene.world.complete(feeds.add({ url: URL_OF_FEED, filter: ALL }));
      await scene.run(2);
      assert.deepEqual(router, []);
      assert.deepEqual(scene.intake.added, []);
      await scene.world.complete(feeds.close());
    }));

  test("each episode is taken once, and its repair once more", () =>
    withScene(7, async (scene) => {
      const titles = [
        "Show S01E01 1080p",
        "Show.S01E01.720p",
        "Show 1x01",
        "Show S01E01 PROPER",
        "Show S01E02",
        "A film",
        "Another film",
      ];
      scene.answer = () => rss(...titles.map((title, i) => item(title, magnet(String(i + 1)))));
      const feeds = await scene.open();
      await scene.world.complete(
        feeds.add({ url: URL_OF_FEED, filter: { ...ALL, smartEpisodes: true } }),
      );
      await scene.run(1);
      assert.equal(scene.intake.added.length, 5);
      await scene.world.complete(feeds.close());
    }));

  test("an item that could not be added is tried again at the next looks", () =>
    withScene(8, async (scene) => {
      scene.answer = () => rss(item("One", magnet("a")));
      scene.intake.fails = 2;
      const feeds = await scene.open();
      await scene.world.complete(feeds.add({ url: URL_OF_FEED, filter: ALL, intervalS: 60 }));
      await scene.run(5);
      assert.equal(scene.intake.added.length, 1);
      await scene.world.complete(feeds.close());
    }));

  test("a feed that sends a byte now and then does not hold up the others", () =>
    withScene(9, async (scene) => {
      scene.answer = ({ target }) =>
        target === "/slow" ? { body: drip(scene.host) } : rss(item("One", magnet("a")));
      const feeds = await scene.open();
      await scene.world.complete(feeds.add({ url: `http://${SERVER}/slow`, filter: ALL }));
      await scene.world.complete(feeds.add({ url: URL_OF_FEED, filter: ALL }));
      await scene.run(4);
      assert.equal(scene.intake.added.length, 1);
      assert.notEqual(feeds.list()[0]?.error, null);
      await scene.world.complete(feeds.close());
    }));

  test("a feed is there once; one that is gone is not found; one that is off is not asked", () =>
    withScene(10, async (scene) => {
      const feeds = await scene.open();
      const isError = (code: string) => (error: unknown) =>
        error instanceof NodeError && error.code === code;
      const { id } = await scene.world.complete(feeds.add({ url: URL_OF_FEED, isOn: false }));
      await assert.rejects(
        scene.world.complete(feeds.add({ url: URL_OF_FEED })),
        isError("conflict"),
      );
      await assert.rejects(feeds.add({ url: "file:///etc/passwd" }), isError("bad-request"));
      await scene.run(60);
      assert.equal(scene.requests.length, 0);
      await scene.world.complete(feeds.remove(id));
      await assert.rejects(feeds.items(id), isError("not-found"));
      await assert.rejects(feeds.change({ id }), isError("not-found"));
      assert.deepEqual(feeds.list(), []);
      await scene.world.complete(feeds.close());
    }));
});

async function* drip({ clock }: SimHost): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Buffer.from(" ");
    await new Promise<void>((resolve) => void clock.setTimer(10_000, resolve));
  }
}

function torrentFile(lengthBytes: number): Uint8Array {
  const plan = planCreation([{ path: [], lengthBytes }], {
    name: "sample",
    version: "v1",
    pieceLengthBytes: 65_536,
  });
  const builder = createTorrentBuilder(plan);
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    builder.addPiece(piece, { sha1: new Uint8Array(20) });
  }
  return builder.build({});
}
