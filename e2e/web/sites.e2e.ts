import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import { EMBEDDED_BTT_ADDRESS } from "@shoal/chain";
import { describeCode } from "../../packages/web/src/words/describe-problem.ts";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { callAsSite, type SiteCaller, transferData } from "./site-caller.ts";
import { CHROMIUM, openWebStage, PASSWORD, type WebStage } from "./web-stage.ts";

const RECIPIENT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const HOSTILE = "<img src=x onerror=alert(1)> pay \u202eecila now";
const ORIGIN = "https://xn--80ak6aa92e.example";

suite("what web sites ask, in Shoal's page", { skip: !existsSync(CHROMIUM) }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: requests are readable, in line, and signed only after all of it was seen and confirmed`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, client } = stage;
        const { site, address } = await connect(stage, say);
        const dialog = page.getByRole("dialog");
        const yes = (kind: keyof typeof say.siteAllow) =>
          dialog.getByRole("button", { name: say.siteAllow[kind], exact: true });

        // Text of a site is text, and shows what is in it.
        const hostile = site.ask("personal_sign", [hexOf(HOSTILE), address]);
        await dialog.getByText("<img src=x onerror=alert(1)>").waitFor();
        assert.equal(await page.locator("img[src=x]").count(), 0);
        assert.doesNotMatch(await dialog.innerText(), /\u202e/);
        await assertAccessible(page, "hostile message");
        assert.ok(await yes("message").isDisabled(), "grave warnings are confirmed first");
        await dialog.getByRole("button", { name: say.refuse, exact: true }).click();
        assert.equal((await hostile).error?.code, 4001);

        // A sign-in for another site.
        const siwe = site.ask("personal_sign", [hexOf(signIn("bank.example", address)), address]);
        await dialog.getByText(say.siteWarnings["other-domain"]).waitFor();
        await assertAccessible(page, "sign-in for another site");
        await client.call("lockWallet", { name: "main" });
        await page.reload();
        await dialog.getByText(say.unlockForThis).waitFor();
        for (const box of await dialog.getByLabel(say.understoodThis).all()) await box.check();
        assert.ok(await yes("message").isDisabled(), "a locked wallet asks for its password");
        await dialog.getByLabel(say.walletPassword).fill("not this one");
        await yes("message").click();
        await dialog
          .getByText(describeCode("wrong-password", "That is not the password.", say))
          .waitFor();
        await dialog.getByLabel(say.walletPassword).fill(PASSWORD);
        await yes("message").click();
        assert.match(String((await siwe).result), /^0x[0-9a-f]{130}$/);
        const { wallets } = await client.call("listWallets");
        assert.equal(wallets[0]?.isUnlocked, false, "for this one alone");
        await dialog.waitFor({ state: "detached" });

        // Two wait, put off and taken up again.
        const first = site.ask("personal_sign", [hexOf("first"), address]);
        await dialog.getByText("first", { exact: true }).waitFor();
        const data = transferData(RECIPIENT, 3n);
        const call = { from: address, to: EMBEDDED_BTT_ADDRESS, data };
        const second = site.ask("eth_sendTransaction", [call]);
        await dialog.getByText(say.moreWaiting(1)).waitFor();
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
        await page.goto(`${stage.daemon.url}#/sites`);
        await dialog.getByText("first", { exact: true }).waitFor();
        await dialog.getByRole("button", { name: say.refuseAll }).click();
        assert.deepEqual([(await first).error?.code, (await second).error?.code], [4001, 4001]);
        assert.equal((await client.call("listSiteRequests")).requests.length, 0);
        // The password that was wrong.
        const complaints = stage.complaints.filter((text) => !text.includes("status of 422"));
        assert.deepEqual(complaints, []);
      } finally {
        await stage.close();
      }
    });
  }

  test("a click that was meant for what was there before signs nothing", async () => {
    const stage = await openWebStage({ language: "en" });
    try {
      const { page } = stage;
      const { site, address } = await connect(stage, english);
      await page.clock.install();
      await page.goto(`${stage.daemon.url}#/torrents`);
      const asked = site.ask("personal_sign", [hexOf("hello"), address]);
      const dialog = page.getByRole("dialog");
      await page.clock.runFor(100);
      await dialog.waitFor();
      const buttons = [english.siteAllow.message, english.refuse].map((name) =>
        dialog.getByRole("button", { name, exact: true }),
      );
      for (const button of buttons) assert.ok(await button.isDisabled());
      await page.clock.runFor(300);
      await page.evaluate("dispatchEvent(new Event('focus'))");
      await page.clock.runFor(300);
      for (const button of buttons) assert.ok(await button.isDisabled(), "it began again");
      await page.clock.runFor(300);
      for (const button of buttons) assert.ok(await button.isEnabled());
      await buttons[1]!.click();
      assert.equal((await asked).error?.code, 4001);
    } finally {
      await stage.close();
    }
  });
});

/** A site that has been let in, through the page. */
async function connect(
  { page, client, daemon }: WebStage,
  say: typeof english,
): Promise<{ readonly site: SiteCaller; readonly address: string }> {
  await client.call("createWallet", { name: "main", password: PASSWORD });
  await client.call("unlockWallet", { name: "main", password: PASSWORD, minutes: 60 });
  await client.call("askFaucet", { name: "main" });
  await page.goto(`${daemon.url}#/log`);
  const site = callAsSite(daemon, ORIGIN);
  const asked = site.ask("eth_requestAccounts");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("xn--80ak6aa92e.example").waitFor();
  await assertAccessible(page, "connect");
  await dialog.getByRole("button", { name: say.siteAllow.connect, exact: true }).click();
  const { result } = await asked;
  await dialog.waitFor({ state: "detached" });
  return { site, address: (result as string[])[0]! };
}

function hexOf(text: string): string {
  return `0x${Buffer.from(text).toString("hex")}`;
}

/** @see EIP-4361 */
function signIn(domain: string, address: string): string {
  return [
    `${domain} wants you to sign in with your Ethereum account:`,
    address,
    "",
    "Sign in.",
    "",
    `URI: https://${domain}`,
    "Version: 1",
    "Chain ID: 1",
    "Nonce: 0123456789abcdef",
    `Issued At: ${new Date().toISOString()}`,
  ].join("\n");
}
