import { mkdtemp, rm } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testDisk } from "../conformance/disk-conformance.ts";
import { testJournal } from "../conformance/journal-conformance.ts";
import { testParking } from "../conformance/parking-conformance.ts";
import { testPlaces } from "../conformance/places-conformance.ts";
import { createDisk } from "./disk.ts";

// A disk per fact starts many threads: compiled once, they start in a third of the time.
enableCompileCache();

async function createFixture() {
  const folder = await mkdtemp(join(tmpdir(), "shoal-disk-"));
  const disk = createDisk({ poolBudgetBytes: 4 * 1024 * 1024 });
  return {
    ports: { disk, folder },
    run: (body: () => Promise<void>) => body(),
    async close() {
      await disk.close();
      await rm(folder, { recursive: true });
    },
  };
}

testDisk("node", createFixture);
testJournal("node", createFixture);
testParking("node", createFixture);
testPlaces("node", createFixture);
