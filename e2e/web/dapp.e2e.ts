import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import type { Page } from "playwright-core";
import { type ServedExample, serveTipJar } from "../../examples/tip-jar/serve.ts";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { addKeyWallet } from "./key-wallet.ts";
import { CHROMIUM, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

const BTT = 10n ** 18n;
const RECIPIENT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const network = "embedded";

suite("a dApp with Shoal's wallet", { skip: !existsSync(CHROMIUM) }, () => {
  const served: ServedExample[] = [];
  const theExample = (): ServedExample => served[0] ?? assert.fail("it is not served");
  before(async () => {
    served.push(await serveTipJar(0));
  });
  after(() => theExample().close());

  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: it connects, pays to the wei, signs, hears no, and is disconnected`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { client, daemon, page } = stage;
        const example = theExample();
        const words = await makeWallet(stage);
        const told = listenIn(stage);
        const dapp = await openTipJar(stage, example);

        const connecting = await popUpOf(dapp, () => choose(dapp, "Shoal"));
        await connecting.getByText(new URL(example.url).host).waitFor();
        await assertAccessible(connecting, "connect");
        await answer(connecting, say.siteAllow.connect);
        await logged(dapp, "Connected to Shoal.");
        await dapp.getByText("10000 BTT").waitFor();

        await dapp.getByLabel("BTT").fill("2.000000000000000001");
        const paying = await popUpOf(dapp, () =>
          dapp.getByRole("button", { name: "Send the tip" }).click(),
        );
        await paying.getByText("−2.000000000000000001 BTT").waitFor();
        await paying.getByText(say.siteWarnings["first-time"]).waitFor();
        await paying.emulateMedia({ colorScheme: "dark" });
        await assertAccessible(paying, "transaction, dark");
        await answer(paying, say.siteAllow.transaction);
        await logged(dapp, "The tip is in block");
        const { balances } = await client.call("getAddressBalances", {
          ...{ network, address: RECIPIENT },
        });
        const arrived = balances.find(({ asset }) => asset === "btt")?.wei;
        assert.equal(arrived, String(2n * BTT + 1n));

        const refused = await popUpOf(dapp, () =>
          dapp.getByRole("button", { name: "Sign in" }).click(),
        );
        await answer(refused, say.refuse);
        await logged(dapp, "You said no in the wallet. Nothing was signed.");

        await page.goto(`${daemon.url}#/torrents`);
        await dapp.getByRole("button", { name: "Sign a thank-you note" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText("Thank you for seeding!").waitFor();
        await answer(page, say.siteAllow["typed-data"]);
        await logged(dapp, "The note is signed.");

        await page.goto(`${daemon.url}#/sites`);
        const { host, origin } = new URL(example.url);
        await page.getByText(host).waitFor();
        await page.getByRole("button", { name: say.disconnectSite(origin) }).click();
        await assertAccessible(page, "disconnect");
        await page.getByRole("dialog").getByRole("button", { name: say.disconnect }).click();
        await logged(dapp, "The wallet has disconnected this page.");
        assert.deepEqual((await client.call("listSites")).sites, []);
        await page.getByText(say.noSites).waitFor();

        assert.ok(told.length > 0);
        assert.ok(!told.some((text) => text.includes(words)), "the words are told to nobody");
        assert.deepEqual(stage.complaints, []);
      } finally {
        await stage.close();
      }
    });
  }

  test("it works alike with a wallet of the browser", async () => {
    const stage = await openWebStage({ language: "en" });
    try {
      const { client, context, page, daemon } = stage;
      const wallet = await addKeyWallet(context, "Key Wallet");
      await client.call("askAddressFaucet", { network, address: wallet.address });
      // Shoal's page tells the wallet of the chain.
      await page.goto(`${daemon.url}#/wallet`);
      await page.getByRole("button", { name: "Key Wallet", exact: true }).click();
      await page.getByRole("button", { name: "Connect Key Wallet", exact: true }).click();
      await page.getByRole("button", { name: english.switchChain("Key Wallet") }).click();
      await page
        .getByText(english.outsideOnChain("Key Wallet", "embedded chain (play money)"))
        .waitFor();
      const dapp = await openTipJar(stage, theExample());
      await choose(dapp, "Key Wallet");
      await logged(dapp, "Connected to Key Wallet.");
      await dapp.getByRole("button", { name: "Send the tip" }).click();
      await logged(dapp, "The tip is in block");
      await dapp.getByRole("button", { name: "Sign in" }).click();
      await logged(dapp, `Signed in as ${wallet.address}.`);
      await dapp.getByRole("button", { name: "Sign a thank-you note" }).click();
      await logged(dapp, "The note is signed.");
      wallet.answer = () => false;
      await dapp.getByRole("button", { name: "Sign in" }).click();
      await logged(dapp, "You said no in the wallet. Nothing was signed.");
      await assertAccessible(dapp, "the tip jar");
    } finally {
      await stage.close();
    }
  });
});

/** @returns its words. */
async function makeWallet({ client }: WebStage): Promise<string> {
  const { words } = await client.call("createWallet", { name: "main", password: PASSWORD });
  await client.call("unlockWallet", { name: "main", password: PASSWORD, minutes: 60 });
  await client.call("askFaucet", { name: "main" });
  return words ?? assert.fail("no words");
}

async function openTipJar({ context, daemon }: WebStage, { url }: ServedExample): Promise<Page> {
  const dapp = await context.newPage();
  const options = new URLSearchParams({ shoal: daemon.url, to: RECIPIENT });
  await dapp.goto(`${url}?${options}`);
  return dapp;
}

async function choose(dapp: Page, wallet: string): Promise<void> {
  await dapp.getByRole("button", { name: wallet }).click();
}

/** The small window in which Shoal asks. */
async function popUpOf(dapp: Page, work: () => Promise<void>): Promise<Page> {
  const opened = dapp.waitForEvent("popup");
  await work();
  const window = await opened;
  await window.setViewportSize({ width: 400, height: 640 });
  await window.getByRole("heading", { level: 1 }).waitFor();
  const widest = await window.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(widest <= 400, `the window is ${widest} px wide`);
  return window;
}

/** Says yes or no; a window goes away after it. */
async function answer(page: Page, button: string): Promise<void> {
  const isWindow = page.url().includes("?");
  const closed = isWindow ? page.waitForEvent("close") : null;
  await page.getByRole("button", { name: button, exact: true }).click();
  await closed;
}

async function logged(dapp: Page, text: string): Promise<void> {
  await dapp.getByRole("log").getByText(text).first().waitFor();
}

/** Every answer that any page gets. */
function listenIn({ context }: WebStage): readonly string[] {
  const told: string[] = [];
  context.on("response", (response) => {
    if (response.url().endsWith("/events")) return;
    void response.text().then(
      (text) => told.push(text),
      () => {},
    );
  });
  return told;
}
