import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BLOCK_WEI, inScene, PIECE } from "./payer-scene.ts";

suite("payers that ask for more than 16 KiB at once", () => {
  for (const kib of [32, 64, 128]) {
    const blocks = BigInt(kib / 16);
    test(
      `requests of ${kib} KiB are served one at a time until the window has room for more`,
      inScene(async (scene) => {
        scene.open();
        const speaker = await scene.trade();
        speaker.ask(0, 12, PIECE, kib * 1024);
        await scene.until(() => speaker.peer.blocks.length === 1);
        await scene.pass(3000);
        assert.equal(speaker.peer.blocks.length, 1);
        speaker.say(scene.voucher(BLOCK_WEI));
        await scene.pass(3000);
        assert.equal(speaker.peer.blocks.length, 1, "something is unpaid");
        speaker.say(scene.voucher(blocks * BLOCK_WEI));
        await scene.until(() => speaker.peer.blocks.length === 2);
        for (let paid = 2n; speaker.peer.blocks.length < 12; paid++) {
          speaker.say(scene.voucher(paid * blocks * BLOCK_WEI));
          await scene.until(() => BigInt(speaker.peer.blocks.length) > paid);
        }
      }),
    );
  }

  test(
    "a request that the channel cannot pay for is not served",
    inScene(async (scene) => {
      scene.open(1n, 3n * BLOCK_WEI);
      const speaker = await scene.trade();
      speaker.ask(0, 1, PIECE, 64 * 1024);
      await scene.pass(3000);
      assert.equal(speaker.peer.blocks.length, 0);
    }),
  );
});
