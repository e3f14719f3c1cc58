import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Parts, PieceCheck } from "../ports/disk.ts";
import { createContent } from "./content.ts";
import type { HostOptions } from "./machine.ts";
import type { SimHost } from "./sim-host.ts";
import { withWorld } from "./with-world.ts";
import { createWorld } from "./world.ts";
import type { SimWorld } from "./world.ts";

const PIECE_BYTES = 64 * 1024;
const FILE = { path: ["file"], lengthBytes: 16 * PIECE_BYTES, offsetBytes: 0 };
const LAYOUT = { root: "/data", files: [FILE] };
const CONTENT = createContent("disk", FILE.lengthBytes);

function pieceAt(index: number): Uint8Array {
  return CONTENT.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
}

function checkAt(index: number): PieceCheck {
  const sha1 = createHash("sha1").update(pieceAt(index)).digest();
  return { offsetBytes: index * PIECE_BYTES, lengthBytes: PIECE_BYTES, sha1 };
}

function load(host: SimHost, bytes: Uint8Array): Parts {
  const slab = host.disk.pool.acquire(PIECE_BYTES);
  slab.bytes.set(bytes);
  return [slab.offset, bytes.length];
}

/** One of several worlds of a test, each with a seed of its own. */
async function inWorld(seed: number, test: (world: SimWorld) => Promise<void>): Promise<void> {
  await test(createWorld({ seed }));
}

async function openStorage(world: SimWorld, options: Partial<HostOptions> = {}) {
  const host = world.host({ address: "10.0.0.1", ...options });
  const storage = await world.complete(host.disk.open(LAYOUT));
  return { host, storage };
}

/** What the host's disk holds of piece `index`, as the length of the prefix that is right. */
function rightBytes(host: SimHost, index: number): number {
  const bytes = host.files.read("/data/file") ?? new Uint8Array();
  const start = index * PIECE_BYTES;
  const piece = pieceAt(index);
  let length = 0;
  while (length < PIECE_BYTES && bytes[start + length] === piece[length]) length++;
  return length;
}

test("after a power cut, synced pieces are whole and others kept, lost or torn at 4 KiB", async () => {
  const fates = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    await inWorld(seed, async (world) => {
      const { host, storage } = await openStorage(world);
      for (let index = 0; index < 4; index++) {
        await world.complete(storage.hashAndWrite(checkAt(index), load(host, pieceAt(index))));
        if (index === 1) await world.complete(storage.sync());
      }
      host.crash("power");
      const again = world.restart(host);
      assert.equal(rightBytes(again, 0), PIECE_BYTES);
      assert.equal(rightBytes(again, 1), PIECE_BYTES);
      for (const index of [2, 3]) {
        const length = rightBytes(again, index);
        // The first bytes of a torn-off rest may be right by chance.
        assert.ok(length % 4096 < 3, `${length}`);
        fates.add(length < 3 ? "lost" : length === PIECE_BYTES ? "kept" : "torn");
      }
      const reopened = await world.complete(again.disk.open(LAYOUT));
      const verdict = await world.complete(reopened.check(checkAt(3)));
      assert.equal(verdict.ok, rightBytes(again, 3) === PIECE_BYTES);
    });
  }
  assert.deepEqual([...fates].toSorted(), ["kept", "lost", "torn"]);
});

test("what was written survives kill -9; only the write under way may be torn", async () => {
  const lengths = new Set<number>();
  for (let seed = 1; seed <= 12; seed++) {
    await inWorld(seed, async (world) => {
      const { host, storage } = await openStorage(world, { diskBytesPerSecond: 1_000_000 });
      await world.complete(storage.hashAndWrite(checkAt(0), load(host, pieceAt(0))));
      const underWay = storage.hashAndWrite(checkAt(1), load(host, pieceAt(1)));
      underWay.then(
        () => assert.fail("the program was killed"),
        () => assert.fail("the program was killed"),
      );
      host.crash();
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(rightBytes(host, 0), PIECE_BYTES);
      lengths.add(rightBytes(host, 1) >>> 12);
    });
  }
  assert.ok(lengths.size > 2);
});

test("dirty data is written back after 30 s, as kernels do", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    await inWorld(seed, async (world) => {
      const { host, storage } = await openStorage(world);
      await world.complete(storage.write(0, load(host, pieceAt(0))));
      await world.run({ untilMs: world.timeMs + 31_000 });
      host.crash("power");
      assert.equal(rightBytes(host, 0), PIECE_BYTES);
    });
  }
});

test("a full disk refuses what does not fit and keeps what is there", async () => {
  await withWorld({}, async (world) => {
    const { host, storage } = await openStorage(world, { diskBytes: 100_000 });
    await world.complete(storage.hashAndWrite(checkAt(0), load(host, pieceAt(0))));
    assert.equal(await world.complete(host.disk.freeBytes("/data")), 100_000 - PIECE_BYTES);
    const second = storage.hashAndWrite(checkAt(1), load(host, pieceAt(1)));
    await assert.rejects(world.complete(second), { name: "DiskError", code: "full" });
    const rewritten = storage.hashAndWrite(checkAt(0), load(host, pieceAt(0)));
    assert.equal((await world.complete(rewritten)).ok, true);
  });
});

test("a path can be made to fail, and to work again", async () => {
  await withWorld({}, async (world) => {
    const { host, storage } = await openStorage(world);
    for (const fault of ["io", "denied", "full"] as const) {
      host.files.fail("/data/file", fault);
      const writing = storage.write(0, load(host, pieceAt(0)));
      await assert.rejects(world.complete(writing), { code: fault, path: "/data/file" });
    }
    host.files.fail("/data/file", null);
    await world.complete(storage.write(0, load(host, pieceAt(0))));
  });
});

test("a link out of the root is not followed", async () => {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    host.files.link("/data/file", "/etc/passwd");
    const opening = world.complete(host.disk.open(LAYOUT));
    await assert.rejects(opening, { code: "escapes-root" });
  });
});

test("finish makes links and executables", async () => {
  await withWorld({}, async (world) => {
    const host = world.host({ address: "10.0.0.1" });
    const files = [
      { path: ["bin", "run"], lengthBytes: 0, offsetBytes: 0, executable: true },
      { path: ["run"], lengthBytes: 0, offsetBytes: 0, symlinkTarget: ["bin", "run"] },
    ];
    const storage = await world.complete(host.disk.open({ root: "/data", files }));
    await world.complete(storage.finish());
    assert.equal(host.files.isExecutable("/data/bin/run"), true);
    assert.equal(host.files.linkAt("/data/run"), "/data/bin/run");
  });
});

test("seeks and bytes take the disk's time, one operation after the other", async () => {
  await withWorld({}, async (world) => {
    const { host, storage } = await openStorage(world, {
      diskSeekMs: 8,
      diskBytesPerSecond: 10_000_000,
    });
    const startMs = world.timeMs;
    const writes = [0, 1, 2].map((index) =>
      storage.hashAndWrite(checkAt(index), load(host, pieceAt(index))),
    );
    await world.complete(Promise.all(writes));
    const expectedMs = 3 * (8 + PIECE_BYTES / 10_000);
    assert.ok(Math.abs(world.timeMs - startMs - expectedMs) < 0.001, `${world.timeMs - startMs}`);
  });
});

test("a thousand seeders of one content share its memory, and every check is still exact", async () => {
  await withWorld({}, async (world) => {
    const checks: Promise<boolean>[] = [];
    for (let index = 0; index < 1000; index++) {
      const host = world.host({ address: `10.1.${index >>> 8}.${index & 255}` });
      const isBad = index === 500;
      const bytes = isBad ? CONTENT.slice() : CONTENT;
      if (isBad) bytes[70_000] = (bytes[70_000] ?? 0) ^ 1;
      host.files.write("/data/file", bytes);
      const check = async () => {
        const storage = await host.disk.open(LAYOUT);
        return (await storage.check(checkAt(1))).ok;
      };
      checks.push(check());
    }
    const verdicts = await world.complete(Promise.all(checks));
    assert.equal(verdicts.indexOf(false), 500);
    assert.equal(verdicts.lastIndexOf(false), 500);
  });
});
