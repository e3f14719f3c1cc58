import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";
import { ACCOUNTS_SCHEMA, type Accounts, openAccounts } from "./accounts.ts";

const infoHash = new Uint8Array(20).fill(1);
const peerId = new Uint8Array(20).fill(2);

async function open(world: SimWorld, host: SimHost): Promise<Accounts> {
  const opening = host.store.open(ACCOUNTS_SCHEMA).then(async (tables) => {
    const { clock, random } = host;
    return await openAccounts({ tables, clock, random, peerLifetimeMs: 3_600_000 });
  });
  return await world.complete(opening);
}

test("accounts: only what a peer moves between two announces counts", () =>
  withWorld({ seed: 1 }, async (world) => {
    const accounts = await open(world, world.host({ address: "9.0.0.1" }));
    const passkey = await world.complete(accounts.add("ann"));
    assert.match(passkey, /^[0-9a-f]{40}$/);
    const account = accounts.find(passkey)!;
    const report = (uploadedBytes: number, downloadedBytes: number, event?: "started") =>
      accounts.count(account, { infoHash, peerId, uploadedBytes, downloadedBytes, event });
    report(5_000, 5_000, "started");
    assert.deepEqual([account.uploadedBytes, account.downloadedBytes], [0, 0]);
    await world.run({ untilMs: 60_000 });
    report(7_000, 5_001);
    assert.deepEqual([account.uploadedBytes, account.downloadedBytes], [2_000, 1]);
    await world.run({ untilMs: 120_000 });
    // It began anew: its figures are smaller, and nothing is counted.
    report(100, 0, "started");
    await world.run({ untilMs: 180_000 });
    report(150, 10);
    assert.deepEqual([account.uploadedBytes, account.downloadedBytes], [2_050, 11]);
    await world.complete(accounts.close());
  }));

test("accounts: nobody claims more than any line carries", () =>
  withWorld({ seed: 1 }, async (world) => {
    const accounts = await open(world, world.host({ address: "9.0.0.1" }));
    const account = accounts.find(await world.complete(accounts.add("liar")))!;
    const report = (uploadedBytes: number) =>
      accounts.count(account, { infoHash, peerId, uploadedBytes, downloadedBytes: 0 });
    report(0);
    await world.run({ untilMs: 1_000 });
    report(2 ** 50);
    assert.equal(account.uploadedBytes, 0);
    await world.complete(accounts.close());
  }));

test("accounts: a kill loses no more than the last second, and a passkey is kept as a hash", () =>
  withWorld({ seed: 1 }, async (world) => {
    const host = world.host({ address: "9.0.0.1" });
    const accounts = await open(world, host);
    const passkey = await world.complete(accounts.add("ann"));
    const account = accounts.find(passkey)!;
    const report = (uploadedBytes: number) =>
      accounts.count(account, { infoHash, peerId, uploadedBytes, downloadedBytes: 0 });
    report(0);
    await world.run({ untilMs: 10_000 });
    report(1_000);
    await world.run({ untilMs: 12_000 });
    report(1_001);
    host.crash();
    const again = world.restart(host);
    const reopened = await open(world, again);
    assert.equal(reopened.find(passkey)?.uploadedBytes, 1_000);
    const tables = await world.complete(again.store.open(ACCOUNTS_SCHEMA));
    const [row] = await world.complete(tables.select({ sql: "SELECT * FROM tracker_accounts" }));
    assert.equal((row!["passkey_hash"] as Uint8Array).length, 32);
    await world.complete(reopened.close());
  }));

test("accounts: another process's accounts are taken in, and removed ones let go", () =>
  withWorld({ seed: 1 }, async (world) => {
    const host = world.host({ address: "9.0.0.1" });
    const accounts = await open(world, host);
    const other = await open(world, host);
    const passkey = await world.complete(other.add("ann"));
    await assert.rejects(world.complete(other.add("ann")), { code: "duplicate-account" });
    assert.equal(accounts.find(passkey), null);
    await world.complete(accounts.reload());
    assert.equal(accounts.find(passkey)?.name, "ann");
    await world.complete(other.remove("ann"));
    await assert.rejects(world.complete(other.remove("ann")), { code: "unknown-account" });
    await world.complete(accounts.reload());
    assert.deepEqual([accounts.find(passkey), accounts.list()], [null, []]);
    await world.complete(Promise.all([accounts.close(), other.close()]));
  }));
