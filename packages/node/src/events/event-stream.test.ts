import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HttpServerResponse } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { EventStream } from "./event-stream.ts";

const everything = () => true;

/** Reads a stream as a client does; `text` is what has come. */
function listen({ body }: HttpServerResponse) {
  const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const client = { text: "", isOver: false, leave: () => void iterator.return?.() };
  void (async () => {
    for (;;) {
      const result = await iterator.next();
      if (result.done === true) break;
      client.text += Buffer.from(result.value).toString();
    }
    client.isOver = true;
  })();
  return client;
}

const seconds = (world: SimWorld, count: number) =>
  world.run({ untilMs: world.timeMs + count * 1000 });

suite("server-sent events", () => {
  test("begin with hello, and go to those who asked for the topic", () =>
    withWorld({ seed: 1 }, async (world) => {
      const events = new EventStream(world.host({ address: "10.0.0.1" }).clock, "1.2.3");
      const [all, logs] = [events.open(undefined, everything), events.open("log", everything)];
      const [first, second] = [listen(all), listen(logs)];
      events.publish("sample", {
        state: "off",
        infoHash: null,
        sellers: 0,
        sizeBytes: 0,
        error: null,
      });
      await seconds(world, 1);
      assert.match(first.text, /^event: hello\ndata: \{"version":"1\.2\.3"\}\n\nevent: sample\n/);
      assert.equal(second.text, `event: hello\ndata: {"version":"1.2.3"}\n\n`);
      assert.equal(all.headers?.["content-type"], "text/event-stream; charset=utf-8");
      events.close();
    }));

  test("each source is asked once a second for all clients, and not at all for none", () =>
    withWorld({ seed: 2 }, async (world) => {
      const events = new EventStream(world.host({ address: "10.0.0.1" }).clock, "1");
      let asked = 0;
      events.everySecond("torrents", () => {
        asked += 1;
        return { added: [], changed: [], removed: [String(asked)] };
      });
      await seconds(world, 5);
      assert.equal(asked, 0);
      const clients = [1, 2, 3].map(() => listen(events.open("torrents", everything)));
      assert.equal(asked, 1);
      await seconds(world, 2.5);
      assert.equal(asked, 3);
      for (const { text } of clients) assert.match(text, /"2".*"3"/s);
      for (const client of clients) client.leave();
      await seconds(world, 3);
      assert.equal(asked, 3);
      events.close();
    }));

  test("who hears nothing else hears a heartbeat", () =>
    withWorld({ seed: 3 }, async (world) => {
      const events = new EventStream(world.host({ address: "10.0.0.1" }).clock, "1");
      const client = listen(events.open("log", everything));
      await seconds(world, 47);
      assert.equal(client.text.split(": still here\n\n").length - 1, 3);
      events.close();
      await seconds(world, 1);
      assert.equal(client.isOver, true);
    }));

  test("who does not read is cut off, and disturbs nobody", () =>
    withWorld({ seed: 4 }, async (world) => {
      const events = new EventStream(world.host({ address: "10.0.0.1" }).clock, "1");
      const entry = {
        number: 1,
        atMs: 0,
        level: "info",
        event: "",
        text: "x".repeat(2 ** 20),
      } as const;
      events.open("log", everything);
      const reader = listen(events.open("log", everything));
      for (let count = 0; count < 10; count++) {
        events.publish("log", entry);
        await seconds(world, 0.1);
      }
      assert.equal(events.clients, 1);
      assert.equal(reader.text.length > 10 * 2 ** 20, true);
      events.close();
    }));

  test("topics that a caller may not know of are left out, those that do not exist are refused", () =>
    withWorld({ seed: 5 }, async (world) => {
      const events = new EventStream(world.host({ address: "10.0.0.1" }).clock, "1");
      const client = listen(events.open(undefined, (topic) => topic !== "wallet"));
      events.publish("wallet", { name: "main" });
      await seconds(world, 1);
      assert.doesNotMatch(client.text, /wallet/);
      assert.throws(() => events.open("nonsense", everything), { code: "bad-request" });
      for (let count = 1; count < 256; count++) events.open("log", everything);
      assert.throws(() => events.open("log", everything), { code: "too-many-requests" });
      events.close();
      await seconds(world, 1);
    }));
});
