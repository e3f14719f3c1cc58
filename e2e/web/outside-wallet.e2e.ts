import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { addKeyWallet, type KeyWallet } from "./key-wallet.ts";
import { CHROMIUM, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

const NAME = "Key Wallet";
const BTT = 10n ** 18n;
const RECIPIENT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
/** Begins and ends as the other does. */
const LOOK_ALIKE = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1b0aed";
const network = "embedded";

suite("wallets of the browser in Shoal's page", { skip: !existsSync(CHROMIUM) }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: a wallet of the browser is connected, pays to the wei, is warned of look-alikes, and keeps its key`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, daemon, client, context } = stage;
        const wallet = await addKeyWallet(context, NAME);
        const outsider = { network, address: wallet.address };
        await page.goto(`${daemon.url}#/wallet`);
        await page.getByRole("button", { name: NAME, exact: true }).click();
        await assertAccessible(page, "not connected");
        wallet.answer = () => false;
        await page.getByRole("button", { name: say.connectTo(NAME), exact: true }).click();
        await page.getByText(say.outsideRejected(NAME)).waitFor();
        wallet.answer = () => true;
        await page.getByRole("button", { name: say.connectTo(NAME), exact: true }).click();
        await page.getByText(wallet.address).waitFor();
        await page.getByText(say.outsideOtherChain(NAME, "embedded chain (play money)")).waitFor();
        await page.getByRole("button", { name: say.faucet }).click();
        await page.getByText("10,000").first().waitFor();
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await assertAccessible(page, `connected, ${colorScheme}`);
        }

        await send(stage, say, RECIPIENT, "12.000000000000000001");
        assert.deepEqual(
          wallet.asked.map(({ method }) => method).filter((method) => method.startsWith("wallet_")),
          ["wallet_switchEthereumChain", "wallet_addEthereumChain", "wallet_switchEthereumChain"],
          "it was told of the chain before it signed",
        );
        await page.getByText(say.outsideOnChain(NAME, "embedded chain (play money)")).waitFor();
        await page.getByText(say.transactionStates.final).first().waitFor();
        const { balances } = await client.call("getAddressBalances", {
          ...{ network, address: RECIPIENT },
        });
        const arrived = balances.find(({ asset }) => asset === "btt")?.wei;
        assert.equal(arrived, String(12n * BTT + 1n));
        const { transactions } = await client.call("getAddressHistory", outsider);
        const sent = transactions.find(({ direction }) => direction === "out");
        await page.locator(`code[title="${sent?.id}"]`).waitFor();

        await fillSend(stage, say, LOOK_ALIKE, "1");
        const dialog = page.getByRole("dialog");
        await dialog.getByText(say.sendWarnings["look-alike"]).waitFor();
        await assertAccessible(page, "look-alike");
        const pay = dialog.getByRole("button", { name: say.continueIn(NAME) });
        assert.ok(await pay.isDisabled(), "not before it was confirmed by itself");
        await dialog.getByLabel(say.understood).check();
        wallet.answer = ({ method }) => method !== "eth_sendTransaction";
        await pay.click();
        await dialog.getByText(say.outsideRejected(NAME)).waitFor();
        const after = (await client.call("getAddressHistory", outsider)).transactions;
        assert.equal(after.length, transactions.length, "nothing was sent");
        await page.keyboard.press("Escape");

        await wallet.tellAccounts(page, []);
        await page.getByText(say.outsideNotConnected(NAME)).waitFor();
        assertNoKey(stage, wallet);
        assert.deepEqual(stage.complaints, []);
      } finally {
        await stage.close();
      }
    });

    test(`${language}: the guided start funds the node's wallet from the browser's`, async () => {
      const stage = await openWebStage({ language, isGuideOver: false });
      try {
        const { page, daemon, client, context } = stage;
        const wallet = await addKeyWallet(context, NAME);
        const window = await context.newPage();
        await window.goto(`${daemon.url}#/sites?window`);
        await window.getByText(say.sitesNeedWallet).waitFor();
        await assertAccessible(window, "a site's window before there is a password");
        await window.close();
        await page.goto(daemon.url);
        await page.getByRole("button", { name: say.begin }).click();
        await page.getByLabel(say.newPassword).fill(PASSWORD);
        await page.getByLabel(say.passwordAgain).fill(PASSWORD);
        await page.getByRole("button", { name: say.next }).click();
        await page.getByText(say.walletModeOutside).click();
        await page.getByRole("button", { name: say.connectTo(NAME), exact: true }).click();
        await page.getByText(say.outsideChosen(NAME)).waitFor();
        await assertAccessible(page, "a wallet of the browser chosen");
        await page.getByRole("button", { name: say.makeWallet }).click();
        await passWords(stage, say);
        await page.getByText(say.fundStep(NAME)).waitFor();
        await assertAccessible(page, "fund step");
        await page.getByRole("button", { name: say.fundNow(NAME) }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByRole("button", { name: say.faucet }).click();
        await dialog.getByLabel(say.amount, { exact: true }).fill("3");
        await dialog.getByRole("button", { name: say.review }).click();
        await dialog.getByText(say.signsOutside(NAME)).waitFor();
        await assertAccessible(page, "fund dialog");
        await dialog.getByRole("button", { name: say.continueIn(NAME) }).click();
        await page.getByLabel(say.downloadFolder).waitFor();
        const outsider = { network, address: wallet.address };
        const { transactions } = await client.call("getAddressHistory", outsider);
        const [{ address: own } = assert.fail("no wallet")] = (
          await client.call("listWallets")
        ).wallets.map(({ accounts }) => ({ address: accounts[0]!.addresses["evm"] }));
        const paid = transactions.find(({ direction }) => direction === "out");
        assert.deepEqual([paid?.counterparty, paid?.wei], [own, String(3n * BTT)]);
        const { contacts } = await client.call("listContacts", { name: "main" });
        assert.deepEqual(
          contacts.map(({ name, address }) => [name, address]),
          [[NAME, wallet.address.toLowerCase()]],
          "earnings find the way back",
        );
        assertNoKey(stage, wallet);
      } finally {
        await stage.close();
      }
    });
  }
});

async function fillSend(
  { page }: WebStage,
  say: typeof english,
  to: string,
  amount: string,
): Promise<void> {
  await page.getByRole("button", { name: say.send, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(say.recipient, { exact: true }).fill(to);
  await dialog.getByLabel(say.amount, { exact: true }).fill(amount);
  await dialog.getByRole("button", { name: say.review }).click();
  await dialog.getByText(say.signsOutside(NAME)).waitFor();
}

async function send(
  stage: WebStage,
  say: typeof english,
  to: string,
  amount: string,
): Promise<void> {
  await fillSend(stage, say, to, amount);
  const dialog = stage.page.getByRole("dialog");
  await dialog.getByText(say.sendWarnings["first-time"]).waitFor();
  await assertAccessible(stage.page, "review");
  await dialog.getByRole("button", { name: say.continueIn(NAME) }).click();
  await dialog.waitFor({ state: "detached" });
}

async function passWords({ page }: WebStage, say: typeof english): Promise<void> {
  await page.getByText(say.writeWordsDown).waitFor();
  const words = await page.locator(".seed-words li").allTextContents();
  await page.getByRole("button", { name: say.wordsWritten }).click();
  for (const [place, word] of words.entries()) {
    const field = page.getByLabel(say.wordNumber(place + 1), { exact: true });
    if ((await field.count()) === 1) await field.fill(word);
  }
  await page.getByRole("button", { name: say.next }).click();
}

/** Neither answers nor what the page asks hold the key. */
function assertNoKey({ answers }: WebStage, { privateKey, asked }: KeyWallet): void {
  const text = answers.map((answer) => answer.text).join("\n") + JSON.stringify(asked);
  assert.ok(!text.includes(privateKey.slice(2)));
}
