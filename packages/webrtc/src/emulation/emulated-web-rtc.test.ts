import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { emulateWebRtc } from "./emulated-web-rtc.ts";

suite("WebRTC, emulated", () => {
  test("an offer and its answer become a stream between the two hosts", async () => {
    await withWorld({}, async (world) => {
      const [a, b] = ["10.0.0.1", "10.0.0.2"].map((address) =>
        emulateWebRtc({ net: world.host({ address }).net, host: address }),
      );
      const [near, far] = await world.complete(
        (async () => {
          const offer = await a!.offer();
          const answer = await b!.answer(offer.description);
          await offer.accept(answer.description);
          return await Promise.all([offer.socket, answer.socket]);
        })(),
      );
      assert.equal(near.remote.address, "10.0.0.2");
      assert.equal(far.remote.address, "10.0.0.1");
      near.destroy();
      await world.run({ untilMs: world.timeMs + 1000 });
      far.destroy();
    });
  });

  test("closing gives up what waits for an answer", async () => {
    await withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const webRtc = emulateWebRtc({ net: host.net, host: "10.0.0.1" });
      const offer = await world.complete(webRtc.offer());
      webRtc.close();
      await assert.rejects(world.complete(offer.socket), { code: "closed" });
      await world.run({ untilMs: world.timeMs + 1000 });
    });
  });
});
