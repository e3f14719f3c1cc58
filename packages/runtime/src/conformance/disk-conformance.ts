import assert from "node:assert/strict";
import { ON_DISK } from "../ports/disk.ts";
import type { Disk, Parts, PieceVerdict, Storage, StorageFile } from "../ports/disk.ts";
import type { Slab } from "../ports/slab-pool.ts";
import { createFacts, patternBytes } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import { checkOf, merkleTree } from "./piece-data.ts";

export interface DiskPorts {
  readonly disk: Disk;
  /** A folder of this world, empty, that may be written. */
  readonly folder: string;
}

const MIB = 1024 * 1024;

/** 3 files and a gap: `a` 0-40,000, `sub/b` 40,000-40,100, a pad to 65,536, `sub/deep/c` up to 100,000. */
const FILES: readonly StorageFile[] = [
  { path: ["a"], lengthBytes: 40_000, offsetBytes: 0 },
  { path: ["sub", "b"], lengthBytes: 100, offsetBytes: 40_000 },
  { path: ["sub", "deep", "c"], lengthBytes: 34_464, offsetBytes: 65_536 },
];

const TOTAL_BYTES = 100_000;

/** What those files hold: zeros where no file is. */
function content(seed: number): Uint8Array {
  return patternBytes(TOTAL_BYTES, seed).fill(0, 40_100, 65_536);
}

/** What every `Disk` does. Files above `ports/disk.ts` need no other promise. */
export function testDisk(world: string, create: CreateFixture<DiskPorts>): void {
  const fact = createFacts(`${world} disk`, create);
  const onStorage = (
    title: string,
    body: (storage: Storage, slab: Slab, ports: DiskPorts) => Promise<void>,
  ) =>
    fact(title, async (ports) => {
      const storage = await ports.disk.open({ root: `${ports.folder}/torrent`, files: FILES });
      const slab = ports.disk.pool.acquire(MIB + 64 * 1024);
      await body(storage, slab, ports);
      slab.release();
      await storage.close();
      assert.equal(ports.disk.pool.usedBytes, 0);
    });

  onStorage("opening creates nothing", async (storage) => {
    const nothing = { lengthBytes: null, modifiedMs: null };
    assert.deepEqual(await storage.states(), [nothing, nothing, nothing]);
  });

  onStorage(
    "a good piece over several files and a gap is written and read back",
    async (storage, slab) => {
      const bytes = content(1);
      assert.deepEqual(await storage.hashAndWrite(checkOf(bytes, 0), load(slab, bytes)), {
        ok: true,
        sha1Ok: true,
      });
      const lengths = (await storage.states()).map((state) => state.lengthBytes);
      assert.deepEqual(lengths, [40_000, 100, 34_464]);
      assert.deepEqual(await readBack(storage, slab, 0, TOTAL_BYTES), Buffer.from(bytes));
    },
  );

  onStorage(
    "a piece in scattered parts is hashed and written in their order",
    async (storage, slab) => {
      const bytes = content(2);
      const sizes = [1, 16_384, 40_000, 7, 3_000, 40_608];
      const parts: number[] = [];
      let [at, place] = [0, 1_000_000];
      for (const size of sizes) {
        place -= size + 11;
        slab.bytes.set(bytes.subarray(at, at + size), place);
        parts.push(slab.offset + place, size);
        at += size;
      }
      assert.equal(at, TOTAL_BYTES);
      assert.equal((await storage.hashAndWrite(checkOf(bytes, 0), parts)).ok, true);
      assert.deepEqual(await readBack(storage, slab, 0, TOTAL_BYTES), Buffer.from(bytes));
    },
  );

  onStorage("a bad piece is never written", async (storage, slab) => {
    const bytes = content(3);
    const check = checkOf(bytes, 0);
    bytes[77] = (bytes[77] ?? 0) ^ 1;
    assert.deepEqual(await storage.hashAndWrite(check, load(slab, bytes)), {
      ok: false,
      sha1Ok: false,
    });
    assert.deepEqual(
      (await storage.states()).map((state) => state.lengthBytes),
      [null, null, null],
    );
  });

  onStorage(
    "the hashes of a piece that nothing is known of are told, over files and gaps",
    async (storage, slab) => {
      const bytes = content(4);
      await storage.write(0, load(slab, bytes));
      const expected = { ok: false, sha1: checkOf(bytes, 0).sha1 };
      const whole = { offsetBytes: 0, lengthBytes: TOTAL_BYTES, wantSha1: true };
      assert.deepEqual(plain(await storage.check(whole)), plain(expected));
      const leavesLengthBytes = 40_000;
      const { leaves } = merkleTree(bytes.subarray(0, leavesLengthBytes), 4);
      assert.deepEqual(
        plain(await storage.check({ ...whole, wantLeaves: true, leavesLengthBytes })),
        plain({ ...expected, leaves }),
      );
    },
  );

  onStorage("of a piece that is not there no hashes are told", async (storage) => {
    const check = { offsetBytes: 0, lengthBytes: TOTAL_BYTES, wantSha1: true, wantLeaves: true };
    assert.deepEqual(await storage.check(check), { ok: false });
  });

  onStorage(
    "BEP 52: a piece is judged by its tree, whose leaves end with the file",
    async (storage, slab) => {
      for (const lengthBytes of [1, 16_384, 16_385, 34_464]) {
        const bytes = patternBytes(lengthBytes, lengthBytes);
        const { leaves, root } = merkleTree(bytes, 4);
        const merkle = { root, lengthBytes, leafCount: 4 };
        const check = { offsetBytes: 65_536, lengthBytes, merkle };
        const good = await storage.hashAndWrite(check, load(slab, bytes));
        assert.deepEqual(good, { ok: true, merkleOk: true });
        const asked = await storage.check({ ...check, wantLeaves: true });
        assert.deepEqual([asked.ok, Buffer.from(asked.leaves ?? [])], [true, Buffer.from(leaves)]);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        const bad = await storage.hashAndWrite(check, load(slab, bytes));
        assert.equal(bad.ok, false);
        assert.deepEqual(Buffer.from(bad.leaves ?? []), Buffer.from(merkleTree(bytes, 4).leaves));
        assert.equal((await storage.check(check)).ok, true);
      }
    },
  );

  onStorage(
    "BEP 52: a hybrid piece tells which of its two hashes agreed",
    async (storage, slab) => {
      const file = patternBytes(40_000, 4);
      const padded = new Uint8Array(65_536);
      padded.set(file);
      const { root } = merkleTree(file, 4);
      const merkle = { root, lengthBytes: 40_000, leafCount: 4 };
      // The tree covers the file alone, SHA-1 the zeros behind it too.
      const check = { ...checkOf(padded, 0), merkle };
      const verdict = await storage.hashAndWrite(check, load(slab, padded));
      assert.deepEqual(verdict, { ok: true, sha1Ok: true, merkleOk: true });
      const broken = { ...check, merkle: { ...merkle, root: new Uint8Array(32) } };
      const { ok, sha1Ok, merkleOk, leaves } = await storage.hashAndWrite(
        broken,
        load(slab, padded),
      );
      assert.deepEqual({ ok, sha1Ok, merkleOk }, { ok: false, sha1Ok: true, merkleOk: false });
      assert.equal(leaves?.length, 3 * 32);
    },
  );

  onStorage("parts that were written before are read back to be hashed", async (storage, slab) => {
    const bytes = content(5);
    await storage.write(20_000, load(slab, bytes.subarray(20_000, 70_000)));
    slab.bytes.fill(0);
    const head = load(slab, bytes.subarray(0, 20_000));
    const tail = load(slab, bytes.subarray(70_000), 500_000);
    const parts = [...head, ON_DISK, 50_000, ...tail];
    assert.equal((await storage.hashAndWrite(checkOf(bytes, 0), parts)).ok, true);
    assert.equal((await storage.check(checkOf(bytes, 0))).ok, true);
  });

  onStorage("writes under way together all arrive", async (storage, slab) => {
    const bytes = content(6);
    slab.bytes.set(bytes);
    const jobs: Promise<void>[] = [];
    for (let at = 0; at < TOTAL_BYTES; at += 5_000) {
      jobs.push(storage.write(at, [slab.offset + at, 5_000]));
    }
    await Promise.all(jobs.toReversed());
    assert.equal((await storage.check(checkOf(bytes, 0))).ok, true);
  });

  onStorage("a check of data that is missing or too short is not ok", async (storage, slab) => {
    const bytes = content(7);
    assert.deepEqual(await storage.check(checkOf(bytes, 0)), { ok: false, sha1Ok: false });
    await storage.write(0, load(slab, bytes.subarray(0, 90_000)));
    assert.deepEqual(await storage.check(checkOf(bytes, 0)), { ok: false, sha1Ok: false });
    assert.equal((await storage.check(checkOf(bytes.subarray(0, 90_000), 0))).ok, true);
  });

  onStorage("a read of data that is missing fails and names the place", async (storage, slab) => {
    const reading = storage.read({ ranges: [0, 100, slab.offset] });
    await assert.rejects(reading, { name: "DiskError", code: "missing", message: /torrent/ });
  });

  onStorage("one run reads many ranges, each to its own place", async (storage, slab) => {
    const bytes = content(8);
    await storage.write(0, load(slab, bytes));
    slab.bytes.fill(9);
    const ranges = [
      10,
      20,
      slab.offset,
      30,
      5,
      slab.offset + 100,
      39_990,
      30_000,
      slab.offset + 1000,
    ];
    await storage.read({ ranges });
    assert.deepEqual(peek(slab, 0, 20), Buffer.from(bytes.subarray(10, 30)));
    assert.deepEqual(peek(slab, 20, 1), Buffer.of(9));
    assert.deepEqual(peek(slab, 100, 5), Buffer.from(bytes.subarray(30, 35)));
    assert.deepEqual(peek(slab, 1000, 30_000), Buffer.from(bytes.subarray(39_990, 69_990)));
  });

  onStorage("parts that do not add up to the piece are refused", async (storage, slab) => {
    const check = checkOf(content(9), 0);
    await assert.rejects(
      async () => storage.hashAndWrite(check, [slab.offset, 99_999]),
      RangeError,
    );
  });

  fact("finish creates the files that no write has created", async ({ disk, folder }) => {
    const files = [
      { path: ["empty"], lengthBytes: 0, offsetBytes: 0 },
      { path: ["sub", "empty"], lengthBytes: 0, offsetBytes: 0 },
    ];
    const storage = await disk.open({ root: `${folder}/t`, files });
    await storage.finish();
    await storage.sync();
    assert.deepEqual(
      (await storage.states()).map((state) => state.lengthBytes),
      [0, 0],
    );
    await storage.close();
  });

  fact("what was written is there for the next one to open it", async ({ disk, folder }) => {
    const bytes = content(10);
    const slab = disk.pool.acquire(MIB + 64 * 1024);
    const first = await disk.open({ root: `${folder}/t`, files: FILES });
    await first.write(0, load(slab, bytes));
    await first.sync();
    await first.close();
    const second = await disk.open({ root: `${folder}/t`, files: FILES });
    assert.equal((await second.check(checkOf(bytes, 0))).ok, true);
    slab.release();
    await second.close();
  });

  fact("close waits for what is under way and refuses what follows", async ({ disk, folder }) => {
    const bytes = content(11);
    const slab = disk.pool.acquire(MIB + 64 * 1024);
    const storage = await disk.open({ root: `${folder}/t`, files: FILES });
    const underWay = storage.hashAndWrite(checkOf(bytes, 0), load(slab, bytes));
    const closing = storage.close();
    await assert.rejects(storage.check(checkOf(bytes, 0)), { name: "DiskError", code: "closed" });
    assert.equal((await underWay).ok, true);
    await closing;
    slab.release();
    await disk.close();
    await assert.rejects(disk.open({ root: folder, files: FILES }), { code: "closed" });
  });

  onStorage(
    "a file elsewhere is copied into its place, and keeps its own content",
    async (storage, slab, ports) => {
      const bytes = content(9);
      const other = await ports.disk.open({ root: `${ports.folder}/other`, files: FILES });
      await other.hashAndWrite(checkOf(bytes, 0), load(slab, bytes));
      assert.notEqual(await storage.adopt(2, `${ports.folder}/other/sub/deep/c`), null);
      const copied = await readBack(storage, slab, 65_536, 34_464);
      assert.deepEqual(copied, Buffer.from(bytes.subarray(65_536)));

      await storage.write(65_536, load(slab, content(10).subarray(65_536)));
      const kept = await readBack(other, slab, 65_536, 34_464);
      assert.deepEqual(kept, Buffer.from(bytes.subarray(65_536)));
      await storage.sync();
      await other.close();
    },
  );

  onStorage(
    "nothing is copied over a file, from nowhere, or from a file of another length",
    async (storage, slab, ports) => {
      const other = await ports.disk.open({ root: `${ports.folder}/other`, files: FILES });
      await other.write(0, load(slab, content(1)));
      assert.equal(await storage.adopt(0, `${ports.folder}/other/missing`), null);
      assert.equal(await storage.adopt(0, `${ports.folder}/other/sub/b`), null);
      assert.equal(await storage.adopt(0, `${ports.folder}/other`), null);
      assert.equal((await storage.states())[0]?.lengthBytes, null);
      await storage.write(0, load(slab, content(2).subarray(0, 40_000)));
      assert.equal(await storage.adopt(0, `${ports.folder}/other/a`), null);
      const own = await readBack(storage, slab, 0, 40_000);
      assert.deepEqual(own, Buffer.from(content(2).subarray(0, 40_000)));
      await other.close();
    },
  );

  onStorage(
    "the files below a folder are listed, as many as asked",
    async (storage, slab, ports) => {
      await storage.write(0, load(slab, content(1)));
      const listed = await ports.disk.list(`${ports.folder}/torrent`, 100);
      const names = listed.map(({ path, lengthBytes }) => `${path.join("/")} ${lengthBytes}`);
      assert.deepEqual(names.toSorted(), ["a 40000", "sub/b 100", "sub/deep/c 34464"]);
      assert.ok((await ports.disk.list(ports.folder, 2)).length <= 2);
      assert.deepEqual(await ports.disk.list(`${ports.folder}/nowhere`, 100), []);
    },
  );

  fact("paths that leave the root are refused", async ({ disk, folder }) => {
    for (const path of [
      ["..", "x"],
      ["a", "..", "..", "x"],
      ["a/../../x"],
      [""],
      ["."],
      [],
      ["a\0b"],
    ]) {
      const files = [{ path, lengthBytes: 1, offsetBytes: 0 }];
      await assert.rejects(disk.open({ root: `${folder}/t`, files }), { code: "escapes-root" });
    }
  });

  fact("files that overlap are refused", async ({ disk, folder }) => {
    const files = [
      { path: ["a"], lengthBytes: 10, offsetBytes: 0 },
      { path: ["b"], lengthBytes: 10, offsetBytes: 9 },
    ];
    await assert.rejects(disk.open({ root: `${folder}/t`, files }), RangeError);
  });

  fact("free space is known for a folder that does not exist yet", async ({ disk, folder }) => {
    assert.ok((await disk.freeBytes(`${folder}/not/yet`)) > 0);
    assert.ok(disk.checkWidth >= 1);
  });
}

/** Puts bytes into a slab; answers with their place as parts. */
function load(slab: Slab, bytes: Uint8Array, at = 0): Parts {
  slab.bytes.set(bytes, at);
  return [slab.offset + at, bytes.length];
}

function peek(slab: Slab, at: number, lengthBytes: number): Buffer {
  return Buffer.from(slab.bytes.subarray(at, at + lengthBytes));
}

async function readBack(
  storage: Storage,
  slab: Slab,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Buffer> {
  slab.bytes.fill(0xee);
  await storage.read({ ranges: [offsetBytes, lengthBytes, slab.offset] });
  return peek(slab, 0, lengthBytes);
}

/** A verdict whose hashes compare, whatever kind of array they came in. */
function plain(verdict: PieceVerdict): object {
  const { sha1, leaves } = verdict;
  return {
    ...verdict,
    ...(sha1 && { sha1: Buffer.from(sha1) }),
    ...(leaves && { leaves: Buffer.from(leaves) }),
  };
}
