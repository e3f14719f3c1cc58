/**
 * Takes pictures of the web interface for the documents: `node scripts/screenshots.ts [en|ja]`, in both languages when none is
 * named; the main screens alone in Japanese. A daemon of its own runs, with torrents whose content is made here, and the
 * sample swarm for what has to do with money.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { EMBEDDED_BTT_ADDRESS } from "@shoal/chain";
import { fillDaemon } from "../e2e/web/fill-daemon.ts";
import { addKeyWallet } from "../e2e/web/key-wallet.ts";
import { callAsSite, transferData } from "../e2e/web/site-caller.ts";
import { openWebStage, PASSWORD, type WebStage } from "../e2e/web/web-stage.ts";
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
const JAPANESE_SCREENS = ["speed", "earnings", "rewards", "settings/queue"];
/** Where a node of somebody's own would have it, in place of this one's passing folder. */
const SHOWN_HOME = "/home/mika/.local/share/shoal";

type Language = "en" | "ja";

/** What the page says, as far as it is pressed here. The page's sources are not those of Node. */
interface Said {
  readonly begin: string;
  readonly newPassword: string;
  readonly passwordAgain: string;
  readonly next: string;
  readonly makeWallet: string;
  readonly writeWordsDown: string;
  readonly wordsWritten: string;
  readonly wordNumber: (number: number) => string;
  readonly startSample: string;
  readonly payments: string;
  readonly skipGuide: string;
}

const catalogue = new URL("../packages/web/src/words/words.ts", import.meta.url).href;
const { english, japanese } = (await import(catalogue)) as Record<"english" | "japanese", Said>;
const SAYS: Readonly<Record<Language, Said>> = { en: english, ja: japanese };

const wanted = process.argv[2];
if (wanted !== "ja") {
  await shootGuide("en");
  await shootSites();
  const size = { language: "en", width: 1280, height: 800 } as const;
  await shootScreens({ ...size, isDark: false }, "", SCREENS);
  await shootScreens({ ...size, isDark: true }, "-dark", DARK_SCREENS);
  await shootScreens({ ...size, isDark: true, width: 390, height: 844 }, "-narrow", []);
}
if (wanted !== "en") {
  await shootGuide("ja");
  const size = { language: "ja", width: 1280, height: 800 } as const;
  await shootScreens({ ...size, isDark: false }, "", JAPANESE_SCREENS);
  await shootScreens({ ...size, isDark: true, width: 390, height: 844 }, "-narrow", []);
}

async function shoot(page: Page, name: string, language: Language = "en"): Promise<void> {
  const folder = language === "en" ? OUT : join(OUT, language);
  await mkdir(folder, { recursive: true });
  await page.waitForTimeout(700);
  await writeFile(join(folder, `${name}.png`), await page.screenshot());
  console.error(language, name);
}

/** Shows paths as they would be, for whoever looks at the pictures. */
async function nameFolders({ context, home }: WebStage): Promise<void> {
  const data = join(home, "data");
  await context.route(/\/api\/v1\/(?:node|settings|torrents\/[0-9a-f]{40})$/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(data, SHOWN_HOME);
    await route.fulfill({ response, body });
  });
}

async function shootGuide(language: Language): Promise<void> {
  const stage = await openWebStage({ language, isGuideOver: false });
  const say = SAYS[language];
  try {
    const { page, daemon } = stage;
    await nameFolders(stage);
    const take = async (name: string): Promise<void> => shoot(page, name, language);
    await page.goto(daemon.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await take("guide-welcome");
    await page.getByRole("button", { name: say.begin }).click();
    await page.getByLabel(say.newPassword).fill(PASSWORD);
    await page.getByLabel(say.passwordAgain).fill(PASSWORD);
    await page.getByRole("button", { name: say.next }).click();
    await page.getByRole("button", { name: say.makeWallet }).waitFor();
    await take("guide-wallet");
    await page.getByRole("button", { name: say.makeWallet }).click();
    await page.getByText(say.writeWordsDown).waitFor();
    await take("guide-words");
    const words = await page.locator(".seed-words li").allTextContents();
    await page.getByRole("button", { name: say.wordsWritten }).click();
    for (const [place, word] of words.entries()) {
      const field = page.getByLabel(say.wordNumber(place + 1), { exact: true });
      if ((await field.count()) === 1) await field.fill(word);
    }
    for (let step = 0; step < 3; step++) {
      await page.getByRole("button", { name: say.next }).click();
      await page.waitForTimeout(800);
    }
    await take("guide-try");
    await page.getByRole("button", { name: say.startSample }).click();
    await page.getByRole("table", { name: say.payments }).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(4000);
    await take("guide-sample");
    await page.getByRole("button", { name: say.skipGuide }).click();
    await page.getByRole("grid").waitFor();
    await page.goto(`${daemon.url}#/trading`);
    await take("trading-live");
    await page.goto(`${daemon.url}#/wallet`);
    await take("wallet-funded");
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
  size: {
    readonly language: Language;
    readonly isDark: boolean;
    readonly width: number;
    readonly height: number;
  },
  suffix: string,
  screens: readonly string[],
): Promise<void> {
  const stage = await openWebStage(size);
  try {
    const { page, daemon } = stage;
    await nameFolders(stage);
    const take = async (name: string): Promise<void> => shoot(page, name, size.language);
    const { infoHash } = await fillDaemon(stage);
    await page.goto(daemon.url);
    await page.getByRole("grid").waitFor();
    // What is there of them has to be found first.
    await page.waitForTimeout(4000);
    await take(`torrents${suffix === "" ? "-light" : suffix}`);
    await page.goto(`${daemon.url}#/torrents/${infoHash}`);
    await take(`torrent${suffix}`);
    if (suffix === "-narrow") return;
    await page.goto(`${daemon.url}#/torrents/${infoHash}/pieces`);
    await take(`pieces${suffix}`);
    for (const screen of screens) {
      await page.goto(`${daemon.url}#/${screen}`);
      await take(screen.replace("/", "-") + suffix);
    }
  } finally {
    await stage.close();
  }
}
