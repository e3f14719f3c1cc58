import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { encodeExtended, encodeExtensionHandshake, encodeHandshake } from "@shoal/protocol";
import type { Page } from "playwright-core";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { HOSTILE_NAME } from "./hostile-torrent.ts";
import { makeTorrent } from "./made-torrent.ts";
import { CHROMIUM, noChromium, openWebStage, type WebStage } from "./web-stage.ts";

const ALBUM = makeTorrent("album", { "one.wav": 150_000, "two.wav": 70_000, "booklet.txt": 500 });

suite("torrents in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    suite(language, () => {
      const say = language === "en" ? english : japanese;
      let stage: WebStage;
      let folder: string;
      let hostile: Socket | null = null;
      const open = async (tab: string): Promise<void> => {
        await stage.page.goto(`${stage.daemon.url}#/torrents/${ALBUM.infoHash}/${tab}`);
      };

      before(async () => {
        stage = await openWebStage({ language, settings: { network: { utp: "off" } } });
        folder = join(stage.home, "files");
        await ALBUM.write(folder);
        const { torrentFile } = ALBUM;
        await stage.client.call("addTorrent", { source: { torrentFile }, folder, recheck: true });
        await stage.page.goto(stage.daemon.url);
        await stage.page
          .getByRole("row", { name: "album" })
          .getByText(say.states.seeding, { exact: true })
          .waitFor();
      });

      after(async () => {
        hostile?.destroy();
        await stage?.close();
      });

      test("a peer whose client's name is HTML is shown as text", async () => {
        const { page, client } = stage;
        await open("peers");
        await page.getByText(say.noPeers).waitFor();
        const { port } = await client.call("getTransfer");
        hostile = await sendHostileName(port);
        await page.getByRole("cell", { name: HOSTILE_NAME }).waitFor();
        const peer = page.getByRole("row", { name: HOSTILE_NAME });
        await peer.getByText(say.peerSources["incoming"]!, { exact: true }).last().waitFor();
        assert.equal(await page.locator("img[src=x]").count(), 0);
        assert.doesNotMatch(await page.title(), /taken/);
        await assertAccessible(page, "peers");
        hostile.destroy();
        await page.getByText(say.noPeers).waitFor();
      });

      test("a file is renamed, on the disk too; a name that another has is refused", async () => {
        const { page } = stage;
        await open("files");
        await page.getByRole("button", { name: say.renameFile("album/one.wav") }).click();
        const dialog = page.getByRole("dialog");
        await assertAccessible(page, "rename");
        await dialog.getByLabel(say.newName).fill("album/two.wav");
        await dialog.getByRole("button", { name: say.rename }).click();
        await dialog.getByRole("alert").waitFor();
        if (language === "ja") await dialog.getByText(say.problems!["name-taken"]({})).waitFor();
        await dialog.getByLabel(say.newName).fill("album/erstes <i>Stück</i>.wav");
        await dialog.getByRole("button", { name: say.rename }).click();
        await dialog.waitFor({ state: "detached" });
        await page
          .getByRole("cell", { name: "album/erstes <i>Stück</i>.wav", exact: true })
          .waitFor();
        assert.ok(existsSync(join(folder, "album", "erstes <i>Stück</i>.wav")));
        assert.ok(!existsSync(join(folder, "album", "one.wav")));
      });

      test("priorities of files are what the daemon has", async () => {
        const { page, client } = stage;
        const priority = page.getByLabel(say.priorityOf("album/two.wav"));
        const readAll = async () =>
          (await client.call("listFiles", { infoHash: ALBUM.infoHash })).files.map(
            (file) => file.priority,
          );
        const change = async (act: () => Promise<unknown>): Promise<void> => {
          const changed = page.waitForResponse(
            (response) => response.request().method() === "PATCH",
          );
          await act();
          await changed;
        };
        const button = (name: string) => page.getByRole("button", { name, exact: true });
        await change(async () => priority.selectOption({ label: say.priorities[6] }));
        assert.deepEqual(await readAll(), [4, 4, 6]);
        await change(async () => button(say.skipAll).click());
        assert.deepEqual(await readAll(), [0, 0, 0]);
        await change(async () => button(say.wantAll).click());
        assert.deepEqual(await readAll(), [4, 4, 4]);
        await page.waitForFunction(() =>
          [...document.querySelectorAll("td select")].every(
            (select) => (select as HTMLSelectElement).value === "4",
          ),
        );
      });

      test("a category is made, given, filtered by, and removed; its torrents stay", async () => {
        const { page, daemon, client } = stage;
        await page.goto(`${daemon.url}#/settings/categories`);
        await page.getByText(say.noCategories).waitFor();
        await page.getByLabel(say.name, { exact: true }).fill("音楽 <b>");
        await page.getByRole("button", { name: say.save }).click();
        await page.getByRole("cell", { name: "音楽 <b>", exact: true }).waitFor();
        await open("overview");
        await page.getByRole("button", { name: say.moreActions }).click();
        await page.getByRole("button", { name: say.setCategory }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.category).fill("音楽 <b>");
        await dialog.getByRole("button", { name: say.set, exact: true }).click();
        await dialog.waitFor({ state: "detached" });
        await page.goto(`${daemon.url}#/torrents`);
        const filter = page.getByLabel(say.category, { exact: true });
        await filter.selectOption("");
        await page.getByText(say.nothingMatches).waitFor();
        await filter.selectOption("音楽 <b>");
        await page.getByRole("row", { name: "album" }).waitFor();
        await filter.selectOption("*");
        await page.goto(`${daemon.url}#/settings/categories`);
        await page.getByRole("button", { name: say.removeThis("音楽 <b>") }).click();
        await page.getByText(say.noCategories).waitFor();
        const { torrents } = await client.call("listTorrents");
        assert.deepEqual(
          torrents.map(({ category }) => category),
          [null],
        );
      });

      test("removed with its files it is gone from the list and from the disk", async () => {
        const { page, daemon } = stage;
        await page.goto(`${daemon.url}#/torrents`);
        await page.getByRole("row", { name: "album" }).click();
        await page.getByRole("toolbar").getByRole("button", { name: say.remove }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel(say.deleteFilesToo).check();
        await dialog.getByText(say.deleteFilesWarning).waitFor();
        await dialog.getByRole("button", { name: say.removeWithFiles }).click();
        await page.getByText(say.noTorrents).waitFor();
        assert.ok(!existsSync(join(folder, "album")));
        const complaints = stage.complaints.filter((text) => !/status of 4\d\d/.test(text));
        assert.deepEqual(complaints, []);
      });

      test("by the keyboard alone a torrent is added, looked into, paused and removed", async () => {
        const { page, client } = stage;
        const { keyboard } = page;
        await page.goto("about:blank");
        await page.goto(stage.daemon.url);
        await page.getByText(say.noTorrents).waitFor();
        await tabTo(page, say.add);
        await keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await keyboard.type(`magnet:?xt=urn:btih:${ALBUM.infoHash}&dn=album`);
        await tabTo(page, say.add);
        await keyboard.press("Enter");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByRole("row", { name: "album" }).waitFor();
        await tabTo(page, say.torrents, "grid");
        await keyboard.press("ArrowDown");
        await page.locator("[role=row][aria-selected=true]").waitFor();
        await keyboard.press("Enter");
        await page.getByRole("heading", { level: 1, name: "album" }).waitFor();
        await tabTo(page, say.pause);
        await keyboard.press("Enter");
        await page.getByRole("button", { name: say.resume }).waitFor();
        assert.equal((await client.call("listTorrents")).torrents[0]?.state, "paused");
        await tabTo(page, say.moreActions);
        await keyboard.press("Enter");
        // Arrows walk the menu: to its last entry from the first backwards.
        await page.locator(".menu ul button:focus").waitFor();
        await keyboard.press("ArrowUp");
        await keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await tabTo(page, say.moreActions);
        await keyboard.press("Enter");
        await page.locator(".menu ul button:focus").waitFor();
        await keyboard.press("ArrowUp");
        await keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await tabTo(page, say.remove);
        await keyboard.press("Enter");
        await page.getByText(say.noTorrents).waitFor();
      });
    });
  }
});

/** Connects as a peer that calls itself by what a page that shows HTML would run. */
async function sendHostileName(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  const infoHash = Buffer.from(ALBUM.infoHash, "hex");
  const peerId = Buffer.from("-<b>1-<i>hostile</i>".slice(0, 20).padEnd(20, "x"));
  socket.write(encodeHandshake({ infoHash, peerId, extended: true }));
  await once(socket, "data");
  socket.resume();
  const hello = encodeExtensionHandshake({ client: HOSTILE_NAME, extensions: {} });
  socket.write(encodeExtended(0, hello));
  return socket;
}

/** Goes on by Tab until something of that name has the focus. */
async function tabTo(page: Page, name: string, role?: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return {
        name: element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "",
        role: element?.getAttribute("role") ?? "",
      };
    });
    if (focused.name === name && (role === undefined || focused.role === role)) return;
  }
  assert.fail(`the keyboard does not reach ${name}`);
}
