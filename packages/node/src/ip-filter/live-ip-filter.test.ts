import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { Log, LogFields } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import { createLocalFiles } from "../local-files/create-local-files.ts";
import { LiveIpFilter } from "./live-ip-filter.ts";

function createLog(): { log: Log; events: string[] } {
  const events: string[] = [];
  const note = (event: string, _fields?: LogFields): void => void events.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  return { log, events };
}

suite("the IP filter's file", () => {
  test("is read again when it changes; one that cannot be read leaves what was read before", async () => {
    const folder = await mkdtemp(join(tmpdir(), "shoal-filter-"));
    const path = join(folder, "list.p2p");
    const { log, events } = createLog();
    await writeFile(path, "one:10.0.0.1-10.0.0.1\nnonsense\n");
    await withWorld({ seed: 1 }, async (world) => {
      const { clock } = world.host({ address: "10.0.0.1" });
      const live = new LiveIpFilter({ files: createLocalFiles(), clock, log });
      await live.use(path);
      assert.ok(live.filter.isBlocked("10.0.0.1"));

      await writeFile(path, "10.0.0.2\n10.0.0.3\n");
      await utimes(path, 1, 1);
      await live.look();
      assert.deepEqual(
        ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => live.filter.isBlocked(address)),
        [false, true, true],
      );

      await writeFile(path, "this is something else");
      await live.look();
      await live.look();
      assert.ok(live.filter.isBlocked("10.0.0.2"));
      await rm(path);
      await live.look();
      assert.ok(live.filter.isBlocked("10.0.0.2"));
      assert.deepEqual(events, [
        "the address filter was read",
        "the address filter was read",
        "a list that the settings name cannot be read; what was read before holds",
        "a list that the settings name is missing",
      ]);

      await live.use(null);
      assert.equal(live.filter.count, 0);
      await live.close();
    });
    await rm(folder, { recursive: true });
  });
});
