import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { type Address, balanceOf, toAddress } from "@shoal/chain";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { makeTorrent } from "./made-torrent.ts";
import { openTestChain, type TestChain } from "./test-chain.ts";
import { CHROMIUM, noChromium, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

const BTT = 10n ** 18n;
const GIFT = 10_000n * BTT;
const HOUR_MS = 3_600_000;
const FILM = makeTorrent("film", { "film.bin": 3_000_000 });
/** So slow that bids are seen while they stand. */
const UPLOAD_LIMIT = 500_000;

suite("trading in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    suite(language, () => {
      const say = language === "en" ? english : japanese;
      let chain: TestChain;
      let seller: WebStage;
      let buyer: WebStage;
      const opened: WebStage[] = [];
      const btt = async (address: Address): Promise<bigint> =>
        await balanceOf(chain.network, chain.network.info.btt!.asset, address);

      const openTrader = async (uploadLimit: number | null): Promise<WebStage> => {
        const stage = await openWebStage({
          language,
          settings: { chain: chain.settings, speed: { uploadLimit } },
        });
        opened.push(stage);
        const { client } = stage;
        await client.call("createWallet", { name: "main", password: PASSWORD });
        await client.call("changeTrading", { wallet: "main" });
        await client.call("unlockWallet", { name: "main", password: PASSWORD });
        await chain.faucet(await addressOf(stage));
        return stage;
      };
      const addressOf = async ({ client }: WebStage): Promise<Address> =>
        toAddress((await client.call("getBalances", { name: "main" })).address);

      before(async () => {
        chain = await openTestChain();
        [seller, buyer] = await Promise.all([openTrader(UPLOAD_LIMIT), openTrader(null)]);
        await FILM.write(`${seller.home}/files`);
      });

      after(async () => {
        for (const stage of opened) await stage.close();
        await chain?.close();
      });

      test("a seller and a buyer see the bids of each other as they stand, and the paid download", async () => {
        await seller.page.goto(`${seller.daemon.url}#/trading`);
        await buyer.page.goto(`${buyer.daemon.url}#/trading`);
        await seller.page.getByText(say.sellingWhy.off).waitFor();
        await seller.page.getByLabel(say.sellUpload).check();
        await seller.page.getByText(say.sellingWhy["nothing-to-seed"]).waitFor();
        await buyer.page.getByLabel(say.budget, { exact: true }).fill("25");
        await buyer.page.getByLabel(say.payForDownloads).check();
        await buyer.page.getByText(say.leftOfBudget("25", "25")).waitFor();

        const { torrentFile, infoHash } = FILM;
        await seller.client.call("addTorrent", {
          source: { torrentFile },
          folder: `${seller.home}/files`,
          recheck: true,
        });
        await seller.page.getByText(say.sellingWhy["no-peers"]).waitFor();
        const { port } = await seller.client.call("getTransfer");
        await buyer.client.call("addTorrent", { source: { torrentFile } });
        await buyer.client.call("addPeers", { infoHash, peers: [`127.0.0.1:${port}`] });

        const bidsOf = ({ page }: WebStage, role: "selling" | "buying") =>
          page.getByRole("table", { name: say.roles[role] }).getByRole("row", { name: "film" });
        const accepted = say.bidStates.accepted;
        await Promise.all([
          bidsOf(buyer, "buying").getByText(accepted, { exact: true }).waitFor(),
          bidsOf(seller, "selling").getByText(accepted, { exact: true }).waitFor(),
        ]);
        await buyer.page.goto(`${buyer.daemon.url}#/torrents`);
        await buyer.page.getByRole("row", { name: "film" }).getByText(say.states.seeding).waitFor();
      });

      test("what was earned is shown by torrent and cashed, and the chain pays all of it but the fee", async () => {
        const { page, client, daemon } = seller;
        await page.goto(`${daemon.url}#/earnings`);
        const cash = page.getByRole("button", { name: say.cashAll });
        await page.getByText(say.toBeCashedHint).waitFor();
        const row = page
          .getByRole("table", { name: say.byTorrent })
          .getByRole("row", { name: "film" });
        await row.waitFor();
        const before = await btt(await addressOf(seller));
        await cash.click();
        await page
          .getByRole("log")
          .filter({ hasText: cashedOf(say) })
          .waitFor();
        await page.getByText(say.nothingToCash).waitFor();
        assert.ok(await cash.isDisabled());
        const { claims } = await client.call("listClaims");
        const owed = claims.reduce((sum, { totalWei }) => sum + BigInt(totalWei), 0n);
        const redeemed = claims.reduce((sum, { redeemedWei }) => sum + BigInt(redeemedWei), 0n);
        assert.ok(owed > 0n);
        assert.equal(redeemed, owed);
        const { channels } = await buyer.client.call("listChannels");
        assert.equal(
          channels.reduce((sum, { spentWei }) => sum + BigInt(spentWei), 0n),
          owed,
        );
        const { selling } = await client.call("getTrading");
        assert.equal(
          (await btt(await addressOf(seller))) - before,
          owed - BigInt(selling.burnedWei),
        );
        await page.goto(`${daemon.url}#/wallet`);
        await page
          .getByRole("table", { name: say.history })
          .getByText(say.walletActions.redeem(claims.length))
          .waitFor();
      });

      test("a channel is closed in two steps, an hour apart, and what was left is back to the wei", async () => {
        const { page, client, daemon } = buyer;
        await page.goto(`${daemon.url}#/trading`);
        const table = page.getByRole("table", { name: say.channels });
        const close = table.getByRole("button", { name: say.closeChannel });
        await close.click();
        await page.getByText(say.summaries.started).waitFor();
        await table.getByText(say.channelStates.closing, { exact: true }).waitFor();
        await close.click();
        const early = page.getByRole("log").filter({
          hasText: language === "ja" ? "異議を申し立てられます" : "may object until",
        });
        await early.first().waitFor();
        await chain.wait(HOUR_MS + 60_000);
        await close.click();
        await page.getByText(say.summaries.closed).waitFor();
        await table.getByText(say.channelStates.closed, { exact: true }).waitFor();
        const { channels } = await client.call("listChannels");
        const spent = channels.reduce((sum, { spentWei }) => sum + BigInt(spentWei), 0n);
        assert.equal(await btt(await addressOf(buyer)), GIFT - spent);
        const { balances } = await client.call("getBalances", { name: "main" });
        assert.equal(balances.find(({ asset }) => asset === "btt")?.channelWei, "0");
        for (const { complaints } of [seller, buyer]) {
          assert.deepEqual(
            complaints.filter((text) => !text.includes("status of 409")),
            [],
          );
        }
      });
    });
  }
});

/** What is said of cashing, up to its figures. */
function cashedOf(say: typeof english): RegExp {
  return new RegExp(say.cashedNow(1, "@").replaceAll(/[.()]/g, "\\$&").replace("@", ".*BTT"));
}
