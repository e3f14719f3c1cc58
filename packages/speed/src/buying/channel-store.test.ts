import assert from "node:assert/strict";
import { test } from "node:test";
import { toAddress } from "@shoal/chain";
import { withWorld } from "@shoal/runtime/sim";
import { PayDigests } from "../channel/pay-digests.ts";
import { ChannelStore } from "./channel-store.ts";

const TORRENT = "ab".repeat(32);

test("what receipts said survives a power cut, so that the next one says more and never less", () =>
  withWorld({ seed: 1 }, async (world) => {
    const address = toAddress(`0x${"11".repeat(20)}`);
    const digests = new PayDigests({ chainId: 1337, contract: address });
    const key = { payer: address, payee: address, signer: address, challengeSeconds: 60, salt: 1n };
    const id = digests.channelId(key);
    const host = world.host({ address: "10.0.0.1" });
    const open = async (store = host.store) =>
      await ChannelStore.open({ store, clock: host.clock, network: "model" });
    await world.complete(
      (async () => {
        const channels = await open();
        await channels.put([{ id, key, capacity: 100n, signed: 0n, state: "open" }]);
        assert.equal(await channels.say(id, TORRENT, 7n), 7n);
        assert.equal(await channels.say(id, TORRENT, 10n ** 30n), 7n + 10n ** 30n);
        assert.equal(await channels.say(id, "cd".repeat(32), 1n), 1n);
      })(),
    );
    host.crash();
    const again = world.restart(host);
    await world.complete(
      (async () => {
        const channels = await open(again.store);
        assert.equal(await channels.say(id, TORRENT, 1n), 8n + 10n ** 30n);
      })(),
    );
  }));
