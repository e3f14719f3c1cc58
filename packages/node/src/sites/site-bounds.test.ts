import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { hashSecret } from "../access/secret.ts";
import { MAX_SITES, MAX_TOKENS, SiteBook } from "./site-book.ts";
import { SITES_SCHEMA } from "./sites-schema.ts";
import { MAX_STREAMS_OF_SITE, SiteStreams } from "./site-streams.ts";
import { waitingBody } from "./waiting-body.ts";
import { REQUEST_MS, type ShownRequest, WaitingRequests } from "./waiting-requests.ts";

const CHOICE = { wallet: "main", account: 0, network: "embedded" };
const SHOWN: ShownRequest = {
  ...{ kind: "message", ...CHOICE, address: null },
  ...{ lines: [], warnings: [], transaction: null },
};

const inWorld = (body: (world: SimWorld, host: SimHost) => Promise<void>) => () =>
  withWorld({ seed: 1 }, (world) => body(world, world.host({ address: "10.0.0.1" })));

/** What comes of a body until it says nothing more for now. */
async function readAll(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  assert.ok(!(body instanceof Uint8Array));
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

suite("bounds of web sites, in virtual time", () => {
  test(
    "limit: sites that are connected, with 8 browsers each",
    inWorld(async (world, host) => {
      const run = async () => {
        const book = await SiteBook.open(host);
        const tokens: string[] = [];
        for (let at = 0; at < MAX_SITES; at++) {
          tokens.push((await book.connect(`https://s${at}.example`, CHOICE)).token);
        }
        await assert.rejects(book.connect("https://more.example", CHOICE), { code: "conflict" });
        assert.equal(book.list().length, MAX_SITES);
        const connect = () => book.connect("https://s0.example", { ...CHOICE, account: 1 });
        const [first = ""] = tokens;
        const { token: second } = await connect();
        for (let count = 2; count < MAX_TOKENS; count++) await connect();
        assert.equal(book.use("https://s0.example", first)?.account, 1);
        await connect();
        assert.equal(book.use("https://s0.example", first), null);
        assert.equal(book.use("https://s0.example", second)?.account, 1);
        assert.equal(book.list().length, MAX_SITES);
      };
      await world.complete(run());
    }),
  );

  test(
    "what is kept of a token is its hash: whoever reads the database is no site by it",
    inWorld(async (world, host) => {
      const run = async () => {
        const book = await SiteBook.open(host);
        const { token, site } = await book.connect("https://app.example", CHOICE);
        const tables = await host.store.open(SITES_SCHEMA);
        const [row] = await tables.select({ sql: "SELECT hash FROM node_site_tokens" });
        const hash = Buffer.from(row?.["hash"] as Uint8Array).toString("hex");
        assert.equal(hash, hashSecret(token));
        const again = await SiteBook.open(host);
        assert.equal(again.use("https://app.example", token)?.id, site.id);
        assert.equal(again.use("https://app.example", site.id), null);
        await again.remove(site.id);
        assert.equal((await SiteBook.open(host)).use("https://app.example", token), null);
      };
      await world.complete(run());
    }),
  );

  test(
    "limit: how long a request waits",
    inWorld(async (world, { clock, random }) => {
      let changes = 0;
      const waiting = new WaitingRequests({ clock, random, changed: () => changes++ });
      const asking = {
        ...{ origin: "https://app.example", siteId: "a", shown: SHOWN },
        carryOut: async () => "signed",
      };
      const asked = waiting.ask(asking, new AbortController().signal);
      const [{ atMs, expiresAtMs } = assert.fail()] = waiting.list();
      assert.equal(expiresAtMs - atMs, REQUEST_MS);
      await assert.rejects(world.complete(asked, REQUEST_MS + 1000), { code: 4001 });
      assert.deepEqual([waiting.list(), changes], [[], 2]);
    }),
  );

  test(
    "what is being carried out goes on though the site goes away, and is not begun again",
    inWorld(async (world, { clock, random }) => {
      const waiting = new WaitingRequests({ clock, random, changed: () => {} });
      const work = Promise.withResolvers<string>();
      let begun = 0;
      const carryOut = async () => {
        begun++;
        return await work.promise;
      };
      const gone = new AbortController();
      const asking = { origin: "https://app.example", siteId: "a", shown: SHOWN, carryOut };
      const asked = waiting.ask(asking, gone.signal);
      const [{ id } = assert.fail()] = waiting.list();
      const answered = waiting.answer({ id, isAllowed: true });
      gone.abort();
      await assert.rejects(waiting.answer({ id, isAllowed: true }), { code: "conflict" });
      work.resolve("sent");
      await world.complete(answered);
      assert.equal(await asked, "sent");
      assert.equal(begun, 1);
      await assert.rejects(waiting.answer({ id, isAllowed: true }), { code: "not-found" });
    }),
  );

  test(
    "an answer that comes to nothing leaves the request, unless its site has gone meanwhile",
    inWorld(async (world, { clock, random }) => {
      const waiting = new WaitingRequests({ clock, random, changed: () => {} });
      const carryOut = async () => await Promise.reject(new RangeError("wrong password"));
      const gone = new AbortController();
      const asking = { origin: "https://app.example", siteId: "a", shown: SHOWN, carryOut };
      const asked = assert.rejects(waiting.ask(asking, gone.signal), { code: 4001 });
      const [{ id } = assert.fail()] = waiting.list();
      await assert.rejects(waiting.answer({ id, isAllowed: true }), RangeError);
      assert.equal(waiting.size, 1);
      const again = assert.rejects(waiting.answer({ id, isAllowed: true }), RangeError);
      gone.abort();
      await again;
      await world.complete(asked);
      assert.equal(waiting.size, 0);
    }),
  );

  test(
    "limit: streams of events",
    inWorld(async (_world, { clock }) => {
      const streams = new SiteStreams(clock);
      const opened = Array.from({ length: MAX_STREAMS_OF_SITE }, () => streams.open("a", []));
      assert.throws(() => streams.open("a", []), { code: -32005 });
      const other = streams.open("b", [["chainChanged", "0x1"]]);
      // Who does not read is cut off, and the others are not.
      for (let count = 0; count < 150; count++) streams.tell("a", "chainChanged", `0x${count}`);
      assert.equal(streams.size, 1);
      assert.equal((await readAll(opened[0]!.body)).split("\n\n").length - 1, 100);
      streams.tell("b", "disconnect", {});
      streams.end("b");
      assert.equal(
        await readAll(other.body),
        'event: chainChanged\ndata: "0x1"\n\nevent: disconnect\ndata: {}\n\n',
      );
      streams.close();
    }),
  );

  test(
    "an answer that is waited for keeps its connection alive, and is JSON all the same",
    inWorld(async (world, { clock }) => {
      const answer = Promise.withResolvers<Uint8Array>();
      clock.setTimer(100_000, () => answer.resolve(Buffer.from('{"result":1}')));
      let isGone = false;
      const body = waitingBody(answer.promise, clock, () => (isGone = true));
      const text = await world.complete(readAll(body), 200_000);
      assert.match(text, /^\n{6}\{/);
      assert.deepEqual(JSON.parse(text), { result: 1 });
      assert.equal(isGone, false);
      const left = waitingBody(new Promise(() => {}), clock, () => (isGone = true));
      await left[Symbol.asyncIterator]().return?.();
      assert.equal(isGone, true);
    }),
  );
});
