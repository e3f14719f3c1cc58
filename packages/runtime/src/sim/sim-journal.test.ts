import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld } from "./world.ts";

const PATH = "/data/j";

test("a journal has what was acknowledged after any power cut, and perhaps a part of what was not", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const world = createWorld({ seed });
    let host = world.host({ address: "10.0.0.1", diskSeekMs: 5, diskBytesPerSecond: 10_000_000 });
    let acknowledged = 0;
    const first = await host.disk.openJournal(PATH);
    void (async () => {
      for (let n = 0; ; n++) {
        await first.append(new Uint8Array(9_000).fill(n));
        acknowledged += 9_000;
      }
    })();
    await world.run({ untilMs: 20 + seed * 3 });
    host.crash(seed % 2 === 0 ? "process" : "power");
    host = world.restart(host);
    const again = await host.disk.openJournal(PATH);
    assert.ok(again.lengthBytes >= acknowledged, `seed ${seed}: ${again.lengthBytes}`);
    assert.ok(again.lengthBytes <= acknowledged + 9_000, `seed ${seed}: ${again.lengthBytes}`);
    const bytes = await world.complete(again.read(0, acknowledged));
    assert.ok(
      bytes.every((byte, at) => byte === Math.floor(at / 9_000)),
      `seed ${seed}`,
    );
    await world.complete(host.close());
  }
});

test("a journal on a full or broken disk fails, and goes on failing until it is opened anew", async () => {
  const world = createWorld({ seed: 1 });
  const host = world.host({ address: "10.0.0.1", diskBytes: 10_000 });
  const journal = await host.disk.openJournal(PATH);
  await world.complete(journal.append(new Uint8Array(8_000)));
  const full = world.complete(journal.append(new Uint8Array(8_000)));
  await assert.rejects(full, { name: "DiskError", code: "full" });
  await assert.rejects(world.complete(journal.append(Uint8Array.of(1))), { code: "full" });
  assert.equal(journal.lengthBytes, 8_000);
  await world.complete(journal.close());
  const again = await host.disk.openJournal(PATH);
  await world.complete(again.append(Uint8Array.of(1)));
  assert.equal(again.lengthBytes, 8_001);
  await world.complete(host.close());
});
