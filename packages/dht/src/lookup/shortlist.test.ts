import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createNodeId } from "../node-id/secure-id.ts";
import { TestRandom } from "../testing/test-random.ts";
import { createResultStream } from "./result-stream.ts";
import { Shortlist } from "./shortlist.ts";

const random = new TestRandom(3);
const target = new Uint8Array(20);

function idAt(distance: number): Uint8Array {
  const id = new Uint8Array(20);
  id[2] = distance;
  return id;
}

suite("shortlist of a look-up", () => {
  test("the closest of the 8 nearest that are fresh is next", () => {
    const list = new Shortlist(target);
    for (const distance of [5, 1, 3, 9, 2, 8, 7, 6, 4]) {
      list.add({ id: idAt(distance), address: "127.0.0.1", port: distance }, 1);
    }
    const asked: number[] = [];
    for (let next = list.next(8, true); next !== null; next = list.next(8, true)) {
      asked.push(next.port);
      next.state = "answered";
    }
    assert.deepEqual(asked, [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("those that fail or are slow leave their place to further ones", () => {
    const list = new Shortlist(target);
    for (let i = 1; i <= 4; i++) list.add({ id: idAt(i), address: "127.0.0.1", port: i }, 1);
    for (const state of ["failed", "slow", "asked"] as const) list.next(2, true)!.state = state;
    assert.equal(list.next(2, true)?.port, 4);
    assert.equal(list.next(1, true), null, "the nearest one that counts was asked");
  });

  test("a network, and an address, stands in it once", () => {
    const list = new Shortlist(target);
    for (let i = 1; i <= 50; i++) list.add({ id: idAt(i), address: `9.9.9.${i}`, port: 1 }, 1);
    for (let i = 1; i <= 50; i++) list.add({ id: idAt(i), address: "9.9.8.1", port: i }, 1);
    let count = 0;
    for (let next = list.next(99, true); next !== null; next = list.next(99, true)) {
      next.state = "answered";
      count++;
    }
    assert.equal(count, 2);
  });

  test("BEP 42: nodes that may have chosen their ID push nobody out", () => {
    const list = new Shortlist(target);
    for (let i = 1; i <= 100; i++) list.add({ id: idAt(i), address: `9.9.${i}.1`, port: 1 }, 1);
    for (let i = 1; i <= 10; i++) {
      const address = `8.8.${i}.1`;
      list.add({ id: createNodeId(address, random), address, port: 1 }, 1);
    }
    const asked = { secure: 0, insecure: 0 };
    for (let next = list.next(8, true); next !== null; next = list.next(8, true)) {
      next.state = "answered";
      asked[next.isSecure ? "secure" : "insecure"]++;
    }
    assert.deepEqual(asked, { secure: 8, insecure: 8 });
    const closest = list.answered(8);
    assert.equal(closest.filter(({ isSecure }) => isSecure).length, 8);
    assert.equal(closest.length, 16);
  });
});

suite("result stream", () => {
  test("what came before the end is read before it", async () => {
    const stream = createResultStream<number>(() => {});
    stream.push(1);
    stream.push(2);
    stream.end();
    stream.push(3);
    assert.deepEqual(await Array.fromAsync(stream), [1, 2]);
  });

  test("a failure is thrown once, after the results", async () => {
    const stream = createResultStream<number>(() => {});
    stream.push(1);
    stream.fail(new Error("gone"));
    assert.deepEqual(await stream.next(), { done: false, value: 1 });
    await assert.rejects(stream.next(), /gone/);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  test("a reader that stops tells so", async () => {
    let stopped = 0;
    const stream = createResultStream<number>(() => stopped++);
    stream.push(1);
    for await (const value of stream) {
      assert.equal(value, 1);
      break;
    }
    assert.equal(stopped, 1);
  });

  test("who does not read makes it hold no more than 4096 results", async () => {
    const stream = createResultStream<number>(() => {});
    for (let i = 0; i < 10_000; i++) stream.push(i);
    stream.end();
    assert.equal((await Array.fromAsync(stream)).length, 4096);
  });
});
