import assert from "node:assert/strict";
import { test } from "node:test";
import { createMessageReader, HAVE_LENGTH_BYTES, type MessageHandler } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { PieceNews } from "./piece-news.ts";

/** A peer that remembers in which writes it heard of which pieces. */
function createReader(news: () => PieceNews, isSeed: boolean) {
  const writes: number[][] = [];
  let told = 0;
  return {
    isSeed,
    writes,
    tellNews() {
      if (told === news().end) return;
      writes.push(piecesIn(news().since(told)));
      told = news().end;
    },
  };
}

function piecesIn(messages: Uint8Array): number[] {
  const pieces: number[] = [];
  const handler = { onHave: (piece: number) => void pieces.push(piece) };
  createMessageReader(handler as unknown as MessageHandler).push(messages, 0, messages.length);
  assert.equal(messages.length, pieces.length * HAVE_LENGTH_BYTES);
  return pieces;
}

function setUp(world: SimWorld) {
  const { clock } = world.host({ address: "10.0.0.1" });
  const readers = [false, true].map((isSeed) => createReader(() => news, isSeed));
  const news = new PieceNews(clock, readers);
  const [leecher, seed] = readers as [(typeof readers)[0], (typeof readers)[0]];
  return { news, leecher, seed };
}

const pause = (world: SimWorld, delayMs: number): Promise<void> =>
  world.run({ untilMs: world.timeMs + delayMs });

test("pieces that come within a moment are told in one write, and seeds wait for the tick", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { news, leecher, seed } = setUp(world);
    news.add(7);
    await pause(world, 5);
    news.add(3);
    await pause(world, 100);
    news.add(5);
    await pause(world, 100);
    assert.deepEqual(leecher.writes, [[7, 3], [5]]);
    assert.deepEqual(seed.writes, []);
    news.tick();
    assert.deepEqual(leecher.writes, [[7, 3], [5]]);
    assert.deepEqual(seed.writes, [[7, 3, 5]]);
  }));

test("what was told is forgotten, and what a write still holds is left as it is", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { news, leecher, seed } = setUp(world);
    for (let piece = 0; piece < 100; piece++) news.add(piece);
    const held = news.since(98);
    assert.deepEqual(piecesIn(held), [98, 99]);
    news.tick();
    for (let piece = 200; piece < 300; piece++) news.add(piece);
    assert.deepEqual(piecesIn(held), [98, 99]);
    news.tick();
    assert.equal(news.end, 200);
    for (const { writes } of [leecher, seed]) {
      assert.deepEqual(
        writes.map(({ length }) => length),
        [100, 100],
      );
      assert.equal(writes[1]![0], 200);
    }
    // Of what is forgotten nothing is told again.
    assert.equal(news.since(0).length, 0);
  }));

test("nobody is told once it was stopped", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { news, leecher } = setUp(world);
    news.add(1);
    news.stop();
    await pause(world, 1000);
    assert.deepEqual(leecher.writes, []);
  }));
