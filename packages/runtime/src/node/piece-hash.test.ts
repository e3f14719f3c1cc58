import assert from "node:assert/strict";
import { test } from "node:test";
import { patternBytes } from "../conformance/fixture.ts";
import { checkOf, merkleTree } from "../conformance/piece-data.ts";
import { createHasher } from "../hash-kernel/hasher.ts";
import { ALWAYS_LANES, NEVER_LANES } from "../hash-kernel/lane-costs.ts";
import { ON_DISK } from "../ports/disk.ts";
import { cutParts, hashInWindows, hashTogether } from "./piece-hash.ts";
import { scratchPlace, WINDOW_BYTES } from "./piece-workspace.ts";
import { createDiskMemory } from "./shared-memory.ts";

const { memory, workspaces } = createDiskMemory(1, 1);
const scratchOffset = scratchPlace(workspaces[0] as number);
const bytes = new Uint8Array(memory.buffer, 0, 4 * 1024 * 1024);
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
  const hasher = createHasher({ memory, scratchOffset, costs });

  test(`hashed ${how}, v1, v2 and hybrid pieces are judged together`, () => {
    const [a, b, c, d] = [place(1, 65_536), place(7, 40_000), place(70_000, 16_384), place(5, 1)];
    const verdicts = hashTogether(hasher, [
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

test("a piece larger than a window is judged like a small one", () => {
  const content = patternBytes(2 * WINDOW_BYTES + 20_001, 1);
  bytes.set(content);
  const { root, leaves } = merkleTree(content, 256);
  const merkle = { root, lengthBytes: content.length, leafCount: 256 };
  const check = { ...checkOf(content, 0), merkle, wantLeaves: true };
  const parts = [0, 7, 7, WINDOW_BYTES, WINDOW_BYTES + 7, content.length - WINDOW_BYTES - 7];
  const hasher = createHasher({ memory, scratchOffset, costs: ALWAYS_LANES });
  const offsets: number[] = [];
  const verdict = hashInWindows(hasher, { check, parts }, bytes, (offsetBytes, window) => {
    offsets.push(offsetBytes);
    return window;
  });
  assert.deepEqual(
    { ...verdict, leaves: Buffer.from(verdict.leaves ?? []) },
    { ok: true, sha1Ok: true, merkleOk: true, leaves: Buffer.from(leaves) },
  );
  assert.deepEqual(offsets, [0, WINDOW_BYTES, 2 * WINDOW_BYTES]);
});

test("parts are cut where a run is full, and parts on disk stay on disk", () => {
  assert.deepEqual(cutParts([100, 5, ON_DISK, 10, 200, 6], 8), [
    [100, 5, ON_DISK, 3],
    [ON_DISK, 7, 200, 1],
    [201, 5],
  ]);
  assert.deepEqual(cutParts([], 8), []);
});
