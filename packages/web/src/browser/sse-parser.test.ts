import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createSseParser, type ServerSentEvent } from "./sse-parser.ts";

function parse(chunks: readonly string[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const take = createSseParser((event) => events.push(event));
  for (const chunk of chunks) take(chunk);
  return events;
}

suite("server-sent events", () => {
  test("an event has a name and data; comments are left out", () => {
    assert.deepEqual(parse([": hello\n\nevent: torrents\ndata: {}\n\ndata: a\ndata: b\n\n"]), [
      { name: "torrents", data: "{}" },
      { name: "message", data: "a\nb" },
    ]);
  });

  test("it does not matter where the text is cut, nor which line ends it has", () => {
    const text = "event: a\r\ndata: 1\r\n\r\nevent: b\ndata: 2\n\nevent: c\rdata: 3\r\r: end\n";
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
        assert.deepEqual(parse(chunks), [
          { name: "a", data: "1" },
          { name: "b", data: "2" },
          { name: "c", data: "3" },
        ]);
      }),
    );
  });

  test("an event that never ends is not told", () => {
    assert.deepEqual(parse(["event: a\ndata: 1\n"]), []);
  });
});
