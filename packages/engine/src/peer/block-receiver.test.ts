import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSlabPool, type Slab } from "@shoal/runtime";
import { BlockReceiver, type ReceivedBlock, releaseBlock } from "./block-receiver.ts";

const KIB = 1024;

/** The bytes of a block, from where they lie. */
function bytesOf(memory: SharedArrayBuffer, block: ReceivedBlock): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < block.parts.length; i += 2) {
    parts.push(Buffer.from(memory, block.parts[i], block.parts[i + 1]));
  }
  return Buffer.concat(parts);
}

describe("the receiver of blocks", () => {
  it("keeps parts that lie in slabs where they are", () => {
    const pool = createSlabPool({ budgetBytes: 1024 * KIB });
    const receiver = new BlockReceiver(pool);
    const slab = pool.acquire(64 * KIB);
    receiver.add(slab.bytes, 100, 50, slab);
    receiver.add(slab.bytes, 150, 25, slab);
    receiver.add(slab.bytes, 200, 10, slab);
    slab.release();
    const block = receiver.take();
    assert.deepEqual(block.parts, [slab.offset + 100, 75, slab.offset + 200, 10]);
    assert.equal(pool.usedBytes, 64 * KIB);
    releaseBlock(block);
    assert.equal(pool.usedBytes, 0);
  });

  it("releasing a block twice gives its memory back once", () => {
    const pool = createSlabPool({ budgetBytes: 1024 * KIB });
    const receiver = new BlockReceiver(pool);
    receiver.add(new Uint8Array(10), 0, 10, null);
    const block = receiver.take();
    releaseBlock(block);
    releaseBlock(block);
    assert.equal(pool.usedBytes, 0);
  });

  it("drops what has arrived, and starts afresh", () => {
    const pool = createSlabPool({ budgetBytes: 1024 * KIB });
    const receiver = new BlockReceiver(pool);
    receiver.add(new Uint8Array(10).fill(1), 0, 10, null);
    receiver.clear();
    assert.equal(pool.usedBytes, 0);
    receiver.add(new Uint8Array(10).fill(2), 0, 10, null);
    const block = receiver.take();
    assert.deepEqual([...bytesOf(pool.memory, block)], Array<number>(10).fill(2));
    releaseBlock(block);
  });

  it("gives the bytes as they came, whether kept in slabs or copied, and leaks nothing", () => {
    const part = fc.record({
      lengthBytes: fc.integer({ min: 1, max: 40 * KIB }),
      isKept: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 4 }), (blocks) => {
        const pool = createSlabPool({ budgetBytes: 4096 * KIB });
        const receiver = new BlockReceiver(pool);
        let slab: Slab = pool.acquire(256 * KIB);
        let at = 0;
        let next = 0;
        const taken: { block: ReceivedBlock; bytes: Buffer }[] = [];
        for (const parts of blocks) {
          const expected: Buffer[] = [];
          for (const { lengthBytes, isKept } of parts) {
            const bytes = Buffer.alloc(lengthBytes, ++next);
            expected.push(bytes);
            if (!isKept) {
              const place = Uint8Array.from(bytes);
              receiver.add(place, 0, lengthBytes, null);
              place.fill(0);
              continue;
            }
            if (at + lengthBytes > slab.lengthBytes) {
              slab.release();
              slab = pool.acquire(256 * KIB);
              at = 0;
            }
            slab.bytes.set(bytes, at);
            receiver.add(slab.bytes, at, lengthBytes, slab);
            at += lengthBytes;
          }
          taken.push({ block: receiver.take(), bytes: Buffer.concat(expected) });
        }
        slab.release();
        for (const { block, bytes } of taken) {
          assert.equal(Buffer.compare(bytesOf(pool.memory, block), bytes), 0);
          releaseBlock(block);
        }
        assert.equal(pool.usedBytes, 0);
      }),
      { numRuns: 100 },
    );
  });
});
