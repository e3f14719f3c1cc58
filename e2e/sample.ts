import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Scope } from "../bench/clients/scope.ts";

/** The folder that a sample's torrent is named for. */
export const SAMPLE_NAME = "album";

export const PIECE_LENGTH = "64K";

/**
 * Lengths at which clients differ: empty, a byte, under and over a block, a whole piece, a piece
 * and a byte. Files of one piece and of many come in between.
 */
const FILES: Readonly<Record<string, number>> = {
  "a/large.bin": 3_000_001,
  "a/one-byte": 1,
  "b/block": 16_384,
  "b/block-and-byte": 16_385,
  "b/deep/er/few.bin": 200_001,
  "b/piece": 65_536,
  "b/piece-and-byte": 65_537,
  empty: 0,
  "z-last": 40_000,
};

/** Writes the files into a new folder, which is deleted with the scope. */
export async function writeSample(scope: Scope, scale = 1): Promise<string> {
  const dir = await scope.folder();
  for (const [index, [path, lengthBytes]] of Object.entries(FILES).entries()) {
    const file = join(dir, SAMPLE_NAME, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      patternBytes(path === "a/large.bin" ? lengthBytes * scale : lengthBytes, index),
    );
  }
  return dir;
}

/** Bytes that look random and depend on `seed` alone. */
export function patternBytes(lengthBytes: number, seed: number): Buffer {
  const key = Buffer.alloc(16, seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(lengthBytes));
}

/**
 * Two folders hold the same sample, byte for byte, and nothing more.
 * @param except Files that the client leaves out.
 */
export async function assertSameFiles(
  dir: string,
  other: string,
  { except = [] }: { except?: readonly string[] } = {},
): Promise<void> {
  const [expected = [], actual = []] = await Promise.all(
    [dir, other].map((parent) => listFiles(join(parent, SAMPLE_NAME))),
  );
  assert.deepEqual(
    actual,
    expected.filter((path) => !except.includes(path)),
  );
  for (const path of actual) {
    const [want, got] = await Promise.all(
      [dir, other].map((parent) => readFile(join(parent, SAMPLE_NAME, path))),
    );
    assert.ok(want!.equals(got!), `${path} differs`);
  }
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .toSorted();
}
