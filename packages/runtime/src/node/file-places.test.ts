import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Disk, StorageFile } from "../ports/disk.ts";
import { createDisk } from "./disk.ts";

const FILES: readonly StorageFile[] = [
  { path: ["t", "a"], lengthBytes: 10, offsetBytes: 0 },
  { path: ["t", "sub", "b"], lengthBytes: 10, offsetBytes: 10 },
];

async function withDisk(body: (disk: Disk, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-places-"));
  const disk = createDisk({ poolBudgetBytes: 4 * 1024 * 1024 });
  try {
    await body(disk, folder);
  } finally {
    await disk.close();
    await rm(folder, { recursive: true });
  }
}

test("removing follows no link: what lies behind one stays", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    mkdirSync(join(root, "t", "elsewhere"), { recursive: true });
    writeFileSync(join(root, "t", "elsewhere", "b"), "not ours");
    writeFileSync(join(root, "precious"), "not ours");
    // Both lead to places within the root, where the disk would read and write through them.
    symlinkSync("elsewhere", join(root, "t", "sub"));
    symlinkSync("../precious", join(root, "t", "a"));
    const storage = await disk.open({ root, files: FILES });
    await storage.remove("everything");
    assert.equal(readFileSync(join(root, "precious"), "utf8"), "not ours");
    assert.equal(readFileSync(join(root, "t", "elsewhere", "b"), "utf8"), "not ours");
    assert.ok(lstatSync(join(root, "t", "a")).isSymbolicLink());
    await storage.close();
  }));

test("removing takes the torrent's own links and empty folders, and leaves the root", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    const files = [
      ...FILES,
      { path: ["t", "link"], lengthBytes: 0, offsetBytes: 20, symlinkTarget: ["t", "sub", "b"] },
      { path: ["t", "empty", "file"], lengthBytes: 0, offsetBytes: 20 },
    ];
    const storage = await disk.open({ root, files });
    await storage.finish();
    assert.ok(lstatSync(join(root, "t", "link")).isSymbolicLink());
    await storage.remove("everything");
    assert.ok(existsSync(root) && !existsSync(join(root, "t")));
    await storage.close();
  }));

test("renaming never goes through a link that leads out of the root", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    mkdirSync(join(root, "t"), { recursive: true });
    mkdirSync(join(folder, "outside"));
    writeFileSync(join(root, "t", "a"), "0123456789");
    symlinkSync(join(folder, "outside"), join(root, "out"));
    const storage = await disk.open({ root, files: FILES });
    await assert.rejects(storage.rename(new Map([[0, ["out", "a"]]])), { code: "escapes-root" });
    assert.ok(!existsSync(join(folder, "outside", "a")));
    assert.ok(existsSync(join(root, "t", "a")));
    await storage.close();
  }));

test("a part file is neither written nor read through a link that leads out of the root", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    mkdirSync(root);
    writeFileSync(join(folder, "victim"), "safe");
    symlinkSync(join(folder, "victim"), join(root, ".parts"));
    const partFile = { path: [".parts"], pieceLengthBytes: 16, parked: [0, 1] };
    const storage = await disk.open({ root, files: FILES, partFile });
    const slab = disk.pool.acquire(16 * 1024);
    await assert.rejects(storage.write(5, [slab.offset, 10]), { code: "escapes-root" });
    await storage.park([0, 1]);
    await assert.rejects(storage.park([]), { code: "escapes-root" });
    assert.equal(readFileSync(join(folder, "victim"), "utf8"), "safe");
    slab.release();
    await storage.close();
  }));

test("reserved room takes blocks of the disk where the system can do that", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    const files = [{ path: ["a"], lengthBytes: 1024 * 1024, offsetBytes: 0 }];
    const storage = await disk.open({ root, files });
    const could = await storage.allocate([0]);
    const { size, blocks } = statSync(join(root, "a"));
    assert.equal(size, 0);
    if (could) assert.ok(blocks * 512 >= 1024 * 1024, `${blocks} blocks`);
    await storage.close();
  }));

test("a move to another file system copies, also what is written meanwhile", () =>
  withDisk(async (disk, folder) => {
    // Memory on Linux; elsewhere, and where it is the same one, files are linked.
    const other = await mkdtemp(
      join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "shoal-move-"),
    );
    try {
      const root = join(folder, "root");
      const files = [
        { path: ["t", "a"], lengthBytes: 40_000_000, offsetBytes: 0, executable: true },
      ];
      const storage = await disk.open({ root, files });
      const slab = disk.pool.acquire(256 * 1024);
      const length = slab.bytes.length;
      for (let at = 0; at + length < 40_000_000; at += length) {
        slab.bytes.fill(1 + (at / length) * 7);
        await storage.write(at, [slab.offset, length]);
      }
      await storage.finish();
      const moving = storage.move(other, {});
      slab.bytes.fill(255);
      for (let at = 0; at < 39_000_000; at += 3_000_000) {
        await storage.write(at, [slab.offset, 1000]);
      }
      await moving;
      const moved = readFileSync(join(other, "t", "a"));
      for (let at = 0; at < 39_000_000; at += 3_000_000) {
        assert.ok(moved.subarray(at, at + 1000).every((byte) => byte === 255));
      }
      assert.equal(moved[length * 5 + 2000], (1 + 5 * 7) % 256);
      assert.ok((statSync(join(other, "t", "a")).mode & 0o100) !== 0);
      assert.ok(!existsSync(join(root, "t")));
      slab.release();
      await storage.close();
    } finally {
      await rm(other, { recursive: true });
    }
  }));

test("a move to the same folder by another name moves nothing, and loses nothing", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    mkdirSync(join(root, "t"), { recursive: true });
    writeFileSync(join(root, "t", "a"), "0123456789");
    symlinkSync(root, join(folder, "alias"));
    const storage = await disk.open({ root, files: FILES });
    await storage.move(join(folder, "alias"), { isResumed: true });
    assert.equal(readFileSync(join(root, "t", "a"), "utf8"), "0123456789");
    await storage.close();
  }));

test("a move goes through no link of its new place", () =>
  withDisk(async (disk, folder) => {
    const root = join(folder, "root");
    mkdirSync(join(root, "t"), { recursive: true });
    writeFileSync(join(root, "t", "a"), "0123456789");
    mkdirSync(join(folder, "outside"));
    mkdirSync(join(folder, "to"));
    symlinkSync(join(folder, "outside"), join(folder, "to", "t"));
    const storage = await disk.open({ root, files: FILES });
    await assert.rejects(storage.move(join(folder, "to"), {}), { code: "escapes-root" });
    assert.ok(!existsSync(join(folder, "outside", "a")));
    assert.equal(readFileSync(join(root, "t", "a"), "utf8"), "0123456789");
    await storage.close();
  }));
