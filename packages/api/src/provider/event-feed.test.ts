import assert from "node:assert/strict";
import { mock, suite, test } from "node:test";
import { EventFeed } from "./event-feed.ts";

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A feed whose streams the test writes. */
function openFeed() {
  const told: unknown[] = [];
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  let status = 200;
  const feed = new EventFeed({
    async open() {
      if (status !== 200) return new Response("", { status });
      return new Response(new ReadableStream({ start: (each) => void streams.push(each) }));
    },
    onEvent: (name, data) => told.push([name, data]),
    onBroken: () => told.push("broken"),
    onRefused: () => told.push("refused"),
  });
  const write = (text: string) => streams.at(-1)?.enqueue(Buffer.from(text));
  return { feed, told, streams, write, answer: (with_: number) => void (status = with_) };
}

suite("event feed", () => {
  test("events come whole, however they are cut", async () => {
    const { feed, told, write } = openFeed();
    feed.start();
    feed.start();
    await settle();
    for (const character of ': hello\n\nevent: chainChanged\ndata: "0x1"\n\n') write(character);
    write('event: accountsChanged\ndata: ["\u00e4"]\n\nevent: accountsCh');
    await settle();
    assert.deepEqual(told, [
      ["chainChanged", "0x1"],
      ["accountsChanged", ["\u00e4"]],
    ]);
    feed.stop();
  });

  test("what breaks is asked for again, ever later, and soon again once it was there", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { feed, told, streams, write, answer } = openFeed();
      answer(503);
      feed.start();
      await settle();
      assert.deepEqual(told, ["broken"]);
      for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
        mock.timers.tick(pauseMs - 1);
        await settle();
        const before: number = told.length;
        mock.timers.tick(1);
        await settle();
        assert.equal(told.length, before + 1, `after ${pauseMs} ms`);
      }
      answer(200);
      mock.timers.tick(30_000);
      await settle();
      write("event: a\ndata: 1\n\n");
      await settle();
      assert.deepEqual(told.at(-1), ["a", 1]);
      streams.at(-1)?.close();
      await settle();
      assert.equal(told.at(-1), "broken");
      mock.timers.tick(1000);
      await settle();
      assert.equal(streams.length, 2);
      feed.stop();
    } finally {
      mock.timers.reset();
    }
  });

  test("one that is refused is left alone, and one that was stopped tells nothing more", async () => {
    const { feed, told, answer } = openFeed();
    answer(401);
    feed.start();
    await settle();
    assert.deepEqual(told, ["refused"]);
    answer(200);
    feed.start();
    feed.stop();
    await settle();
    assert.deepEqual(told, ["refused"]);
  });
});
