import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Disk, StorageFile } from "../ports/disk.ts";
import { createDisk } from "./disk.ts";

// A disk per fact starts many threads: compiled once, they start in a third of the time.
enableCompileCache();

const isRoot = process.getuid?.() === 0;
const FILE: StorageFile = { path: ["sub", "file"], lengthBytes: 1000, offsetBytes: 0 };

function fact(title: string, body: (disk: Disk, folder: string) => Promise<void>): void {
  test(`node disk: ${title}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "shoal-disk-"));
    const disk = createDisk({ poolBudgetBytes: 1024 * 1024 });
    try {
      await body(disk, folder);
    } finally {
      await disk.close();
      await rm(folder, { recursive: true });
    }
  });
}

async function writeOnce(disk: Disk, root: string, file: StorageFile = FILE): Promise<void> {
  const storage = await disk.open({ root, files: [file] });
  const slab = disk.pool.acquire(16_384);
  slab.bytes.fill(7);
  try {
    await storage.write(file.offsetBytes, [slab.offset, file.lengthBytes]);
  } finally {
    slab.release();
    await storage.close();
  }
}

fact("a folder that is a link out of the root is refused at opening", async (disk, folder) => {
  await mkdir(join(folder, "outside"));
  await mkdir(join(folder, "root"));
  await symlink(join(folder, "outside"), join(folder, "root", "sub"));
  const opening = disk.open({ root: join(folder, "root"), files: [FILE] });
  await assert.rejects(opening, { code: "escapes-root", message: /outside/ });
});

fact("a folder that becomes a link out of the root takes no writes", async (disk, folder) => {
  await mkdir(join(folder, "outside"));
  await mkdir(join(folder, "root"));
  const storage = await disk.open({ root: join(folder, "root"), files: [FILE] });
  await symlink(join(folder, "outside"), join(folder, "root", "sub"));
  await assert.rejects(storage.write(0, [0, 1000]), { code: "escapes-root" });
  assert.deepEqual(await readdir(join(folder, "outside")), []);
});

fact(
  "a file that is a link out of the root, or to nothing, is not written through",
  async (disk, folder) => {
    await mkdir(join(folder, "root", "sub"), { recursive: true });
    await writeFile(join(folder, "secret"), "secret");
    const link = join(folder, "root", "sub", "file");
    for (const target of [join(folder, "secret"), "../../not-there"]) {
      await symlink(target, link);
      await assert.rejects(writeOnce(disk, join(folder, "root")), { code: "escapes-root" });
      await rm(link);
    }
    assert.equal(await readFile(join(folder, "secret"), "utf8"), "secret");
    assert.deepEqual((await readdir(folder)).toSorted(), ["root", "secret"]);
  },
);

fact(
  "links that stay inside the root, and a root that is a link, are followed",
  async (disk, folder) => {
    await mkdir(join(folder, "real", "elsewhere"), { recursive: true });
    await symlink("elsewhere", join(folder, "real", "sub"));
    await symlink("real", join(folder, "root"));
    await writeOnce(disk, join(folder, "root"));
    assert.equal((await stat(join(folder, "real", "elsewhere", "file"))).size, 1000);
  },
);

fact("finish makes links inside the root and sets the executable bit", async (disk, folder) => {
  const files: StorageFile[] = [
    { ...FILE, lengthBytes: 0, executable: true },
    { path: ["a", "b", "link"], lengthBytes: 0, offsetBytes: 0, symlinkTarget: ["sub", "file"] },
  ];
  const root = join(folder, "root");
  const storage = await disk.open({ root, files });
  await storage.finish();
  await storage.finish();
  assert.equal(await readlink(join(root, "a", "b", "link")), "../../sub/file");
  assert.equal((await stat(join(root, "a", "b", "link"))).mode & 0o100, 0o100);
});

fact("a symbolic link in a torrent may not lead out of the root", async (disk, folder) => {
  const link = { path: ["link"], lengthBytes: 0, offsetBytes: 0, symlinkTarget: ["..", "secret"] };
  await assert.rejects(disk.open({ root: folder, files: [link] }), { code: "escapes-root" });
});

fact(
  "a folder or a pipe in a file's place is named, and nobody waits for the pipe",
  async (disk, folder) => {
    await mkdir(join(folder, "sub", "file"), { recursive: true });
    await assert.rejects(writeOnce(disk, folder), { code: "not-a-file", message: /sub.file/ });
    await rm(join(folder, "sub"), { recursive: true });
    await writeFile(join(folder, "sub"), "");
    await assert.rejects(writeOnce(disk, folder), { code: "not-a-file" });
    if (process.platform === "win32") return;
    const pipe = join(folder, "pipe");
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    await assert.rejects(writeOnce(disk, folder, { ...FILE, path: ["pipe"] }), {
      code: "not-a-file",
    });
    const storage = await disk.open({ root: folder, files: [{ ...FILE, path: ["pipe"] }] });
    await assert.rejects(storage.read({ ranges: [0, 1, 0] }), { code: "not-a-file" });
  },
);

fact("a name that is too long is named so", async (disk, folder) => {
  const file = { ...FILE, path: ["x".repeat(300)] };
  await assert.rejects(writeOnce(disk, folder, file), { name: "DiskError", code: "too-long" });
});

fact("a folder that may not be written gets a denial with its path", async (disk, folder) => {
  // The threads load their sources now: nobody may not be able to read them.
  await writeOnce(disk, join(folder, "before"));
  await chmod(folder, 0o555);
  // Root may write everywhere: the attempt is made as nobody.
  if (isRoot) process.seteuid?.("nobody");
  try {
    await assert.rejects(writeOnce(disk, folder), { code: "denied", message: new RegExp(folder) });
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  }
});

fact(
  "a full disk fails the write with `full`, and a write after room was made succeeds",
  async (disk, folder) => {
    const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
    // Without the right to mount there is no disk small enough to fill.
    if (mount.status !== 0) return;
    try {
      const large = { ...FILE, lengthBytes: 600_000 };
      await assert.rejects(writeOnce(disk, folder, large), {
        code: "full",
        message: /Free some space/,
      });
      await rm(join(folder, "sub"), { recursive: true });
      await writeOnce(disk, folder);
      assert.ok((await disk.freeBytes(folder)) < 256 * 1024);
    } finally {
      spawnSync("umount", [folder]);
    }
  },
);

fact("open files are bounded, however many a torrent has", async (disk, folder) => {
  const files = Array.from({ length: 600 }, (_, index) => ({
    path: [`f${index}`],
    lengthBytes: 10,
    offsetBytes: index * 10,
  }));
  const storage = await disk.open({ root: folder, files });
  await storage.write(0, [0, 6000]);
  await storage.read({ ranges: [0, 6000, 0] });
  assert.ok((await storage.states()).every(({ lengthBytes }) => lengthBytes === 10));
  if (process.platform === "linux") assert.ok((await readdir("/proc/self/fd")).length < 300);
  await storage.sync();
});
