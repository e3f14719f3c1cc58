import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import {
  balanceOf,
  drawMnemonic,
  EVM_COIN,
  formatEvmAddress,
  makeWallet,
  UnlockedWallet,
} from "@shoal/chain";
import { createNodeRuntime } from "@shoal/runtime/node";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { liveThroughEpoch } from "./earned-epoch.ts";
import { makeTorrent } from "./made-torrent.ts";
import { makeHome } from "./quiet-daemon.ts";
import { CHROMIUM, noChromium, openWebStage, PASSWORD } from "./web-stage.ts";

const BTT = 10n ** 18n;
const FILM = makeTorrent("a film to keep alive", { "film.bin": 100_000 });

suite("rewards in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: a reward is claimed to the wei, and a bounty is made for what it is said to cost`, async () => {
      const { runtime, words, signer } = await makeSeeder();
      const { chain, rewardWei, contractsFile } = await liveThroughEpoch(signer);
      const home = await makeHome();
      await mkdir(join(home, "data"), { recursive: true });
      await writeFile(join(home, "data", "contracts.json"), contractsFile);
      const stage = await openWebStage({ language, home, settings: { chain: chain.settings } });
      const btt = async (): Promise<bigint> =>
        await balanceOf(chain.network, chain.network.info.btt!.asset, signer.address);
      try {
        const { page, client, daemon } = stage;
        await client.call("createWallet", { name: "main", password: PASSWORD, words });
        await client.call("changeTrading", { wallet: "main" });
        await client.call("unlockWallet", { name: "main", password: PASSWORD });
        await page.goto(`${daemon.url}#/rewards`);
        const table = page.getByRole("table", { name: say.rewards });
        await table.getByText(say.rewardStates.claimable, { exact: true }).waitFor();
        const before = await btt();
        await page.getByRole("button", { name: say.claimAll }).click();
        await page.getByText(say.summaries.claimed).waitFor();
        await table.getByText(say.rewardStates.claimed, { exact: true }).waitFor();
        assert.equal((await btt()) - before, rewardWei);
        assert.ok(await page.getByRole("button", { name: say.claimAll }).isDisabled());

        await client.call("addTorrent", {
          source: { torrentFile: FILM.torrentFile },
          paused: true,
        });
        await page.getByRole("button", { name: say.makeBounty }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.torrent).selectOption({ label: FILM.name });
        await dialog.getByLabel(say.perDay).fill("2.5");
        await dialog.getByLabel(say.days).fill("4");
        await dialog.getByLabel(say.auditor).fill(formatEvmAddress(signer.address));
        await dialog.getByText(say.bountyCost("10 BTT")).waitFor();
        await dialog.getByRole("button", { name: say.review }).click();
        const unpaid = await btt();
        await dialog.getByRole("button", { name: say.payThis("10 BTT") }).click();
        await page.getByText(say.summaries.funded).waitFor();
        const row = page
          .getByRole("table", { name: say.bounties })
          .getByRole("row", { name: FILM.name });
        await row.getByText(say.own, { exact: true }).waitFor();
        assert.equal(unpaid - (await btt()), 10n * BTT);

        await page.goto(`${daemon.url}#/earnings`);
        const earned = page.getByRole("region", { name: say.totals });
        await earned.getByText(say.rewardsClaimed, { exact: true }).waitFor();
        await page.goto(`${daemon.url}#/wallet`);
        const history = page.getByRole("table", { name: say.history });
        await history.getByText(say.walletActions["claim-rewards"](1)).waitFor();
        await history.getByText(say.walletActions["fund-bounty"](1)).waitFor();
        assert.deepEqual(stage.complaints, []);
      } finally {
        await stage.close();
        await chain.close();
        await runtime.close();
      }
    });
  }
});

/** The words of a wallet, and who signs with its first account before any daemon has it. */
async function makeSeeder() {
  const runtime = await createNodeRuntime({ logLevel: "silent" });
  const { random } = runtime;
  const words = drawMnemonic(random);
  const cost = { n: 1024, r: 8, p: 1 };
  const file = await makeWallet("main", words, PASSWORD, { random, nowMs: Date.now(), cost });
  const wallet = await UnlockedWallet.unlock(file, PASSWORD);
  const signer = await wallet.signer(file.accounts[0]!, EVM_COIN);
  return { runtime, words: String(words), signer };
}
