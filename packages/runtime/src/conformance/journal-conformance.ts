import assert from "node:assert/strict";
import type { Disk } from "../ports/disk.ts";
import { createFacts, patternBytes } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";

export interface JournalPorts {
  readonly disk: Disk;
  /** A folder of this world, empty, that may be written. */
  readonly folder: string;
}

/** What every `Disk.openJournal` does. */
export function testJournal(world: string, create: CreateFixture<JournalPorts>): void {
  const fact = createFacts(`${world} journal`, create);

  fact("what was appended is there when it is opened again, in order", async (ports) => {
    const path = `${ports.folder}/new/chain.journal`;
    const first = await ports.disk.openJournal(path);
    assert.equal(first.lengthBytes, 0);
    const parts = [1, 2, 3].map((seed) => patternBytes(10_000 * seed, seed));
    await Promise.all(parts.map((part) => first.append(part)));
    assert.equal(first.lengthBytes, 60_000);
    await first.close();
    const again = await ports.disk.openJournal(path);
    assert.equal(again.lengthBytes, 60_000);
    const whole = Buffer.concat(parts);
    assert.ok(whole.equals(await again.read(0, 60_000)));
    assert.ok(whole.subarray(9_990, 10_010).equals(await again.read(9_990, 20)));
    await again.close();
  });

  fact("a read ends where the file ends", async ({ disk, folder }) => {
    const journal = await disk.openJournal(`${folder}/j`);
    await journal.append(Uint8Array.of(1, 2, 3));
    assert.deepEqual([...(await journal.read(1, 100))], [2, 3]);
    assert.deepEqual([...(await journal.read(3, 100))], []);
    assert.deepEqual([...(await journal.read(50, 100))], []);
    await journal.close();
  });

  fact("what is cut off is gone, and appending goes on from there", async ({ disk, folder }) => {
    const journal = await disk.openJournal(`${folder}/j`);
    await journal.append(Uint8Array.of(1, 2, 3, 4));
    await journal.truncate(2);
    await journal.append(Uint8Array.of(9));
    assert.equal(journal.lengthBytes, 3);
    assert.deepEqual([...(await journal.read(0, 10))], [1, 2, 9]);
    await journal.close();
    const again = await disk.openJournal(`${folder}/j`);
    assert.deepEqual([...(await again.read(0, 10))], [1, 2, 9]);
    await again.close();
  });

  fact("one program at a time has it open", async ({ disk, folder }) => {
    const journal = await disk.openJournal(`${folder}/j`);
    await assert.rejects(disk.openJournal(`${folder}/j`), { name: "DiskError", code: "locked" });
    const other = await disk.openJournal(`${folder}/other`);
    await other.close();
    await journal.close();
    await journal.close();
    await (await disk.openJournal(`${folder}/j`)).close();
  });

  fact("a closed journal refuses calls", async ({ disk, folder }) => {
    const journal = await disk.openJournal(`${folder}/j`);
    await journal.close();
    await assert.rejects(journal.append(Uint8Array.of(1)), { code: "closed" });
    await assert.rejects(journal.read(0, 1), { code: "closed" });
  });
}
