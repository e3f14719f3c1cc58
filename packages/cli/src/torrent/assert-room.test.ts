import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test, type TestContext } from "node:test";
import type { Torrent } from "@shoal/engine";
import { assertRoom } from "./assert-room.ts";

const MIB = 2 ** 20;

/** A download of 8 MiB in pieces of 1 MiB, of which nothing is here. */
function describeDownload(t: TestContext): { dir: string; torrent: Torrent } {
  const dir = mkdtempSync(join(tmpdir(), "shoal-room-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const torrent = {
    dir,
    metainfo: { pieceLengthBytes: MIB },
    files: [{ path: ["film"], lengthBytes: 8 * MIB, wanted: true }],
    status: () => ({ wantedBytes: 8 * MIB, verifiedBytes: 0 }),
  } as unknown as Torrent;
  return { dir, torrent };
}

async function warningsAt(torrent: Torrent, freeBytes: number): Promise<string[]> {
  const warnings: string[] = [];
  const disk = { freeBytes: async () => freeBytes };
  await assertRoom(torrent, disk, { warn: (line) => void warnings.push(line) });
  return warnings;
}

suite("room on disk", () => {
  test("too little is a warning, and none for a single piece is an error", async (t) => {
    const { torrent } = describeDownload(t);
    assert.deepEqual(await warningsAt(torrent, 8 * MIB), []);
    assert.match((await warningsAt(torrent, 2 * MIB))[0]!, /8 MiB are missing.*only 2 MiB free/);
    await assert.rejects(warningsAt(torrent, MIB / 2), {
      code: "file-failed",
      message: /only 512 KiB free/,
    });
    await assert.rejects(warningsAt(torrent, 0), {
      code: "file-failed",
      message: /no room at all/,
    });
  });

  test("what files have taken already need not be free", async (t) => {
    const { dir, torrent } = describeDownload(t);
    writeFileSync(join(dir, "film"), new Uint8Array(8 * MIB).fill(1));
    assert.deepEqual(await warningsAt(torrent, 0), []);
  });
});
