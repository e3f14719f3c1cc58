import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { encodeBencode } from "@shoal/protocol";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { makeTorrent, type MadeTorrent } from "./made-torrent.ts";
import { CHROMIUM, noChromium, openWebStage, type WebStage } from "./web-stage.ts";

const EPISODE = makeTorrent("Harbour Lights S01E01", { "episode.webm": 200_000 });
const BONUS = makeTorrent("Harbour Lights bonus", { "bonus.webm": 90_000 });
const OLD = makeTorrent("from another client", { "film.mkv": 300_000 });
const HOSTILE_TITLE = `<img src=x onerror="document.title='taken'"> feed`;

suite(
  "feeds, imports and backups in Chromium",
  { skip: existsSync(CHROMIUM) ? false : noChromium() },
  () => {
    for (const language of ["en", "ja"] as const) {
      suite(language, () => {
        const say = language === "en" ? english : japanese;
        let stage: WebStage;
        let server: Server;
        let feedUrl: string;

        before(async () => {
          [stage, { server, feedUrl }] = await Promise.all([
            openWebStage({ language }),
            serveFeed(),
          ]);
        });

        after(async () => {
          await stage?.close();
          server?.closeAllConnections();
          server?.close();
        });

        test("a feed is added; what fits is added by itself, and another item by hand", async () => {
          const { page, daemon, client } = stage;
          await page.goto(`${daemon.url}#/feeds`);
          await page.getByText(say.noFeeds).waitFor();
          await page.getByLabel(say.feedUrl).fill(feedUrl);
          await page.getByLabel(say.feedInclude).fill("harbour s01e01");
          await page.getByRole("button", { name: say.add, exact: true }).click();
          await page.getByRole("heading", { name: HOSTILE_TITLE }).waitFor();
          const items = page.getByRole("table", { name: say.feedItems });
          const taken = items.getByRole("row", { name: EPISODE.name });
          await taken.getByText(say.feedAdded, { exact: true }).waitFor();
          await assertAccessible(page, "feed");
          await items.getByRole("button", { name: say.addThis(BONUS.name) }).click();
          await page.getByText(say.addedThis(BONUS.name)).waitFor();
          assert.doesNotMatch(await page.title(), /taken/);
          const { torrents } = await client.call("listTorrents", { sort: "name" });
          assert.deepEqual(
            torrents.map(({ infoHash }) => infoHash),
            [BONUS.infoHash, EPISODE.infoHash],
          );
          await page.getByLabel(say.feedUrl).fill(feedUrl);
          await page.getByRole("button", { name: say.add, exact: true }).click();
          const again = language === "ja" ? say.problems!["feed-exists"]({}) : /there already/;
          await page.getByText(again).waitFor();
          await page.getByRole("button", { name: say.remove, exact: true }).click();
          await page.getByText(say.noFeeds).waitFor();
        });

        test("an item of a feed is downloaded: its torrent comes with peers, and ends whole", async () => {
          const { page, daemon, client, home } = stage;
          const seed = await openWebStage({ language });
          try {
            await EPISODE.write(join(seed.home, "files"));
            await seed.client.call("addTorrent", {
              source: { torrentFile: EPISODE.torrentFile },
              folder: join(seed.home, "files"),
              recheck: true,
            });
            await seed.page.goto(`${seed.daemon.url}#/torrents/${EPISODE.infoHash}`);
            await seed.page.getByText(say.states.seeding, { exact: true }).waitFor();
            const { port } = await seed.client.call("getTransfer");
            await page.goto(`${daemon.url}#/torrents/${EPISODE.infoHash}/peers`);
            await page.getByLabel(say.addPeers).fill(`127.0.0.1:${port}`);
            await page.getByRole("button", { name: say.add, exact: true }).click();
            await page.getByText(say.states.seeding, { exact: true }).waitFor();
            assert.ok(existsSync(join(home, "data", "downloads", EPISODE.name, "episode.webm")));
            const { progress } = await client.call("getTorrent", { infoHash: EPISODE.infoHash });
            assert.equal(progress, 1);
          } finally {
            await seed.close();
          }
        });

        test("Transmission's folder is tried, and then taken over", async () => {
          const { page, daemon, home, client } = stage;
          const folder = join(home, "transmission");
          await writeTransmission(folder, OLD, join(home, "old"));
          await page.goto(`${daemon.url}#/settings/upkeep`);
          const card = page.locator("form").filter({ hasText: say.importTitle });
          await card.getByLabel(say.importFrom).selectOption("transmission");
          await card.getByLabel(say.importFolder).fill(join(home, "nowhere"));
          await card.getByRole("button", { name: say.importTry }).click();
          const missing =
            language === "ja" ? say.problems!.missing({}) : /no such|does not exist|missing/i;
          await page.getByRole("log").getByText(missing).waitFor();
          await card.getByLabel(say.importFolder).fill(folder);
          await card.getByRole("button", { name: say.importTry }).click();
          await page.getByText(say.wouldImport(1, 0)).waitFor();
          assert.equal((await client.call("listTorrents")).total, 2);
          await card.getByRole("button", { name: say.importNow }).click();
          await page.getByText(say.imported(1, 0)).waitFor();
          await page.goto(`${daemon.url}#/torrents`);
          const row = page.getByRole("row", { name: OLD.name });
          await row.getByText(say.states.paused, { exact: true }).waitFor();
        });

        test("a backup is a file of the size that is said", async () => {
          const { page, daemon, home } = stage;
          await page.goto(`${daemon.url}#/settings/upkeep`);
          const path = join(home, "node.backup");
          await page.getByLabel(say.backupPath).fill(path);
          await page.getByRole("button", { name: say.makeBackup }).click();
          await page.getByRole("log").filter({ hasText: path }).waitFor();
          assert.ok((await stat(path)).size > 1000);
          const complaints = stage.complaints.filter((text) => !/status of 4\d\d/.test(text));
          assert.deepEqual(complaints, []);
        });
      });
    }
  },
);

/** A feed of two items on this machine, with the torrent files that it names. */
async function serveFeed(): Promise<{ readonly server: Server; readonly feedUrl: string }> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const at = (path: string): string => `http://127.0.0.1:${port}/${path}`;
    const torrents: Readonly<Record<string, MadeTorrent>> = {
      "/1.torrent": EPISODE,
      "/2.torrent": BONUS,
    };
    const torrent = torrents[request.url ?? ""];
    if (torrent !== undefined) {
      response.writeHead(200, { "content-type": "application/x-bittorrent" }).end(torrent.bytes);
      return;
    }
    const item = ({ name, bytes }: MadeTorrent, path: string): string =>
      `<item><title>${name}</title><guid>${path}</guid><enclosure url="${at(path)}" length="${bytes.length}" type="application/x-bittorrent"/></item>`;
    const title = HOSTILE_TITLE.replaceAll("<", "&lt;");
    const items = item(EPISODE, "1.torrent") + item(BONUS, "2.torrent");
    response
      .writeHead(200, { "content-type": "application/rss+xml" })
      .end(`<rss version="2.0"><channel><title>${title}</title>${items}</channel></rss>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, feedUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed` };
}

/** What Transmission keeps of one paused torrent. @see libtransmission/resume.cc */
async function writeTransmission(
  folder: string,
  { name, bytes, infoHash }: MadeTorrent,
  destination: string,
): Promise<void> {
  const label = `${name}.${infoHash.slice(0, 16)}`;
  const resume = encodeBencode({ destination, name, paused: 1, downloaded: 0, uploaded: 0 });
  for (const [path, content] of [
    [`torrents/${label}.torrent`, bytes],
    [`resume/${label}.resume`, resume],
  ] as const) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
