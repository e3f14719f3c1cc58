import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { sampleTorrent } from "../packages/node/src/testing/sample-torrent.ts";
import { openTestDaemon, type TestDaemon } from "../packages/node/src/testing/test-daemon.ts";
import { needClients } from "./clients.ts";

const run = promisify(execFile);
const PASSWORD = "correct horse battery";
const NEEDS = await needClients("transmission-remote");
/** Three files of some pieces, and a torrent that is longer than what strangers may send. */
const LENGTHS = [300_000, 70_000, 5000];
const sample = sampleTorrent(1, LENGTHS);
const long = sampleTorrent(
  2,
  Array.from({ length: 3000 }, () => 100),
);

let daemon: TestDaemon;

/** Runs Debian's transmission-remote against the daemon. */
async function remote(...args: readonly string[]): Promise<string> {
  const { host } = new URL(daemon.daemon.url);
  const env = { ...process.env, TR_AUTH: `admin:${PASSWORD}` };
  const { stdout } = await run("transmission-remote", [host, "--authenv", ...args], { env });
  return stdout;
}

/** Rows of `--list`: what stands in each column. */
async function list(): Promise<readonly (readonly string[])[]> {
  const lines = (await remote("--list")).trimEnd().split("\n").slice(1, -1);
  return lines.map((line) => line.trim().split(/\s{2,}/));
}

const torrentFile = (): string => join(daemon.home, "sample.torrent");
const engine = () => daemon.daemon.core.torrents.find(sample.infoHash);

suite("transmission-remote 3.00 drives the daemon", NEEDS, () => {
  before(async () => {
    daemon = await openTestDaemon();
    await daemon.client.call("setPassword", { password: PASSWORD });
    await writeFile(torrentFile(), sample.bytes);
    const folder = daemon.daemon.core.torrents.downloadFolder;
    for (const [index, { path }] of sample.metainfo.files.entries()) {
      await mkdir(join(folder, ...path.slice(0, -1)), { recursive: true });
      await writeFile(join(folder, ...path), sample.contents[index]!);
    }
  });
  after(async () => daemon.close());

  test("a long torrent file may be the first thing that it sends", async () => {
    const path = join(daemon.home, "long.torrent");
    await writeFile(path, long.bytes);
    assert.ok((await stat(path)).size > 70_000);
    assert.match(await remote("--add", path), /responded: "success"/);
    await remote("--start-paused");
    await remote("--no-start-paused");
    await remote("--torrent", long.infoHash, "--remove");
    assert.equal(daemon.daemon.core.torrents.summaries.length, 0);
  });

  test("a file is added, and a link", async () => {
    assert.match(await remote("--add", torrentFile()), /responded: "success"/);
    await engine().whenComplete();
    const magnet = `magnet:?xt=urn:btih:${"ab".repeat(20)}&dn=A+link`;
    assert.match(await remote("--add", magnet), /responded: "success"/);
    const rows = await list();
    assert.deepEqual(
      rows.map((columns) => columns.at(-1)),
      ["sample 1", "A link"],
    );
    assert.deepEqual(rows[0]!.slice(0, 4), ["2", "100%", "375.0 kB", "Done"]);
    assert.match(await remote("--add", torrentFile()), /success|duplicate/);
    assert.equal((await list()).length, 2);
  });

  test("details agree with the engine", async () => {
    const info = await remote("--torrent", sample.infoHash, "--info");
    const told = new Map(
      info.split("\n").map((line) => {
        const [, name = "", value = ""] = /^\s*([^:]+): (.*)$/.exec(line) ?? [];
        return [name, value] as const;
      }),
    );
    const { pieceCount, totals } = engine().status();
    assert.equal(told.get("Hash"), engine().infoHash);
    assert.equal(told.get("Name"), engine().name);
    assert.equal(told.get("Location"), engine().dir);
    assert.equal(told.get("Percent Done"), "100%");
    assert.equal(told.get("State"), "Idle");
    assert.match(told.get("Total size")!, /^375\.0 kB/);
    assert.equal(told.get("Piece Count"), `${pieceCount}`);
    assert.equal(told.get("Piece Size"), "64.00 KiB");
    assert.equal(told.get("Public torrent"), "Yes");
    assert.match(told.get("Magnet")!, new RegExp(`btih:${sample.infoHash}`));
    const added = new Date(told.get("Date added")!).getTime();
    assert.ok(Math.abs(added - totals.addedAtMs) < 1000 * 60 * 60 * 24);
  });

  test("files are listed, skipped and ordered", async () => {
    const files = async () =>
      (await remote("--torrent", sample.infoHash, "--files"))
        .trimEnd()
        .split("\n")
        .slice(2)
        .map((line) => line.trim().split(/\s{2,}/));
    assert.deepEqual(
      (await files()).map((columns) => columns.at(-1)),
      sample.metainfo.files.map(({ path }) => path.join("/")),
    );
    await remote("--torrent", sample.infoHash, "--no-get", "1");
    await remote("--torrent", sample.infoHash, "--priority-high", "0");
    await remote("--torrent", sample.infoHash, "--priority-low", "2");
    assert.deepEqual(
      (await files()).map((columns) => columns.join(" ").split(" ").slice(1, 4).join(" ")),
      ["100% High Yes", "100% Normal No", "100% Low Yes"],
    );
    assert.deepEqual(
      engine().files.map(({ priority }) => priority),
      [6, 0, 1],
    );
    await remote("--torrent", sample.infoHash, "--get", "all");
    assert.ok(engine().files.every(({ wanted }) => wanted));
  });

  test("torrents are stopped, started and verified", async () => {
    await remote("--torrent", sample.infoHash, "--stop");
    assert.equal(engine().state, "paused");
    assert.ok((await list())[0]!.includes("Stopped"));
    await remote("--torrent", "all", "--start");
    assert.equal(engine().state, "seeding");
    const checked = Promise.withResolvers<void>();
    engine().on(({ type }) => {
      if (type === "checked") checked.resolve();
    });
    await remote("--torrent", sample.infoHash, "--verify");
    await checked.promise;
    await engine().whenComplete();
    assert.match(await remote("--torrent", sample.infoHash, "--reannounce"), /success/);
  });

  test("limits, ratios and labels are set, of a torrent and of all", async () => {
    await remote("--torrent", sample.infoHash, "--downlimit", "50", "--uplimit", "20");
    assert.deepEqual(engine().limits, { download: 50_000, upload: 20_000 });
    await remote("--torrent", sample.infoHash, "--no-downlimit", "--seedratio", "1.5");
    assert.deepEqual(engine().limits, { download: null, upload: 20_000 });
    assert.equal(engine().shareLimits.ratio, 1.5);
    await remote("--torrent", sample.infoHash, "--labels", "tv,new");
    assert.match(await remote("--torrent", sample.infoHash, "--info"), /Labels: tv, new/);
    await remote("--downlimit", "800", "--global-seedratio", "3");
    const { speed, queue } = daemon.daemon.core.settings.current;
    assert.deepEqual([speed.downloadLimit, queue.ratio], [800_000, 3]);
    const session = await remote("--session-info");
    assert.match(session, /Download speed limit: 800 kB\/s/);
    assert.match(session, /Daemon version: 4\.1\.0/);
    await remote("--no-downlimit");
    assert.equal(daemon.daemon.core.settings.current.speed.downloadLimit, null);
    assert.match(await remote("--session-stats"), /CURRENT SESSION/);
  });

  test("pieces, peers and trackers are shown", async () => {
    const { pieceCount } = engine().status();
    const pieces = await remote("--torrent", sample.infoHash, "--info-pieces");
    assert.equal(pieces.replace(/[^1]/g, "").length, pieceCount);
    assert.match(await remote("--torrent", sample.infoHash, "--info-peers"), /Address/);
    await remote("--torrent", sample.infoHash, "--tracker-add", "udp://127.0.0.1:9/announce");
    const trackers = await remote("--torrent", sample.infoHash, "--info-trackers");
    assert.match(trackers, /Tracker 0: 127\.0\.0\.1:9/);
    assert.doesNotMatch(trackers, /\d{4} days/);
    assert.match(await remote("--port-test"), /Port is open: No/);
  });

  test("files are moved", async () => {
    const moved = Promise.withResolvers<void>();
    engine().on(({ type }) => {
      if (type === "moved") moved.resolve();
    });
    const target = join(daemon.home, "elsewhere");
    await remote("--torrent", sample.infoHash, "--move", target);
    await moved.promise;
    assert.equal(engine().dir, target);
    const [file] = sample.metainfo.files;
    assert.deepEqual(
      Uint8Array.from(await readFile(join(target, ...file!.path))),
      Uint8Array.from(sample.contents[0]!),
    );
  });

  test("a wrong password is refused, and guessing it shut out", async () => {
    const { host } = new URL(daemon.daemon.url);
    const guess = async (password: string): Promise<string> => {
      const env = { ...process.env, TR_AUTH: `admin:${password}` };
      try {
        return (await run("transmission-remote", [host, "--authenv", "--list"], { env })).stdout;
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        return stdout + stderr;
      }
    };
    for (let count = 0; count < 8; count++) {
      assert.doesNotMatch(await guess(`guess ${count}`), /sample 1/);
    }
    assert.match(await guess("guess 9"), /Too many attempts|too-many-requests|429/);
    // Who had signed in before is not shut out by others' guesses.
    assert.equal((await list()).length, 2);
  });

  test("torrents are removed, with their files", async () => {
    const target = engine().dir;
    await remote("--torrent", sample.infoHash, "--remove-and-delete");
    await remote("--torrent", "all", "--remove");
    assert.equal(daemon.daemon.core.torrents.summaries.length, 0);
    await assert.rejects(stat(join(target, ...sample.metainfo.files[0]!.path)), { code: "ENOENT" });
    await rm(target, { recursive: true, force: true });
  });

  test("the daemon is asked to end", async () => {
    await remote("--exit");
    assert.equal(daemon.daemon.stopAsked.aborted, true);
  });
});
