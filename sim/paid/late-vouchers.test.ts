import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { BLOCK_WEI, CAPACITY, inScene, PIECE, type PayerScene } from "./payer-scene.ts";
import type { PaySpeaker } from "./pay-speaker.ts";
import { keyOf } from "./paid-world.ts";

/** A trade in which one block was sent and not paid, ended by the payee. */
async function endTrade(scene: PayerScene): Promise<PaySpeaker> {
  scene.open();
  const speaker = await scene.trade();
  speaker.ask(0, 1, PIECE);
  await scene.until(() => speaker.peer.blocks.length === 1);
  scene.selling.seller.close();
  return speaker;
}

suite("vouchers that cross the end of their trade", () => {
  test(
    "are kept in the claim, on disk, and settle what was unpaid",
    inScene(async (scene) => {
      const speaker = await endTrade(scene);
      assert.equal(scene.claim?.debt, BLOCK_WEI);
      speaker.say(scene.voucher(BLOCK_WEI));
      await scene.until(() => scene.claim?.total === BLOCK_WEI);
      assert.equal(scene.claim?.debt, 0n);
      await scene.world.complete(scene.selling.claims.flush());
      assert.equal(scene.selling.claims.durableTotal(scene.claim.channel), BLOCK_WEI);
    }),
  );

  test(
    "are passed over when signed by somebody else, or worth more than the channel, and when older",
    inScene(async (scene) => {
      const speaker = await endTrade(scene);
      speaker.say(scene.voucher(BLOCK_WEI, scene.signing(scene.paid.digests, keyOf(9))));
      speaker.say(scene.voucher(CAPACITY + 1n));
      await scene.pass(1000);
      assert.equal(scene.claim?.total, 0n);
      speaker.say(scene.voucher(BLOCK_WEI));
      speaker.say(scene.voucher(BLOCK_WEI / 2n));
      await scene.pass(1000);
      assert.equal(scene.claim?.total, BLOCK_WEI);
      assert.equal(speaker.peer.isClosed, false);
    }),
  );

  test(
    "raise the claim though another connection uses the channel by now, which cannot lower it",
    inScene(async (scene) => {
      scene.open();
      const first = await scene.trade();
      first.ask(0, 1, PIECE);
      await scene.until(() => first.peer.blocks.length === 1);
      const second = await scene.trade();
      await scene.until(() => first.heardOf("reject").length > 0);
      assert.equal(second.heardOf("accept").at(-1)?.debt, BLOCK_WEI);
      first.say(scene.voucher(BLOCK_WEI));
      await scene.until(() => scene.claim?.total === BLOCK_WEI);
      // It does not own to the debt, though it has paid it.
      second.say(scene.voucher(0n));
      await scene.pass(1000);
      assert.equal(scene.claim?.total, BLOCK_WEI);
      second.say(scene.voucher(2n * BLOCK_WEI));
      await scene.until(() => scene.claim?.total === 2n * BLOCK_WEI);
    }),
  );

  test(
    "bring their receipts along",
    inScene(async (scene) => {
      const speaker = await endTrade(scene);
      const { channel } = scene.claim!;
      const torrent = new Uint8Array(32);
      torrent.set(scene.sample.metainfo.v1!.infoHash);
      const about = { torrent, size: 1n << 24n, total: BLOCK_WEI };
      speaker.say(scene.voucher(BLOCK_WEI));
      speaker.say({
        type: "receipt",
        ...about,
        ...scene.signing().signReceipt(channel, torrent, about.size, about.total),
      });
      await scene.until(() => scene.claim?.total === BLOCK_WEI);
      await scene.pass(1000);
      const receipts = await scene.world.complete(scene.selling.claims.receipts(channel));
      assert.deepEqual(
        receipts.map(({ total }) => total),
        [BLOCK_WEI],
      );
    }),
  );
});
