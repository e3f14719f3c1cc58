import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { webFolder } from "@shoal/web";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { HOSTILE_NAME, hostileTorrent } from "./hostile-torrent.ts";
import { CHROMIUM, noChromium, openWebStage } from "./web-stage.ts";

const SCREENS = [
  "torrents",
  "speed",
  "feeds",
  "wallet",
  "earnings",
  "trading",
  "rewards",
  "sites",
  "settings/downloads",
  "settings/network",
  "settings/access",
  "settings/upkeep",
  "log",
];

suite("web interface in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: every screen passes the checks of axe, in light and dark`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, daemon } = stage;
        for (const screen of SCREENS) {
          await page.goto(`${daemon.url}#/${screen}`);
          await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            await page.evaluate(
              "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
            );
            await assertAccessible(page, `${screen}, ${colorScheme}`);
          }
        }
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        assert.deepEqual(stage.complaints, []);
      } finally {
        await stage.close();
      }
    });

    test(`${language}: a torrent is added from a file, looked into and removed; its names are text`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, daemon } = stage;
        await page.goto(daemon.url);
        await page.getByRole("button", { name: say.addTorrents }).click();
        const dialog = page.getByRole("dialog");
        await dialog.locator("input[type=file]").setInputFiles({
          name: "hostile.torrent",
          mimeType: "application/x-bittorrent",
          buffer: Buffer.from(hostileTorrent()),
        });
        await dialog.getByText("<script>alert(1)<script>.mkv").waitFor();
        await assertAccessible(page, "add dialog");
        await dialog.getByRole("button", { name: say.add, exact: true }).click();
        await dialog.waitFor({ state: "detached" });
        await page.getByRole("row", { name: HOSTILE_NAME }).waitFor();
        await page.getByRole("link", { name: HOSTILE_NAME }).click();
        await page.getByRole("heading", { level: 1, name: HOSTILE_NAME }).waitFor();
        for (const tab of ["overview", "files", "pieces", "peers", "sources"] as const) {
          await page.getByRole("link", { name: say.tabs[tab], exact: true }).click();
          await page.locator(`a[aria-current=page]`, { hasText: say.tabs[tab] }).waitFor();
          await assertAccessible(page, tab);
        }
        assert.equal(await page.locator("img[src=x], script:not([src])").count(), 0);
        assert.doesNotMatch(await page.title(), /taken/);
        await page.getByRole("button", { name: say.moreActions }).click();
        await page.getByRole("button", { name: say.remove, exact: true }).click();
        await page
          .getByRole("dialog")
          .getByRole("button", { name: say.remove, exact: true })
          .click();
        await page.getByText(say.noTorrents).waitFor();
        // What the page was asking of the torrent while it was removed is answered 404.
        const complaints = stage.complaints.filter((text) => !text.includes("status of 404"));
        assert.deepEqual(complaints, []);
      } finally {
        await stage.close();
      }
    });

    test(`${language}: the keyboard alone selects, opens and asks before it removes`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, daemon, client } = stage;
        const torrentFile = Buffer.from(hostileTorrent()).toString("base64");
        await client.call("addTorrent", { source: { torrentFile }, paused: true });
        await page.goto(daemon.url);
        await page.getByRole("row", { name: HOSTILE_NAME }).waitFor();
        await page.getByRole("grid").focus();
        await page.keyboard.press("ArrowDown");
        await page.locator("[role=row][aria-selected=true]").waitFor();
        await page.keyboard.press("Delete");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByRole("grid").focus();
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { level: 1, name: HOSTILE_NAME }).waitFor();
      } finally {
        await stage.close();
      }
    });

    test(`${language}: a limit that is set in place holds in the daemon`, async () => {
      const stage = await openWebStage({ language });
      try {
        const { page, daemon, client } = stage;
        await page.goto(`${daemon.url}#/speed`);
        await page.getByLabel(say.uploadLimit, { exact: true }).fill("300 KiB");
        await page.getByRole("button", { name: say.save }).click();
        await page.getByText(say.saved).waitFor();
        assert.equal((await client.call("getTransfer")).uploadLimit, 300 * 1024);
      } finally {
        await stage.close();
      }
    });

    test(`${language}: at 390 px nothing is wider than the screen`, async () => {
      const stage = await openWebStage({ language, width: 390, height: 844 });
      try {
        const { page, daemon } = stage;
        for (const screen of SCREENS) {
          await page.goto(`${daemon.url}#/${screen}`);
          await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
          const widest = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(widest <= 390, `${screen} is ${widest} px wide`);
        }
        const choice = page.getByRole("main").getByLabel(say.language, { exact: true });
        await page.goto(`${daemon.url}#/settings/downloads`);
        await choice.selectOption(language === "en" ? "ja" : "en");
        await page.locator(`html[lang=${language === "en" ? "ja" : "en"}]`).waitFor();
      } finally {
        await stage.close();
      }
    });
  }

  test("a page of another origin works with a key, which it keeps for its tab alone", async () => {
    const elsewhere = await servePage();
    const stage = await openWebStage({
      language: "en",
      settings: { web: { allowedOrigins: [elsewhere.origin] } },
    });
    try {
      const { page, daemon, client } = stage;
      const { secret } = await client.call("createKey", { name: "elsewhere", scopes: ["read"] });
      await page.goto(`${elsewhere.origin}/#/connect`);
      await page.getByLabel(english.daemonAddress).fill(daemon.url);
      await page.getByLabel(english.apiKey).fill(secret);
      await page.getByRole("button", { name: english.connect, exact: true }).click();
      await page.getByText(english.noTorrents).waitFor();
      const stored = await page.evaluate(() => [
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
      ]);
      assert.ok(!stored[0]?.includes(secret));
      assert.ok(stored[1]?.includes(secret));
      assert.equal(await page.getByRole("link", { name: english.wallet }).count(), 0);
    } finally {
      await stage.close();
      await elsewhere.close();
    }
  });
});

/** The built page on a server that knows nothing of the daemon. */
async function servePage(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const folder = fileURLToPath(webFolder);
  const types: Record<string, string> = {
    js: "text/javascript",
    css: "text/css",
    svg: "image/svg+xml",
  };
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url ?? "");
    readFile(folder + path.slice(1)).then(
      (body) => {
        const type = types[path.split(".").at(-1) ?? ""] ?? "text/html";
        response.writeHead(200, { "content-type": type }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
