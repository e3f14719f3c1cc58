import assert from "node:assert/strict";
import { test } from "node:test";
import { toAddress } from "@shoal/chain";
import { withWorld } from "@shoal/runtime/sim";
import { PayDigests } from "../channel/pay-digests.ts";
import { ChannelStore } from "./channel-store.ts";

const TORRENT = "ab".repeat(32);
const ADDRESS = toAddress(`0x${"11".repeat(20)}`);
const DIGESTS = new PayDigests({ chainId: 1337, contract: ADDRESS });

test("a budget goes on after a restart, and another amount begins anew", () =>
  withWorld({ seed: 1 }, async (world) => {
    const other = toAddress(`0x${"22".repeat(20)}`);
    const keys = [ADDRESS, ADDRESS, other].map((payer, index) => ({
      ...{ payer, payee: ADDRESS, signer: ADDRESS, challengeSeconds: 60, salt: BigInt(index) },
    }));
    const ids = keys.map((key) => DIGESTS.channelId(key));
    const host = world.host({ address: "10.0.0.1" });
    const open = async (store = host.store) =>
      await ChannelStore.open({ store, clock: host.clock, network: "model" });
    await world.complete(
      (async () => {
        const channels = await open();
        await channels.put(
          keys.map((key, index) => ({
            ...{ id: ids[index]!, key, capacity: 10n ** 30n, signed: 5n, state: "open" as const },
          })),
        );
        assert.equal(await channels.spentOf(ADDRESS, 100n), 0n);
        channels.signed(ids[0]!, 5n + 10n ** 20n);
        channels.signed(ids[1]!, 6n);
        channels.signed(ids[2]!, 1000n);
        assert.equal(await channels.spentOf(ADDRESS, 100n), 1n + 10n ** 20n);
        await channels.flush();
      })(),
    );
    host.crash("power");
    const again = world.restart(host);
    await world.complete(
      (async () => {
        const channels = await open(again.store);
        assert.equal(await channels.spentOf(ADDRESS, 100n), 1n + 10n ** 20n);
        assert.equal(await channels.spentOf(other, 100n), 0n, "somebody else's");
        assert.equal(await channels.spentOf(ADDRESS, 200n), 0n, "another amount");
        channels.signed(ids[1]!, 9n);
        assert.equal(await channels.spentOf(ADDRESS, 200n), 3n);
      })(),
    );
  }));

test("what receipts said survives a power cut, so that the next one says more and never less", () =>
  withWorld({ seed: 1 }, async (world) => {
    const key = { payer: ADDRESS, payee: ADDRESS, signer: ADDRESS, challengeSeconds: 60, salt: 1n };
    const id = DIGESTS.channelId(key);
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
