import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type EmbeddedChain, openEmbeddedChain } from "@shoal/chain";
import { createSession, type Session } from "@shoal/engine";
import type { Runtime } from "@shoal/runtime";
import { createNodeRuntime, openPrivateFolder } from "@shoal/runtime/node";
import type { Caller } from "../access/caller.ts";
import { Configuration } from "../config/configuration.ts";
import type { Call } from "../rest/handlers.ts";
import { createTradingHandlers } from "../rest/trading-handlers.ts";
import { createWalletHandlers } from "../rest/wallet-handlers.ts";
import { Money } from "./money.ts";

const PASSWORD = "a long password";
const RECIPIENT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const BTT = 10n ** 18n;

const call = { caller: {} as Caller, request: {}, setHeader: () => {} } as unknown as Call;

suite("money in the daemon", () => {
  let folder: string;
  let runtime: Runtime;
  let chain: EmbeddedChain;
  let session: Session;
  let money: Money;
  let wallet: ReturnType<typeof createWalletHandlers>;
  let trading: ReturnType<typeof createTradingHandlers>;
  let heard: string[];
  let sampleChanged = (): void => {};

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "shoal-money-"));
    await mkdir(join(folder, "downloads"));
    runtime = await createNodeRuntime({ logLevel: "error", storePath: join(folder, "shoal.db") });
    chain = await openEmbeddedChain({ ...runtime, folder: join(folder, "chain") });
    heard = [];
    const configuration = await Configuration.open({
      folder: openPrivateFolder(join(folder, "config")),
      log: runtime.log,
    });
    money = await Money.open({
      ...{ runtime, configuration, chain, dataFolder: folder, openFolder: openPrivateFolder },
      downloadFolder: () => join(folder, "downloads"),
      events: {
        hasListeners: () => true,
        publish(name) {
          heard.push(name);
          if (name === "sample") sampleChanged();
        },
      },
      sample: { seconds: 20, uploadLimit: 500_000 },
      passwordCost: { n: 1024, r: 8, p: 1 },
    });
    session = await createSession({ runtime, host: "127.0.0.1", ...money.sessionOptions });
    money.attach(session);
    wallet = createWalletHandlers(money);
    trading = createTradingHandlers(money);
  });

  after(async () => {
    await money.finish();
    await session.close();
    await money.close();
    await chain.close();
    await runtime.close();
    await rm(folder, { recursive: true });
  });

  test("a new wallet's words are answered once, and restore the same addresses", async () => {
    const made = await wallet.createWallet({ name: "ann", password: PASSWORD }, call);
    assert.equal(made.words?.split(" ").length, 12);
    const again = await wallet.createWallet(
      { name: "ann2", password: PASSWORD, words: made.words ?? "" },
      call,
    );
    assert.equal(again.words, null);
    assert.deepEqual(again.accounts, made.accounts);
    const { wallets } = await wallet.listWallets({}, call);
    assert.ok(wallets.every((each) => !("words" in each)));
  });

  test("without a wallet nothing is sold, and the reason is said", async () => {
    const { selling } = await trading.changeTrading({ sell: { isOn: true } }, call);
    assert.deepEqual([selling.isOn, selling.why], [false, "no-wallet"]);
  });

  test("a locked wallet signs nothing; an unlocked one does, until it is locked again", async () => {
    const { selling } = await trading.changeTrading({ wallet: "ann" }, call);
    assert.equal(selling.why, "locked");
    await assert.rejects(async () => await trading.redeemClaims({}, call), { code: "conflict" });
    const wrong = { name: "ann", password: "wrong", minutes: 5 };
    await assert.rejects(async () => await wallet.unlockWallet(wrong, call), {
      code: "wrong-password",
    });
    const { isUnlocked } = await wallet.unlockWallet(
      { name: "ann", password: PASSWORD, minutes: 5 },
      call,
    );
    assert.ok(isUnlocked);
    assert.equal((await trading.getTrading({}, call)).selling.why, "nothing-to-seed");
  });

  test("a payment is planned, confirmed once as it was shown, and listed", async () => {
    await wallet.askFaucet({ name: "ann", account: 0 }, call);
    const wanted = {
      network: "embedded",
      account: 0,
      asset: "btt",
      wei: String(3n * BTT),
    } as const;
    const plan = await wallet.planSend({ ...wanted, name: "ann", to: RECIPIENT }, call);
    assert.deepEqual(
      plan.warnings.map(({ code }) => code),
      ["first-time"],
    );
    const sent = await wallet.confirmSend({ name: "ann", planId: plan.planId }, call);
    assert.equal(sent.wei, String(3n * BTT));
    const again = await wallet.confirmSend({ name: "ann", planId: plan.planId }, call);
    assert.equal(again.id, sent.id, "a double click pays once");
    const { balances } = await wallet.getBalances(
      { name: "ann", network: "embedded", account: 0 },
      call,
    );
    assert.equal(balances.find(({ asset }) => asset === "btt")?.wei, plan.balanceAfterWei);
    const others = { name: "ann2", planId: plan.planId };
    await assert.rejects(async () => await wallet.confirmSend(others, call), {
      code: "not-found",
    });
  });

  test("a recipient that has a name is shown by it", async () => {
    await wallet.setContact(
      { name: "ann", address: RECIPIENT, label: "Bob", network: "embedded" },
      call,
    );
    const wanted = { network: "embedded", account: 0, asset: "btt", wei: "1" } as const;
    const plan = await wallet.planSend({ ...wanted, name: "ann", to: RECIPIENT }, call);
    assert.equal(plan.toName, "Bob");
  });

  test("the sample swarm is bought for play money, and the ledger and the budget agree to the wei", async () => {
    const budgetWei = String(5n * BTT);
    await trading.changeTrading({ buy: { isOn: true, budgetWei } }, call);
    await trading.changeTrading({ buy: { isOn: false } }, call);
    const done = new Promise<void>((resolve) => {
      sampleChanged = () => {
        const { state } = money.sample!.status;
        if (state === "done" || state === "failed") resolve();
      };
    });
    assert.equal((await trading.startSample({}, call)).state, "preparing");
    await done;
    assert.deepEqual(money.sample!.status.error, null);
    await trading.stopSample({}, call);
    const { buying } = await trading.getTrading({}, call);
    assert.notEqual(buying.paidWei, "0");
    const { points, torrents } = await trading.getEarnings({ points: 10 }, call);
    const spent = points.reduce((sum, { spentWei }) => sum + BigInt(spentWei), 0n);
    assert.equal(String(spent), buying.paidWei);
    const byTorrent = torrents.reduce((sum, { spentWei }) => sum + BigInt(spentWei), 0n);
    assert.equal(byTorrent, spent);
    assert.ok(heard.includes("trading") && heard.includes("wallet"));
    const { buying: again } = await trading.changeTrading({ buy: { isOn: true } }, call);
    assert.equal(BigInt(again.leftWei), 5n * BTT - spent, "switching it off begins no new budget");
    await trading.changeTrading({ buy: { isOn: false } }, call);
  });

  test("locking the wallet ends trading at once", async () => {
    await wallet.lockWallet({ name: "ann" }, call);
    const { selling, isUnlocked } = await trading.getTrading({}, call);
    assert.deepEqual([isUnlocked, selling.isOn, selling.why], [false, false, "locked"]);
    await assert.rejects(async () => await trading.startSample({}, call), { code: "conflict" });
  });
});
