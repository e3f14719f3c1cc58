import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { RESUME_SCHEMA } from "../torrent/resume.ts";
import { openSessionStore } from "./session-store.ts";
import { TorrentQueue } from "./torrent-queue.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";

const COUNT = 1203;
const hashOf = (index: number): string => index.toString(16).padStart(40, "0");

suite("the torrents of an earlier run", () => {
  // Written by a program that did not know of the column for the place in the queue: version 4 of the tables.
  test("come back some hundreds at a time, in order of the queue, without those of others", () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const older = { ...RESUME_SCHEMA, migrations: RESUME_SCHEMA.migrations.slice(0, 4) };
      const tables = await world.complete(host.store.open(older));
      const sql = "INSERT INTO engine_torrents (info_hash, entry) VALUES (?, ?)";
      const rows = Array.from({ length: COUNT }, (_, index) => {
        // The place in the queue has nothing to do with the infohash.
        const entry = { infoHash: hashOf(index), order: (index * 7) % COUNT };
        return { sql, parameters: [entry.infoHash, JSON.stringify(entry)] };
      });
      rows.push({ sql, parameters: [hashOf(COUNT), "{broken"] });
      await world.complete(tables.commit(rows));
      const { keeper } = await world.complete(openSessionStore({ runtime: host, restore: true }));

      const pages: number[] = [];
      const orders: number[] = [];
      const read = async (): Promise<void> => {
        for await (const { entries } of keeper!.load((infoHash) => infoHash !== hashOf(1))) {
          pages.push(entries.length);
          orders.push(...entries.map(({ order }) => order));
        }
      };
      await world.complete(read());
      assert.deepEqual(pages, [499, 500, 203]);
      const expected = Array.from({ length: COUNT }, (_, order) => order).filter((n) => n !== 7);
      assert.deepEqual(orders, expected);
    }));

  test("run before all are back where none has to wait, and else when it is known who may", () => {
    const createCore = () => {
      const core = {
        order: 0,
        isWanted: true,
        isAdmitted: false,
        isComplete: true,
        isSlow: false,
        settings: { autoManaged: true },
        admit: (may: boolean) => void (core.isAdmitted = may),
      };
      return core;
    };
    for (const limits of [{}, { activeSeeds: 5 }]) {
      const queue = new TorrentQueue(limits);
      const cores = [createCore(), createCore()];
      const early = cores as unknown as TorrentCore[];
      for (const core of early) queue.add(core);
      queue.startEarly(early);
      const isUnlimited = Object.keys(limits).length === 0;
      assert.deepEqual(
        cores.map((core) => core.isAdmitted),
        [isUnlimited, isUnlimited],
      );
      queue.startAll();
      assert.ok(cores.every((core) => core.isAdmitted));
    }
  });
});
