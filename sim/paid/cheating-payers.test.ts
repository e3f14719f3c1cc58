import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toAddress } from "@shoal/chain";
import { PayDigests } from "../../packages/speed/src/channel/pay-digests.ts";
import { CONTRACT, keyOf } from "./paid-world.ts";
import { BLOCK_WEI, CAPACITY, inScene, PIECE, PRICE } from "./payer-scene.ts";

const BLOCK = 16 * 1024;

suite("payers that cheat", () => {
  const foreign = {
    "another chain": new PayDigests({ chainId: 1, contract: CONTRACT }),
    "another contract": new PayDigests({
      chainId: 1337,
      contract: toAddress("0x00000000000000000000000000000000000000c1"),
    }),
  };
  for (const [what, digests] of Object.entries(foreign)) {
    test(
      `a voucher of ${what} is worth nothing, and ends the connection`,
      inScene(async (scene) => {
        scene.open();
        const speaker = await scene.trade();
        speaker.say(scene.voucher(BLOCK_WEI, scene.signing(digests)));
        await scene.until(() => speaker.peer.isClosed);
        assert.equal(scene.claim?.total ?? 0n, 0n);
      }),
    );
  }

  test(
    "a voucher of another channel, or of another signer, ends the connection",
    inScene(async (scene) => {
      scene.open(1n);
      scene.open(2n);
      const one = await scene.trade();
      one.say(scene.voucher(BLOCK_WEI, scene.signing(), 2n));
      await scene.until(() => one.peer.isClosed);
      const two = await scene.trade();
      two.say(scene.voucher(BLOCK_WEI, scene.signing(scene.paid.digests, keyOf(9))));
      await scene.until(() => two.peer.isClosed);
      assert.equal(scene.claim?.total ?? 0n, 0n);
    }),
  );

  test(
    "a replayed voucher buys nothing, a smaller or too large one ends the trade, and the claim stays",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 40, PIECE);
      await scene.until(() => speaker.peer.blocks.length === 1);
      const first = scene.voucher(BLOCK_WEI);
      speaker.say(first);
      await scene.until(() => speaker.peer.blocks.length === 3);
      for (let i = 0; i < 5; i++) speaker.say(first);
      await scene.pass(3000);
      assert.equal(speaker.peer.blocks.length, 3);
      speaker.say(scene.voucher(BLOCK_WEI - 1n));
      await scene.until(() => speaker.heardOf("reject").at(-1)?.reason === "voucher");
      assert.equal(scene.claim?.total, BLOCK_WEI);
      const again = await scene.trade();
      again.say(scene.voucher(CAPACITY + 1n));
      await scene.until(() => again.heardOf("reject").at(-1)?.reason === "voucher");
      assert.equal(scene.claim?.total, BLOCK_WEI);
    }),
  );

  test(
    "a bid by somebody who is not the channel's signer, and one from another connection, end the connection",
    inScene(async (scene) => {
      scene.open();
      const thief = await scene.connect();
      thief.say(scene.bid(thief, { by: scene.signing(scene.paid.digests, keyOf(9)) }));
      await scene.until(() => thief.peer.isClosed);
      const owner = await scene.trade();
      const relay = await scene.connect();
      relay.say(scene.bid(owner));
      await scene.until(() => relay.peer.isClosed);
      assert.equal(owner.peer.isClosed, false);
      assert.equal(scene.selling.seller.inUse.size, 1);
    }),
  );

  test(
    "one channel serves one connection: a bid on a second one takes it over, and the first is told",
    inScene(async (scene) => {
      const id = scene.open();
      const one = await scene.trade();
      one.ask(0, 4, PIECE);
      await scene.until(() => one.peer.blocks.length === 1);
      const two = await scene.trade();
      assert.equal(one.heardOf("reject").length, 1);
      assert.equal(two.heardOf("accept")[0]!.debt, BLOCK_WEI);
      assert.equal(scene.selling.seller.inUse.size, 1);
      assert.ok(scene.selling.seller.inUse.has(id));
    }),
  );

  test(
    "no more is served than the channel holds",
    inScene(async (scene) => {
      scene.open(1n, 3n * BLOCK_WEI + BLOCK_WEI / 2n);
      const speaker = await scene.trade();
      let paidBlocks = 0;
      speaker.ask(0, 40, PIECE);
      for (let i = 0; i < 20; i++) {
        await scene.pass(200);
        const blocks = Math.min(3, speaker.peer.blocks.length);
        if (blocks > paidBlocks) speaker.say(scene.voucher(BLOCK_WEI * BigInt(blocks)));
        paidBlocks = blocks;
        assert.ok(speaker.heardOf("reject").length > 0 || speaker.peer.blocks.length <= 3);
      }
      assert.equal(speaker.heardOf("reject").at(-1)?.reason, "exhausted");
      assert.equal(scene.claim?.total, 3n * BLOCK_WEI);
      assert.equal(scene.claim?.debt, 0n);
    }),
  );

  test(
    "a channel that does not exist, is being closed, closes too soon or is empty is refused",
    inScene(
      async (scene) => {
        const reasonFor = async (salt: bigint, price = PRICE) => {
          const speaker = await scene.connect();
          speaker.say(scene.bid(speaker, { salt, price }));
          await scene.until(() => speaker.heardOf("reject").length > 0);
          return speaker.heardOf("reject")[0]!.reason;
        };
        assert.equal(await reasonFor(1n), "no-channel");
        const id = scene.open(2n);
        const { key, state } = scene.paid.chain.channels.get(id)!;
        scene.paid.chain.channels.set(id, { key, state: { ...state, closableAt: 5 } });
        assert.equal(await reasonFor(2n), "closing");
        scene.open(3n, BLOCK_WEI - 1n);
        assert.equal(await reasonFor(3n), "exhausted");
        scene.open(4n);
        assert.equal(await reasonFor(4n, 1n), "price");
        scene.paid.chain.isDown = true;
        assert.equal(await reasonFor(4n), "chain");
      },
      { minChannelWei: 0n },
    ),
  );

  test(
    "limit: debts that a payer does not own to",
    inScene(async (scene) => {
      scene.open();
      let taken = 0;
      let reason: string | undefined;
      for (let round = 0; round < 100 && reason === undefined; round++) {
        const speaker = await scene.connect();
        speaker.say(scene.bid(speaker));
        await scene.until(() => speaker.heard.length > 1);
        reason = speaker.heardOf("reject")[0]?.reason;
        if (reason !== undefined) break;
        // It owns to nothing of what it took before.
        if (speaker.heardOf("accept")[0]!.debt > 0n) speaker.say(scene.voucher(0n));
        speaker.ask(round * 2, 2, PIECE);
        await scene.until(() => speaker.peer.blocks.length > 0);
        taken += speaker.peer.blocks.length;
        speaker.peer.socket.destroy();
        await scene.pass(100);
      }
      assert.equal(reason, "debt");
      assert.ok(taken <= 65, `${taken} blocks`);
    }),
  );

  test(
    "a channel goes on where its window was, and who then pays nothing more is refused after a MiB and that window",
    inScene(async (scene) => {
      const [paid, slack] = [32, 64 + 32 / 16];
      scene.open();
      const first = await scene.trade();
      first.ask(0, paid, PIECE);
      for (let blocks = 1; blocks <= paid; blocks++) {
        await scene.until(() => first.peer.blocks.length >= blocks);
        first.say(scene.voucher(BigInt(blocks) * BLOCK_WEI));
      }
      await scene.pass(1000);
      first.peer.socket.destroy();
      await scene.pass(100);
      const taken: number[] = [];
      for (let round = 0; round < 100; round++) {
        const speaker = await scene.connect();
        speaker.say(scene.bid(speaker));
        await scene.until(() => speaker.heard.length > 1);
        if (speaker.heardOf("reject").length > 0) break;
        const { total, debt } = speaker.heardOf("accept")[0]!;
        if (debt > 0n) speaker.say(scene.voucher(total));
        speaker.ask(paid, 100, PIECE);
        await scene.until(() => speaker.peer.blocks.length > 0);
        await scene.pass(5000);
        taken.push(speaker.peer.blocks.length);
        speaker.peer.socket.destroy();
        await scene.pass(100);
      }
      assert.equal(taken[0], paid + 1);
      const all = taken.reduce((sum, blocks) => sum + blocks, 0);
      assert.ok(all <= slack + paid + 1, `${all} blocks`);
    }),
  );

  test(
    "who does not pay has no slot after 15 seconds, not even a free one, and no bid after two minutes",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 8, PIECE);
      await scene.until(() => speaker.peer.blocks.length === 1);
      await scene.pass(14_000);
      assert.equal(speaker.peer.heardOf("choke").length, 0);
      await scene.until(() => speaker.peer.heardOf("choke").length > 0);
      await scene.pass(80_000);
      assert.equal(speaker.peer.heardOf("unchoke").length, 1);
      await scene.until(() => speaker.heardOf("reject").length > 0);
      assert.equal(speaker.heardOf("reject")[0]!.reason, "debt");
      assert.equal(scene.claim?.debt, BLOCK_WEI);
    }),
  );

  test(
    "a bid that was taken back while it was looked into is not accepted",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.connect();
      let answer = (): void => undefined;
      const { chain } = scene.paid;
      const read = chain.read.bind(chain);
      chain.read = async (id) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return await read(id);
      };
      speaker.say(scene.bid(speaker));
      await scene.pass(1000);
      speaker.say({ ...scene.bid(speaker), price: 0n });
      await scene.pass(1000);
      answer();
      await scene.pass(1000);
      assert.equal(speaker.heardOf("accept").length, 0);
      assert.equal(scene.selling.seller.inUse.size, 0);
    }),
  );

  test(
    "limit: signed messages in a second",
    inScene(async (scene) => {
      scene.open();
      const speaker = await scene.trade();
      const voucher = scene.voucher(0n);
      for (let i = 0; i < 3000; i++) speaker.say(voucher);
      await scene.until(() => speaker.peer.isClosed);
      const other = await scene.connect();
      for (let i = 0; i < 3000; i++) other.say(scene.bid(other, { price: PRICE + BigInt(i & 1) }));
      await scene.until(() => other.peer.isClosed);
    }),
  );

  test(
    "credit runs ahead of the disk by no more than the window",
    inScene(
      async (scene) => {
        scene.open();
        const speaker = await scene.trade();
        speaker.ask(0, 200, PIECE);
        let worst = 0n;
        const id = scene.paid.digests.channelId(scene.key());
        for (let i = 0; i < 200; i++) {
          await scene.pass(50);
          const total = BigInt(speaker.peer.blocks.length) * BLOCK_WEI;
          if (total > 0n) speaker.say(scene.voucher(total));
          const lost = total - scene.selling.claims.durableTotal(id);
          const account = scene.selling.seller.inUse.get(id)?.account;
          const window = BigInt((account?.windowBytes ?? BLOCK) / BLOCK) * BLOCK_WEI;
          assert.ok(lost <= window, `${lost} wei of ${window} would be lost`);
          if (lost > worst) worst = lost;
        }
        assert.ok(worst > 0n && speaker.peer.blocks.length > 20);
      },
      {},
      { storeSyncMs: 700 },
    ),
  );

  test(
    "after the payee consented to a channel's end, nothing more is served on it",
    inScene(async (scene) => {
      const id = scene.open();
      const speaker = await scene.trade();
      speaker.ask(0, 4, PIECE);
      await scene.until(() => speaker.peer.blocks.length === 1);
      speaker.say(scene.voucher(BLOCK_WEI));
      await scene.until(() => speaker.heardOf("ack").at(-1)?.total === BLOCK_WEI);
      await scene.world.complete(scene.selling.seller.inUse.get(id)!.consentToClose());
      await scene.until(() => speaker.heardOf("close").length > 0);
      assert.equal(speaker.heardOf("close")[0]!.total, BLOCK_WEI);
      speaker.say(scene.bid(speaker));
      await scene.until(() => speaker.heardOf("reject").length > 0);
      assert.equal(speaker.heardOf("reject")[0]!.reason, "closing");
    }),
  );
});
