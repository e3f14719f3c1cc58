import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { compareDistance } from "../node-id/node-id.ts";
import { createNodeId } from "../node-id/secure-id.ts";
import { TestRandom } from "../testing/test-random.ts";
import type { NodeInfo } from "./contact.ts";
import { RoutingTable } from "./routing-table.ts";

const random = new TestRandom(1);
const MINUTE_MS = 60_000;

/** IDs in the bucket of those that share no bit with the table's own, which is zero. */
function farId(last: number): Uint8Array {
  const id = new Uint8Array(20);
  id[0] = 0x80;
  id[19] = last;
  id[18] = last >>> 8;
  return id;
}

/** IDs in bucket 8, which has 8 places. */
function nearId(last: number): Uint8Array {
  const id = farId(last);
  id[0] = 0;
  id[1] = 0x80;
  return id;
}

function localNode(id: Uint8Array, port: number): NodeInfo {
  return { id, address: "127.0.0.1", port };
}

const createTable = (): RoutingTable => new RoutingTable(new Uint8Array(20));

suite("routing table", () => {
  test("a bucket keeps the nodes that were there first, and the others in reserve", () => {
    const table = createTable();
    for (let i = 1; i <= 12; i++) table.answered(localNode(nearId(i), i), 0);
    assert.deepEqual(
      table.buckets[8]!.map(({ port }) => port),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.ok(!table.wants(localNode(nearId(99), 99)), "no place is free");
  });

  test("a node that twice did not answer makes room for one in reserve", () => {
    const table = createTable();
    for (let i = 1; i <= 10; i++) table.answered(localNode(nearId(i), i), 0);
    table.failed({ address: "127.0.0.1", port: 3 });
    assert.equal(table.size, 8);
    assert.ok(table.find({ address: "127.0.0.1", port: 3 }));
    table.failed({ address: "127.0.0.1", port: 3 });
    assert.equal(table.find({ address: "127.0.0.1", port: 3 }), undefined);
    assert.ok(table.find({ address: "127.0.0.1", port: 10 }), "the one in reserve that came last");
  });

  test("an answer wipes out an earlier silence", () => {
    const table = createTable();
    table.answered(localNode(nearId(1), 1), 0);
    table.failed({ address: "127.0.0.1", port: 1 });
    assert.equal(table.closest(nearId(1), 8)[0]?.failures, 1);
    table.answered(localNode(nearId(1), 1), 5);
    table.failed({ address: "127.0.0.1", port: 1 });
    assert.equal(table.size, 1);
  });

  test("a public address has one node", () => {
    const table = createTable();
    const address = "8.8.8.8";
    table.answered({ id: createNodeId(address, random), address, port: 1 }, 0);
    table.answered({ id: createNodeId(address, random), address, port: 2 }, 0);
    assert.equal(table.size, 1);
    assert.ok(table.find({ address, port: 1 }));
  });

  test("BEP 45: a node that shows another ID loses its old place", () => {
    const table = createTable();
    table.answered(localNode(nearId(1), 1), 0);
    table.answered(localNode(farId(1), 1), 1);
    assert.equal(table.size, 1);
    assert.equal(table.buckets[0]!.length, 1);
    assert.equal(table.buckets[8]!.length, 0);
  });

  test("a network (/24) has one place in a bucket", () => {
    const table = createTable();
    const own = new Uint8Array(20).fill(0xff);
    const far = new RoutingTable(own);
    for (let i = 1; i <= 20; i++) {
      const node = { id: farId(i), address: `9.9.9.${i}`, port: 1 };
      assert.equal(table.wants(node), i === 1);
      table.answered(node, 0);
      far.answered({ id: nearId(i), address: `9.9.${i}.1`, port: 1 }, 0);
    }
    assert.equal(table.size, 1);
    assert.equal(far.size, 20, "other networks are not limited");
  });

  test("a network (/64) of IPv6 has one place in a bucket", () => {
    const table = createTable();
    for (let i = 1; i <= 9; i++) {
      table.answered({ id: farId(i), address: `2a01:4f8:1:1::${i}`, port: 1 }, 0);
      table.answered({ id: farId(100 + i), address: `2a01:4f8:1:${i + 1}::1`, port: 1 }, 0);
    }
    assert.equal(table.size, 10);
  });

  test("BEP 42: in a full bucket a node whose ID belongs to its address takes the place of one whose does not", () => {
    const table = new RoutingTable(new Uint8Array(20));
    const forged = (i: number): NodeInfo => ({ id: nearId(i), address: `9.9.${i}.1`, port: 1 });
    for (let i = 1; i <= 8; i++) table.answered(forged(i), 0);
    table.answered(forged(9), 0);
    assert.equal(table.find(forged(9)), undefined);
    table.answered(localNode(nearId(50), 50), 0);
    assert.ok(table.find({ address: "127.0.0.1", port: 50 }));
    assert.equal(table.size, 8);
  });

  test("BEP 5: nodes not heard of for fifteen minutes are questionable, the longest silent first", () => {
    const table = createTable();
    for (let i = 1; i <= 4; i++) table.answered(localNode(nearId(i), i), i * MINUTE_MS);
    table.queried(localNode(nearId(2), 2), 10 * MINUTE_MS);
    table.queried(localNode(nearId(9), 3), 10 * MINUTE_MS);
    const ports = (nowMs: number, count: number): number[] =>
      table.questionable(nowMs, count).map(({ port }) => port);
    assert.deepEqual(ports(15 * MINUTE_MS, 9), []);
    assert.deepEqual(ports(19 * MINUTE_MS, 9), [1, 3, 4]);
    assert.deepEqual(ports(25 * MINUTE_MS, 2), [1, 3]);
  });

  test("the closest nodes are the closest of all, in order", () => {
    const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        fc.array(bytes, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (own, target, ids, count) => {
          const table = new RoutingTable(own);
          for (const [index, id] of ids.entries()) table.answered(localNode(id, index + 1), 0);
          const all = [...table.contacts()].sort((a, b) => compareDistance(target, a.id, b.id));
          assert.deepEqual(table.closest(target, count), all.slice(0, count));
        },
      ),
    );
  });

  test("nodes that failed are named only where there are no others", () => {
    const table = createTable();
    for (let i = 1; i <= 3; i++) table.answered(localNode(nearId(i), i), 0);
    for (let i = 1; i <= 2; i++) table.failed({ address: "127.0.0.1", port: i });
    assert.equal(table.closest(nearId(1), 8).length, 1);
    table.failed({ address: "127.0.0.1", port: 3 });
    assert.equal(table.closest(nearId(1), 8).length, 3);
  });

  test("it never holds more than its buckets have places", () => {
    const table = createTable();
    for (let i = 0; i < 20_000; i++) table.answered(localNode(random.bytes(20), 1 + i), 0);
    const sizes = table.buckets.map(({ length }) => length);
    assert.deepEqual(sizes.slice(0, 6), [128, 64, 32, 16, 8, 8]);
    assert.equal(
      table.size,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  });
});
