import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OpenedConnection } from "../peer/dial.ts";
import { Callers } from "./callers.ts";

function call(closed: number[], index: number): OpenedConnection {
  const connection = { close: () => void closed.push(index) };
  return { connection } as unknown as OpenedConnection;
}

describe("callers of a torrent that sleeps", () => {
  it("limit: connections that wait while a torrent wakes are 16, the next are turned away", () => {
    const closed: number[] = [];
    const callers = new Callers();
    const calls = Array.from({ length: 18 }, (_, index) => call(closed, index));
    assert.deepEqual(
      calls.map((each) => callers.add(each)),
      calls.map((_, index) => index < 16),
    );
    assert.deepEqual(closed, [16, 17]);
    assert.deepEqual(callers.take(), calls.slice(0, 16));
  });

  it("are all turned away when it does not wake", () => {
    const closed: number[] = [];
    const callers = new Callers();
    for (const index of [1, 2]) callers.add(call(closed, index));
    callers.turnAway();
    assert.deepEqual([closed, callers.take()], [[1, 2], []]);
  });
});
