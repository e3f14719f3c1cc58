import assert from "node:assert/strict";
import type { FileState, Storage, StorageFile } from "../ports/disk.ts";
import type { DiskPorts } from "./disk-conformance.ts";
import { createFacts, patternBytes } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";
import { checkOf } from "./piece-data.ts";

const TOTAL = 50_000;
const FILES: readonly StorageFile[] = [
  { path: ["t", "a"], lengthBytes: 20_000, offsetBytes: 0 },
  { path: ["t", "sub", "b"], lengthBytes: 20_000, offsetBytes: 20_000 },
  { path: ["t", "c"], lengthBytes: 10_000, offsetBytes: 40_000 },
];

/** What every `Disk` does when files get other places, or go. */
export function testPlaces(world: string, create: CreateFixture<DiskPorts>): void {
  const fact = createFacts(`${world} disk`, create);
  const bytes = patternBytes(TOTAL, 1);
  const open = async ({ disk, folder }: DiskPorts, files = FILES, root = "root") =>
    await disk.open({
      root: `${folder}/${root}`,
      files,
      partFile: { path: [".parts"], pieceLengthBytes: 16_384, parked: [] },
    });
  const fill = async ({ disk }: DiskPorts, storage: Storage, lengthBytes = TOTAL) => {
    const slab = disk.pool.acquire(64 * 1024);
    slab.bytes.set(bytes);
    await storage.write(0, [slab.offset, lengthBytes]);
    slab.release();
  };
  const isWhole = async (storage: Storage) => (await storage.check(checkOf(bytes, 0))).ok;
  const names = async ({ disk, folder }: DiskPorts, root = "root") =>
    (await disk.list(`${folder}/${root}`, 100)).map(({ path }) => path.join("/")).toSorted();

  fact("a renamed file keeps its content, and is written and read there", async (ports) => {
    const storage = await open(ports);
    await fill(ports, storage, 30_000);
    await storage.rename(
      new Map([
        [0, ["u", "deep", "A"]],
        [1, ["b"]],
        [2, ["u", "c"]],
      ]),
    );
    assert.deepEqual(await names(ports), ["b", "u/deep/A"]);
    await fill(ports, storage);
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports), ["b", "u/c", "u/deep/A"]);
    await storage.close();
  });

  fact("a renaming that was interrupted is carried on where it stopped", async (ports) => {
    const first = await open(ports);
    await fill(ports, first);
    await first.rename(new Map([[0, ["t", "x"]]]));
    await first.close();
    const second = await open(ports);
    const paths = new Map([
      [0, ["t", "x"]],
      [1, ["t", "y"]],
    ]);
    await assert.rejects(second.rename(paths), { code: "exists" });
    await second.rename(paths, true);
    assert.ok(await isWhole(second));
    assert.deepEqual(await names(ports), ["t/c", "t/x", "t/y"]);
    await second.close();
  });

  fact("a name that something else has is refused, and nothing is renamed", async (ports) => {
    const storage = await open(ports);
    await fill(ports, storage);
    const paths = new Map([
      [0, ["t", "free"]],
      [1, ["t", "c"]],
    ]);
    await assert.rejects(storage.rename(paths), { name: "DiskError", code: "exists" });
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports), ["t/a", "t/c", "t/sub/b"]);
    await assert.rejects(async () => storage.rename(new Map([[0, ["..", "a"]]])), {
      code: "escapes-root",
    });
    await storage.close();
  });

  fact("remove takes the files of the layout, and leaves those of others", async (ports) => {
    const other = await open(ports, [
      { path: ["t", "other"], lengthBytes: 50_000, offsetBytes: 0 },
    ]);
    await fill(ports, other);
    const storage = await open(ports);
    await storage.park([2]);
    await fill(ports, storage, 45_000);
    assert.deepEqual(await names(ports), [".parts", "t/a", "t/other", "t/sub/b"]);
    await storage.remove("part-file");
    assert.deepEqual(await names(ports), ["t/a", "t/other", "t/sub/b"]);
    await storage.remove("everything");
    assert.deepEqual(await names(ports), ["t/other"]);
    assert.ok(await isWhole(other));
    await storage.remove("everything");
    await storage.close();
    await other.close();
  });

  fact("room that is reserved changes nothing that can be read", async (ports) => {
    const storage = await open(ports);
    await fill(ports, storage, 30_000);
    await storage.allocate([0, 1, 2]);
    const lengths = (await storage.states()).map((state) => state.lengthBytes ?? 0);
    assert.deepEqual(lengths, [20_000, 10_000, 0]);
    await fill(ports, storage);
    assert.ok(await isWhole(storage));
    await storage.close();
  });
  fact(
    "moved files are read and written in their new places, and gone from the old",
    async (ports) => {
      const storage = await open(ports);
      await storage.park([2]);
      await fill(ports, storage, 45_000);
      const progress: number[] = [];
      let committed: readonly FileState[] = [];
      await storage.move(`${ports.folder}/elsewhere/deep`, {
        onProgress: (part) => progress.push(part),
        commit: async (states) => void (committed = states),
      });
      assert.deepEqual(await names(ports), []);
      assert.deepEqual(await names(ports, "elsewhere/deep"), [".parts", "t/a", "t/sub/b"]);
      assert.deepEqual(committed, await storage.states());
      assert.equal(progress.at(-1), 1);
      await fill(ports, storage);
      assert.ok(await isWhole(storage));
      await storage.close();
    },
  );

  fact("what is written while files are moved is in the new places", async (ports) => {
    const storage = await open(ports);
    await fill(ports, storage, 20_000);
    const moving = storage.move(`${ports.folder}/elsewhere`, {});
    await Promise.all([moving, fill(ports, storage)]);
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports, "elsewhere"), ["t/a", "t/c", "t/sub/b"]);
    await storage.close();
  });

  fact("a move does not replace what is there, unless it is carried on", async (ports) => {
    const other = await open(ports, FILES.slice(0, 1), "elsewhere");
    await fill(ports, other, 20_000);
    const storage = await open(ports);
    await fill(ports, storage);
    const root = `${ports.folder}/elsewhere`;
    await assert.rejects(storage.move(root, {}), { name: "DiskError", code: "exists" });
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports, "elsewhere"), ["t/a"]);
    await storage.move(root, { isResumed: true });
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports), []);
    await storage.close();
    await other.close();
  });

  fact("a move whose end cannot be written down leaves everything where it was", async (ports) => {
    const storage = await open(ports);
    await fill(ports, storage);
    const commit = async () => {
      throw new Error("no");
    };
    await assert.rejects(storage.move(`${ports.folder}/elsewhere`, { commit }), /no/);
    assert.ok(await isWhole(storage));
    assert.deepEqual(await names(ports), ["t/a", "t/c", "t/sub/b"]);
    assert.deepEqual(await names(ports, "elsewhere"), []);
    const signal = AbortSignal.abort(new Error("stop"));
    await assert.rejects(storage.move(`${ports.folder}/elsewhere`, { signal }), /stop/);
    assert.ok(await isWhole(storage));
    await storage.close();
  });
}
