import assert from "node:assert/strict";
import { test } from "node:test";
import { createContent, withWorld } from "./index.ts";

test("the README's example takes the ten seconds that it says", async () => {
  await withWorld({ seed: 7 }, async (world) => {
    const seeder = world.host({ address: "10.0.0.1", upBytesPerSecond: 1_000_000 });
    const leecher = world.host({ address: "10.0.0.2", latencyMs: 40 });
    world.name("web.example", [seeder.address]);
    const content = createContent("file", 10_000_000);
    await seeder.http.serve({ port: 80 }, () => ({ status: 200, body: content }));

    let lengthBytes = 0;
    const download = async () => {
      const { body } = await leecher.http.request({ url: "http://web.example/file" });
      for await (const part of body) lengthBytes += part.length;
    };
    await world.complete(download());
    assert.deepEqual([lengthBytes, Math.round(world.timeMs / 1000)], [10_000_000, 10]);
  });
});
