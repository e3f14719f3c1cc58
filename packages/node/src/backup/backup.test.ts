import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { sampleTorrent } from "../testing/sample-torrent.ts";
import { foldersIn, openTestDaemon } from "../testing/test-daemon.ts";
import { restoreBackup } from "./restore-backup.ts";
import { readTar, type TarEntry, writeTar } from "./tar.ts";

const home = await mkdtemp(join(tmpdir(), "shoal-backup-"));
after(async () => rm(home, { recursive: true, force: true }));

async function pack(entries: readonly [name: string, text: string][]): Promise<Uint8Array> {
  const list = async function* (): AsyncGenerator<TarEntry> {
    for (const [name, text] of entries) {
      yield { name, lengthBytes: Buffer.byteLength(text), content: [Buffer.from(text)] };
    }
  };
  return Buffer.concat(await Array.fromAsync(writeTar(list(), 0)));
}

suite("backups", () => {
  test("a whole node is written while it runs, and comes up elsewhere as it was", async () => {
    const daemon = await openTestDaemon();
    const path = join(home, "node.backup");
    const torrentFile = Buffer.from(sampleTorrent(1).bytes).toString("base64");
    await daemon.client.call("addTorrent", {
      source: { torrentFile },
      category: "films",
      paused: true,
    });
    await daemon.client.call("changeSettings", { speed: { uploadLimit: 12_345 } });
    await mkdir(join(daemon.home, "data", "wallets"), { recursive: true });
    await writeFile(join(daemon.home, "data", "wallets", "main.json"), "a wallet");
    await mkdir(join(daemon.home, "data", "downloads"), { recursive: true });
    await writeFile(join(daemon.home, "data", "downloads", "film"), "payload");
    await mkdir(join(daemon.home, "data", "chain"));
    await writeFile(join(daemon.home, "data", "chain", "chain.journal.lock-journal"), "a lock's");
    const made = await daemon.client.call("makeBackup", { path });
    assert.equal((await stat(path)).size, made.lengthBytes);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await assert.rejects(daemon.client.call("makeBackup", { path }), { code: "conflict" });
    await assert.rejects(restoreBackup(path, foldersIn(daemon.home)), { code: "locked" });
    await daemon.close({ keepsHome: true });
    await assert.rejects(restoreBackup(path, foldersIn(daemon.home)), { code: "conflict" });
    await rm(daemon.home, { recursive: true });

    const elsewhere = join(home, "elsewhere");
    const { version } = await restoreBackup(path, foldersIn(elsewhere));
    assert.equal(version, "1.2.3");
    assert.equal(
      await readFile(join(elsewhere, "data", "wallets", "main.json"), "utf8"),
      "a wallet",
    );
    for (const name of ["downloads", "chain"]) {
      await assert.rejects(stat(join(elsewhere, "data", name)), { code: "ENOENT" }, name);
    }
    const again = await openTestDaemon({ home: elsewhere });
    const { torrents } = await again.client.call("listTorrents");
    assert.deepEqual(
      torrents.map(({ state, category }) => [state, category]),
      [["paused", "films"]],
    );
    assert.equal((await again.client.call("getTransfer")).uploadLimit, 12_345);
    await again.close();
  });

  test("what is damaged, cut off or no backup is refused, and nothing is put in place", async () => {
    const whole = await pack([["config/settings.json", "{}"]]);
    const manifest = (sha256: string) =>
      JSON.stringify({
        format: "shoal-backup",
        formatVersion: 1,
        files: [{ name: "config/settings.json", lengthBytes: 2, sha256 }],
      });
    const cases: [name: string, bytes: Uint8Array][] = [
      ["not gzip", Buffer.from("hello")],
      ["no manifest", gzipSync(whole)],
      ["cut off", gzipSync(whole).subarray(0, 40)],
      [
        "another hash",
        gzipSync(
          await pack([
            ["config/settings.json", "{}"],
            ["manifest.json", manifest("00")],
          ]),
        ),
      ],
      ["leads out", gzipSync(await pack([["config/../../evil", "x"]]))],
      ["absolute", gzipSync(await pack([["/etc/evil", "x"]]))],
    ];
    for (const [name, bytes] of cases) {
      const path = join(home, name.replaceAll(" ", "-"));
      await writeFile(path, bytes);
      const target = join(home, `target ${name}`);
      await assert.rejects(restoreBackup(path, foldersIn(target)), { code: "bad-request" }, name);
      await assert.rejects(stat(join(target, "config", "settings.json")), { code: "ENOENT" });
    }
    await assert.rejects(restoreBackup(join(home, "none"), foldersIn(join(home, "t"))), {
      code: "not-found",
    });
  });

  test("an archive is read as it was written, whatever the parts", async () => {
    const bytes = await pack([
      ["a", ""],
      ["b/c", "x".repeat(513)],
      ["d", "y".repeat(512)],
    ]);
    const parts = async function* () {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
    };
    const read: [string, number][] = [];
    for await (const { name, content } of readTar(parts())) {
      read.push([name, Buffer.concat(await Array.fromAsync(content)).length]);
    }
    assert.deepEqual(read, [
      ["a", 0],
      ["b/c", 513],
      ["d", 512],
    ]);
    assert.equal(gunzipSync(gzipSync(bytes)).length % 512, 0);
  });
});
