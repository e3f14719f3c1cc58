import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { english, japanese } from "../../packages/web/src/words/words.ts";
import { assertAccessible } from "./assert-accessible.ts";
import { makeTorrent } from "./made-torrent.ts";
import { makeHome, openQuietDaemon } from "./quiet-daemon.ts";
import { CHROMIUM, noChromium, openWebStage } from "./web-stage.ts";

const FILM = makeTorrent("from a watched folder", { "film.bin": 50_000 });

suite("settings in Chromium", { skip: existsSync(CHROMIUM) ? false : noChromium() }, () => {
  for (const language of ["en", "ja"] as const) {
    const say = language === "en" ? english : japanese;

    test(`${language}: what is changed holds at once, and after the daemon was started again`, async () => {
      const home = await makeHome();
      const watched = join(home, "watched");
      await mkdir(watched, { recursive: true });
      let quiet = await openQuietDaemon({ home, settings: { web: { guide: false } } });
      let stage = await openWebStage({ language, quiet });
      try {
        const { page, daemon } = stage;
        const save = async (): Promise<void> => {
          await page.getByRole("button", { name: say.save, exact: true }).click();
          await page.getByText(say.saved, { exact: true }).first().waitFor();
        };
        await page.goto(`${daemon.url}#/settings/queue`);
        await page
          .getByLabel(say.settingTitles["queue.activeDownloads"], { exact: true })
          .fill("3");
        await page.getByLabel(say.settingTitles["queue.shareAction"]).selectOption("super-seed");
        await save();

        await page.goto(`${daemon.url}#/settings/downloads`);
        await page.getByRole("button", { name: say.addWatchedFolder }).click();
        await page.getByLabel(say.watchedPath).fill(watched);
        await page.getByLabel(say.category, { exact: true }).fill("films");
        await page.getByLabel(say.addPaused).check();
        await assertAccessible(page, "watched folders");
        await save();
        await writeFile(join(watched, "film.torrent"), FILM.bytes);

        await page.goto(`${daemon.url}#/settings/speed`);
        await page.getByRole("button", { name: say.addRule }).click();
        const sunday = new Intl.DateTimeFormat(language, {
          weekday: "short",
          timeZone: "UTC",
        }).format(0);
        await page.getByRole("button", { name: sunday, exact: true }).click();
        await page.getByLabel(say.fromTime).fill("22:30");
        await page.getByLabel(say.untilTime).fill("00:00");
        await page.getByLabel(say.uploadLimit, { exact: true }).last().fill("2 MiB");
        await assertAccessible(page, "schedule");
        await save();

        await page.goto(`${daemon.url}#/torrents`);
        const row = page.getByRole("row", { name: FILM.name });
        await row.getByText(say.states.paused, { exact: true }).waitFor();

        await stage.close();
        await quiet.close({ keepsHome: true });
        quiet = await openQuietDaemon({ home, settings: { web: { guide: false } } });
        stage = await openWebStage({ language, quiet });
        const { settings } = await quiet.client.call("getSettings");
        assert.equal(settings.queue.activeDownloads, 3);
        assert.equal(settings.queue.shareAction, "super-seed");
        assert.deepEqual(settings.downloads.watchFolders, [
          { path: watched, folder: null, category: "films", paused: true },
        ]);
        assert.deepEqual(settings.speed.schedule, [
          {
            // The day that 1970 began with, a Thursday, was taken out.
            ...{ days: [0, 1, 2, 3, 5, 6], fromMinute: 1350, toMinute: 1440 },
            ...{ download: null, upload: 2 * 2 ** 20 },
          },
        ]);
        await stage.page.goto(`${stage.daemon.url}#/settings/speed`);
        await stage.page.getByLabel(say.fromTime).waitFor();
        assert.equal(await stage.page.getByLabel(say.fromTime).inputValue(), "22:30");
        await stage.page.getByRole("button", { name: say.removeThis(say.scheduleRule(1)) }).click();
        await stage.page.getByLabel(say.settingTitles["speed.limitLocalPeers"]).uncheck();
        await stage.page.getByRole("button", { name: say.save, exact: true }).click();
        await stage.page.getByText(say.waitingForRestart(1)).waitFor();
        const after = await quiet.client.call("getSettings");
        assert.deepEqual(after.settings.speed.schedule, []);
        assert.deepEqual(after.waitingForRestart, ["speed.limitLocalPeers"]);
      } finally {
        await stage.close();
        await quiet.close();
        await rm(home, { recursive: true, force: true });
      }
    });
  }
});
