/**
 * Takes pictures of the web interface for the documents: `node scripts/screenshots.ts`. A daemon of its own runs, with
 * torrents whose content is made here, and the sample swarm for what has to do with money.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { EMBEDDED_BTT_ADDRESS } from "@shoal/chain";
import { fillDaemon } from "../e2e/web/fill-daemon.ts";
import { addKeyWallet } from "../e2e/web/key-wallet.ts";
import { callAsSite, transferData } from "../e2e/web/site-caller.ts";
import { openWebStage, PASSWORD } from "../e2e/web/web-stage.ts";
import { root } from "./pinned-node.mjs";

const OUT = join(root, "docs", "screens");
const SCREENS = [
  "speed",
  "wallet",
  "earnings",
  "trading",
  "rewards",
  "settings/queue",
  "settings/access",
  "log",
];
/** The others look the same but for their colours. */
const DARK_SCREENS = ["speed", "trading", "settings/access"];

await mkdir(OUT, { recursive: true });
await shootGuide();
await shootSites();
await shootScreens({ isDark: false, width: 1280, height: 800 }, "");
await shootScreens({ isDark: true, width: 1280, height: 800 }, "-dark");
await shootScreens({ isDark: true, width: 390, height: 844 }, "-narrow");

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(700);
  await writeFile(join(OUT, `${name}.png`), await page.screenshot());
  console.error(name);
}

async function shootGuide(): Promise<void> {
  const stage = await openWebStage({ language: "en", isGuideOver: false });
  try {
    const { page, daemon } = stage;
    await page.goto(daemon.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await shoot(page, "guide-welcome");
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByLabel("Again").fill(PASSWORD);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("Make a new wallet").waitFor();
    await shoot(page, "guide-wallet");
    await page.getByRole("button", { name: "Make a wallet" }).click();
    await page.getByText("Write these words down").waitFor();
    await shoot(page, "guide-words");
    const words = await page.locator(".seed-words li").allTextContents();
    await page.getByRole("button", { name: "I have written them down" }).click();
    for (const [place, word] of words.entries()) {
      const field = page.getByLabel(`Word ${place + 1}`, { exact: true });
      if ((await field.count()) === 1) await field.fill(word);
    }
    for (let step = 0; step < 3; step++) {
      await page.getByRole("button", { name: "Next" }).click();
      await page.waitForTimeout(800);
    }
    await shoot(page, "guide-try");
    await page.getByRole("button", { name: "Start the sample" }).click();
    await page.getByRole("table", { name: "Payments, live" }).waitFor({ timeout: 60_000 });
    await shoot(page, "guide-sample");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.goto(`${daemon.url}#/trading`);
    await shoot(page, "trading-live");
    await page.goto(`${daemon.url}#/wallet`);
    await shoot(page, "wallet-funded");
  } finally {
    await stage.close();
  }
}

/** What sites ask for, and a wallet of the browser beside the node's. */
async function shootSites(): Promise<void> {
  const stage = await openWebStage({ language: "en" });
  try {
    const { page, daemon, client, context } = stage;
    const friend = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    const outside = await addKeyWallet(context, "Key Wallet");
    await client.call("createWallet", { name: "main", password: PASSWORD });
    await client.call("unlockWallet", { name: "main", password: PASSWORD, minutes: 60 });
    await client.call("askFaucet", { name: "main" });
    await client.call("askAddressFaucet", { network: "embedded", address: outside.address });
    const contact = { name: "main", address: friend, label: "Mika", network: "embedded" };
    await client.call("setContact", contact);
    await page.goto(`${daemon.url}#/sites`);
    const site = callAsSite(daemon, "https://tips.example");
    const connected = site.ask("eth_requestAccounts");
    await page.getByRole("dialog").waitFor();
    await shoot(page, "sites-connect");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    const [from] = (await connected).result as [string];
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await shoot(page, "sites");
    const data = transferData(friend, 5n * 10n ** 18n);
    const asked = site.ask("eth_sendTransaction", [{ from, to: EMBEDDED_BTT_ADDRESS, data }]);
    await page.getByRole("dialog").waitFor();
    await shoot(page, "sites-transaction");
    const window = await context.newPage();
    await window.setViewportSize({ width: 440, height: 720 });
    await window.goto(`${daemon.url}#/sites?window`);
    await window.getByRole("button", { name: "Refuse" }).waitFor();
    await shoot(window, "sites-window");
    await page.getByRole("button", { name: "Refuse" }).click();
    await asked;
    await page.goto(`${daemon.url}#/wallet`);
    await page.getByRole("button", { name: "Key Wallet", exact: true }).click();
    await page.getByRole("button", { name: "Connect Key Wallet", exact: true }).click();
    await page.getByRole("row").nth(1).waitFor();
    await shoot(page, "wallet-outside");
  } finally {
    await stage.close();
  }
}

async function shootScreens(
  size: { readonly isDark: boolean; readonly width: number; readonly height: number },
  suffix: string,
): Promise<void> {
  const stage = await openWebStage({ language: "en", ...size });
  try {
    const { page, daemon } = stage;
    const { infoHash } = await fillDaemon(stage);
    await page.goto(daemon.url);
    await page.getByRole("grid").waitFor();
    // What is there of them has to be found first.
    await page.waitForTimeout(4000);
    await shoot(page, `torrents${suffix === "" ? "-light" : suffix}`);
    await page.goto(`${daemon.url}#/torrents/${infoHash}`);
    await shoot(page, `torrent${suffix}`);
    if (suffix === "-narrow") return;
    await page.goto(`${daemon.url}#/torrents/${infoHash}/pieces`);
    await shoot(page, `pieces${suffix}`);
    for (const screen of suffix === "" ? SCREENS : DARK_SCREENS) {
      await page.goto(`${daemon.url}#/${screen}`);
      await shoot(page, screen.replace("/", "-") + suffix);
    }
  } finally {
    await stage.close();
  }
}
