import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { type Address, balanceOf, formatEvmAddress, KeySigner, toAddress } from "@shoal/chain";
import createQrCode from "qrcode-generator";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { openTestChain, type TestChain } from "./test-chain.ts";
import { CHROMIUM, noChromium, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

const BTT = 10n ** 18n;
const SENT = "12.000000000000000001";
const SENT_WEI = 12n * BTT + 1n;
const GIFT = 10_000n * BTT;
/** The first address of EIP-55's examples, its first small letter made a capital. */
const WRONG_LETTER = "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

suite("money in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    suite(language, () => {
      const say = language === "en" ? english : japanese;
      let chain: TestChain;
      let stage: WebStage;
      let own: Address;
      let bob: string;
      const btt = async (address: string): Promise<bigint> =>
        await balanceOf(chain.network, chain.network.info.btt!.asset, toAddress(address));

      before(async () => {
        chain = await openTestChain();
        stage = await openWebStage({ language, settings: { chain: chain.settings } });
        const { client, page, daemon } = stage;
        await client.call("createWallet", { name: "main", password: PASSWORD });
        await client.call("changeTrading", { wallet: "main" });
        const { address } = await client.call("getBalances", { name: "main" });
        own = toAddress(address);
        await chain.faucet(own);
        bob = formatEvmAddress(new KeySigner(chain.runtime.random.bytes(32)).address);
        await page.goto(`${daemon.url}#/wallet`);
      });

      after(async () => {
        await stage?.close();
        await chain?.close();
      });

      test("a locked wallet sends nothing; a wrong password is said, the right one unlocks", async () => {
        const { page } = stage;
        const send = page.getByRole("button", { name: say.send, exact: true });
        await page.getByText(say.walletLocked).waitFor();
        assert.ok(await send.isDisabled());
        await page.getByLabel(say.walletPassword).fill("not this one");
        await page.getByRole("button", { name: say.unlock }).click();
        const wrong = language === "ja" ? say.problems!["wrong-password"]({}) : /password/;
        await page.getByRole("log").getByText(wrong).waitFor();
        await page.getByLabel(say.walletPassword).fill(PASSWORD);
        await page.getByRole("button", { name: say.unlock }).click();
        await page.getByText(say.walletUnlocked).waitFor();
        assert.ok(await send.isEnabled());
      });

      test("the address to be paid at is there as text and as the QR code of just that text", async () => {
        const { page } = stage;
        const card = page.getByRole("region", { name: say.receive });
        const address = (await card.locator("code").textContent()) ?? "";
        assert.equal(toAddress(address), own);
        const drawn = await card.getByRole("img", { name: say.qrOf(address) }).evaluate((code) => ({
          path: code.querySelector("path")?.getAttribute("d"),
          box: code.getAttribute("viewBox"),
        }));
        assert.deepEqual(drawn, darkModulesOf(address));
      });

      test("a payment is confirmed by recipient and cost, is pending, then confirmed, and arrives to the wei", async () => {
        const { page, client } = stage;
        await page.getByRole("button", { name: say.send, exact: true }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.recipient, { exact: true }).fill(bob);
        await dialog.getByLabel(say.amount, { exact: true }).fill(SENT);
        await dialog.getByRole("button", { name: say.review }).click();
        await dialog.getByRole("heading", { name: say.confirmSend }).waitFor();
        const shown = (await dialog.textContent()) ?? "";
        assert.ok(shown.includes(bob), "all of the recipient's address is named");
        assert.ok(shown.includes(`${SENT} BTT`), shown);
        assert.ok(shown.includes(say.feeAtMost) && shown.includes(say.balanceAfter));
        await dialog.getByText(say.sendWarnings["first-time"]).waitFor();
        const release = chain.hold();
        await dialog.getByRole("button", { name: say.signAndSend }).click();
        await dialog.waitFor({ state: "detached" });
        const row = page
          .getByRole("table", { name: say.history })
          .getByRole("row", { name: `−${SENT.slice(0, 2)}` });
        await row.getByText(say.transactionStates.pending, { exact: true }).waitFor();
        await page.getByText(say.pendingOut("12 BTT")).waitFor();
        assert.equal(await btt(bob), 0n);
        await release();
        await row.getByText(say.transactionStates.final, { exact: true }).waitFor();
        assert.equal(await btt(bob), SENT_WEI);
        assert.equal(await btt(own), GIFT - SENT_WEI);
        const { balances } = await client.call("getBalances", { name: "main" });
        assert.equal(balances.find(({ asset }) => asset === "btt")?.wei, String(GIFT - SENT_WEI));
      });

      test("history tells all of a transaction, to the last digit", async () => {
        const { page } = stage;
        const row = page
          .getByRole("table", { name: say.history })
          .getByRole("row", { name: `−${SENT.slice(0, 2)}` });
        await row.getByRole("button", { name: say.details, exact: false }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText(`${SENT} BTT`).waitFor();
        await dialog.getByText(bob).waitFor();
        await dialog.getByText(say.block, { exact: true }).waitFor();
        await dialog.locator("footer").getByRole("button", { name: say.close }).click();
        await dialog.waitFor({ state: "detached" });
      });

      test("a contact is named; an address that only looks like it has to be confirmed by itself", async () => {
        const { page } = stage;
        const contacts = page.getByRole("region", { name: say.contacts }).first();
        await contacts.getByLabel(say.name, { exact: true }).fill("<b>Bob</b>");
        await contacts.getByLabel(say.address, { exact: true }).fill(bob);
        await contacts.getByRole("button", { name: say.add, exact: true }).click();
        await contacts.getByRole("cell", { name: "<b>Bob</b>", exact: true }).waitFor();

        const twin = formatEvmAddress(
          toAddress(`${bob.slice(0, 8)}${"3".repeat(28)}${bob.slice(-6)}`.toLowerCase()),
        );
        await page.getByRole("button", { name: say.send, exact: true }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.recipient, { exact: true }).fill(twin);
        await dialog.getByLabel(say.amount, { exact: true }).fill("1");
        await dialog.getByRole("button", { name: say.review }).click();
        await dialog.getByText(say.sendWarnings["look-alike"]).waitFor();
        await dialog.getByRole("alert").getByText(bob).waitFor();
        const sign = dialog.getByRole("button", { name: say.signAndSend });
        assert.ok(await sign.isDisabled(), "it is not waved through with the rest");
        await dialog.getByLabel(say.understood).check();
        assert.ok(await sign.isEnabled());
        await dialog.getByRole("button", { name: say.goBack }).click();
        await dialog.getByLabel(say.recipient, { exact: true }).fill(bob);
        await dialog.getByRole("button", { name: say.review }).click();
        await dialog.getByText("<b>Bob</b>").first().waitFor();
        assert.equal(await dialog.getByRole("alert").count(), 0, "Bob is known by now");
        await dialog.getByRole("button", { name: say.cancel }).click();
        assert.equal(await btt(twin), 0n);

        await contacts.getByRole("button", { name: say.removeThis("<b>Bob</b>") }).click();
        await contacts.getByText(say.noContacts).waitFor();
      });

      test("an address with a wrong letter is refused in the page's language", async () => {
        const { page } = stage;
        await page.getByRole("button", { name: say.send, exact: true }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.recipient, { exact: true }).fill(WRONG_LETTER);
        await dialog.getByLabel(say.amount, { exact: true }).fill("1");
        await dialog.getByRole("button", { name: say.review }).click();
        const alert = dialog.getByRole("alert");
        await alert.waitFor();
        const text = (await alert.textContent()) ?? "";
        if (language === "ja") assert.equal(text, say.problems!["bad-address"]({}));
        else assert.match(text, /address|checksum/i);
        await dialog.getByRole("button", { name: say.cancel }).click();
      });

      test("locking takes the keys away at once", async () => {
        const { page, client } = stage;
        await page.getByRole("button", { name: say.lockNow }).click();
        await page.getByText(say.walletLocked).waitFor();
        const { wallets } = await client.call("listWallets");
        assert.equal(wallets[0]?.isUnlocked, false);
        const refused = stage.complaints.filter((text) => !/status of 4\d\d/.test(text));
        assert.deepEqual(refused, []);
      });
    });
  }
});

/** As a reader sees it: each dark square of the code. */
function darkModulesOf(text: string): { readonly path: string; readonly box: string } {
  const code = createQrCode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const places = Array.from({ length: size * size }, (_, place) => [
    place % size,
    Math.floor(place / size),
  ]);
  const dark = places.filter(([column, row]) => code.isDark(row!, column!));
  return {
    path: dark.map(([column, row]) => `M${column} ${row}h1v1h-1z`).join(""),
    box: `0 0 ${size} ${size}`,
  };
}
