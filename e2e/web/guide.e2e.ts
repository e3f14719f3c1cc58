import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import type { Page } from "playwright-core";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { CHROMIUM, noChromium, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

suite("guided start in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: it ends with a download that was paid for, and leaks no key`, async () => {
      const stage = await openWebStage({ language, isGuideOver: false });
      try {
        const { page, client } = stage;
        await goThroughGuide(stage, say);
        await page.getByRole("row", { name: "shoal-sample-play-money" }).waitFor();
        const { buying } = await client.call("getTrading");
        assert.ok(BigInt(buying.paidWei) > 0n);
        const { balances } = await client.call("getBalances", { name: "main" });
        const btt = balances.find(({ asset }) => asset === "btt")!;
        const all = BigInt(btt.wei) + BigInt(btt.channelWei) + BigInt(buying.paidWei);
        assert.equal(all, 10_000n * 10n ** 18n, "what was given once, less what was paid");
        assert.deepEqual(await keysInStorage(page), []);
        assert.deepEqual(stage.complaints, []);
        // It has ended, here and for everybody else.
        await page.reload();
        await page.getByRole("grid").waitFor();
        assert.equal((await client.call("getNode")).isFirstRun, false);
      } finally {
        await stage.close();
      }
    });

    test(`${language}: it goes on after a reload and in a second browser, at the step that is open`, async () => {
      const stage = await openWebStage({ language, isGuideOver: false });
      try {
        const { page, daemon, client } = stage;
        const at = async (where: Page, step: keyof typeof say.guideTitles): Promise<void> =>
          await where.getByRole("heading", { level: 1, name: say.guideTitles[step] }).waitFor();
        await page.goto(daemon.url);
        await at(page, "welcome");
        await page.getByRole("button", { name: say.begin }).click();
        await page.reload();
        await at(page, "password");
        await page.getByLabel(say.newPassword).fill(PASSWORD);
        await page.getByLabel(say.passwordAgain).fill(PASSWORD);
        await page.getByRole("button", { name: say.next }).click();
        await at(page, "wallet");
        await page.reload();
        await at(page, "wallet");
        await page.getByLabel(say.walletPassword).fill(PASSWORD);
        await page.getByRole("button", { name: say.makeWallet }).click();
        await page.getByText(say.writeWordsDown).waitFor();
        // The words are gone with the page; whoever has them on paper takes the wallet as it is.
        await page.reload();
        await page.getByRole("heading", { name: say.walletIsThere("main") }).waitFor();
        assert.equal(await page.getByLabel(say.walletName).inputValue(), "main-2");
        await page.getByRole("button", { name: say.useWallet }).click();
        await at(page, "folder");
        await page.getByRole("button", { name: say.next }).click();
        await at(page, "sell");
        await page.reload();
        await at(page, "sell");

        const other = await stage.visitAnew();
        await other.getByLabel(say.password, { exact: true }).fill(PASSWORD);
        await other.getByRole("button", { name: say.signIn }).click();
        await at(other, "folder");
        await other.getByRole("button", { name: say.skipGuide }).click();
        await other.getByText(say.noTorrents).waitFor();
        await page.reload();
        await page.getByText(say.noTorrents).waitFor();
        const { balances } = await client.call("getBalances", { name: "main" });
        assert.ok(balances.some(({ wei }) => wei === String(10_000n * 10n ** 18n)));
      } finally {
        await stage.close();
      }
    });
  }
});

async function goThroughGuide(
  { page, daemon, answers }: WebStage,
  say: typeof english,
): Promise<void> {
  await page.goto(daemon.url);
  await page.getByRole("button", { name: say.begin }).click();
  await page.getByLabel(say.newPassword).fill(PASSWORD);
  await page.getByLabel(say.passwordAgain).fill(PASSWORD);
  await assertAccessible(page, "password");
  await page.getByRole("button", { name: say.next }).click();
  await page.getByRole("button", { name: say.makeWallet }).click();
  await page.getByText(say.writeWordsDown).waitFor();
  const words = await page.locator(".seed-words li").allTextContents();
  assert.ok(words.length === 12 || words.length === 24);
  await assertAccessible(page, "words");
  await page.getByRole("button", { name: say.wordsWritten }).click();
  for (let place = 0; place < words.length; place++) {
    const field = page.getByLabel(say.wordNumber(place + 1), { exact: true });
    if ((await field.count()) === 1) await field.fill(words[place] ?? "");
  }
  await page.getByRole("button", { name: say.next }).click();
  await page.getByLabel(say.downloadFolder).waitFor();
  await page.getByRole("button", { name: say.next }).click();
  await page.getByText(say.riskSelling).waitFor();
  await page.getByRole("button", { name: say.next }).click();
  await page.getByRole("button", { name: say.startSample }).click();
  await page.getByRole("table", { name: say.payments }).waitFor();
  await assertAccessible(page, "paid download");
  await page.getByText(say.sampleDone).waitFor({ timeout: 120_000 });
  await page.getByRole("button", { name: say.toTorrents }).click();
  await page.getByRole("link", { name: say.wallet }).click();
  await page.getByText(say.receive, { exact: true }).waitFor();
  const text = words.join(" ");
  const told = answers.filter((answer) => answer.text.includes(text)).map(({ path }) => path);
  assert.deepEqual(told, ["/api/v1/wallets"], "the words come once, where they are made");
  assert.doesNotMatch(
    answers.flatMap(({ path, text }) => (path.startsWith("/api/") ? [text] : [])).join("\n"),
    /private.?key|mnemonic|seed phrase/i,
  );
  const stored = await page.evaluate(
    () => JSON.stringify(localStorage) + JSON.stringify(sessionStorage),
  );
  assert.ok(!stored.includes(words[0] ?? "") || !stored.includes(words[1] ?? ""));
  await page.goto(`${daemon.url}#/torrents`);
}

async function keysInStorage(page: Page): Promise<string[]> {
  const names = await page.evaluate(() => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
  ]);
  return names.filter((name) => !["shoal.guide", "shoal.preferences"].includes(name));
}
