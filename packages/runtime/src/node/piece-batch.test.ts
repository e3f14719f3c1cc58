import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOf, merkleTree } from "../conformance/piece-data.ts";
import { createHasher } from "../hash-kernel/hasher.ts";
import { ALWAYS_LANES, NEVER_LANES } from "../hash-kernel/lane-costs.ts";
import { SCRATCH_BYTES } from "../hash-kernel/scratch-layout.ts";
import { poolMemoryBytes } from "../slab-pool/slab-pool.ts";
import { isInMemory, judgePieces } from "./piece-batch.ts";
import { createSharedMemory } from "./shared-memory.ts";

const memory = createSharedMemory(1, SCRATCH_BYTES);
const bytes = new Uint8Array(memory.buffer, 0, 1024 * 1024);
for (let index = 0; index < bytes.length; index++) bytes[index] = Math.imul(index, index) >> 4;

function place(offset: number, lengthBytes: number) {
  const content = bytes.slice(offset, offset + lengthBytes);
  const { root, leaves } = merkleTree(content, 4);
  const half = Math.floor(lengthBytes / 2);
  return {
    parts: [offset, half, offset + half, lengthBytes - half],
    sha1: checkOf(content, 0),
    merkle: { offsetBytes: 0, lengthBytes, merkle: { root, lengthBytes, leafCount: 4 } },
    leaves: Buffer.from(leaves),
  };
}

for (const costs of [ALWAYS_LANES, NEVER_LANES]) {
  const how = costs === ALWAYS_LANES ? "in lanes" : "one by one";
  const hasher = createHasher({ memory, scratchOffset: poolMemoryBytes(1), costs });

  test(`hashed ${how}, v1, v2 and hybrid pieces are judged together`, () => {
    const [a, b, c, d] = [place(1, 65_536), place(7, 40_000), place(70_000, 16_384), place(5, 1)];
    const verdicts = judgePieces(hasher, [
      { parts: a.parts, check: a.sha1 },
      { parts: b.parts, check: b.merkle },
      { parts: c.parts, check: { ...c.sha1, ...c.merkle } },
      { parts: d.parts, check: { ...d.merkle, wantLeaves: true } },
      { parts: a.parts, check: { ...a.sha1, sha1: b.sha1.sha1 } },
      { parts: b.parts, check: { ...b.merkle, merkle: a.merkle.merkle, lengthBytes: 40_000 } },
      { parts: c.parts, check: { ...c.merkle, sha1: a.sha1.sha1 } },
    ]);
    const plain = verdicts.map(({ leaves, ...rest }) => ({
      ...rest,
      ...(leaves && { leaves: Buffer.from(leaves) }),
    }));
    assert.deepEqual(plain, [
      { ok: true, sha1Ok: true },
      { ok: true, merkleOk: true },
      { ok: true, sha1Ok: true, merkleOk: true },
      { ok: true, merkleOk: true, leaves: d.leaves },
      { ok: false, sha1Ok: false },
      { ok: false, merkleOk: false, leaves: b.leaves },
      { ok: false, sha1Ok: false, merkleOk: true },
    ]);
  });
}

test("a piece of which a part lies on disk is not in memory", () => {
  const check = { offsetBytes: 0, lengthBytes: 20 };
  assert.equal(isInMemory({ check, parts: [0, 10, 50, 10] }), true);
  assert.equal(isInMemory({ check, parts: [0, 10, -1, 10] }), false);
});
