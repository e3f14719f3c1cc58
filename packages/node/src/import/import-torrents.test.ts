import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { settings } from "@shoal/api";
import { createSession } from "@shoal/engine";
import { type Bencodable, encodeBencode } from "@shoal/protocol";
import { createNodeRuntime } from "@shoal/runtime/node";
import { createLocalFiles } from "../local-files/create-local-files.ts";
import { TAGS_SCHEMA, TorrentTags } from "../remote/torrent-tags.ts";
import { type SampleTorrent, sampleTorrent } from "../testing/sample-torrent.ts";
import { Torrents } from "../torrents/torrents.ts";
import { type ImportInit, importTorrents } from "./import-torrents.ts";

/** Before anything was verified, and after. */
const [EARLY_S, VERIFIED_S, LATE_S] = [1_600_000_000, 1_600_000_100, 1_600_000_200];

interface Scene extends ImportInit {
  readonly home: string;
  /** Writes a torrent's files into `data`, changed last at these times. */
  place(sample: SampleTorrent, changedAtS: number): Promise<void>;
  write(path: string, bytes: Uint8Array | string): Promise<void>;
}

/** One session for all tests, in a folder for each: starting one is most of what a test would take. */
async function openShared() {
  const root = await mkdtemp(join(tmpdir(), "shoal-import-"));
  const runtime = await createNodeRuntime({ writeLog: () => {} });
  const session = await createSession({ runtime, host: "127.0.0.1", utp: "off", restore: true });
  const torrents = await Torrents.open({
    ...{ runtime, session, defaultFolder: root },
    settings: { current: settings.parse({}) },
  });
  const tags = await TorrentTags.open(await runtime.store.open(TAGS_SCHEMA));
  return {
    ...{ root, torrents, tags, store: runtime.store, files: createLocalFiles() },
    async close() {
      await session.close();
      await runtime.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

let shared: Awaited<ReturnType<typeof openShared>>;

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(shared.root, "home-"));
  const write = async (path: string, bytes: Uint8Array | string) => {
    const full = join(home, path);
    await mkdir(join(full, ".."), { recursive: true });
    await writeFile(full, bytes);
  };
  await run({
    ...shared,
    ...{ home, write },
    async place({ metainfo, contents }, changedAtS) {
      for (const [index, { path }] of metainfo.files.entries()) {
        await write(join("data", ...path), contents[index]!);
        await utimes(join(home, "data", ...path), changedAtS, changedAtS);
      }
    },
  });
}

function bencode(object: Readonly<Record<string, unknown>>): Uint8Array {
  const toBencodable = (value: unknown): Bencodable => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      if (value instanceof Uint8Array) return value;
      return new Map(Object.entries(value).map(([name, each]) => [name, toBencodable(each)]));
    }
    if (Array.isArray(value)) return value.map(toBencodable);
    return typeof value === "string" ? Buffer.from(value) : (value as number);
  };
  return encodeBencode(toBencodable(object));
}

/** Pieces that count as good once the torrent is ready. */
async function countPieces({ torrents }: Scene, infoHash: string): Promise<number> {
  const torrent = torrents.find(infoHash);
  await torrent.whenReady();
  return torrent.status().verifiedPieces;
}

async function listing(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const { mtimeMs } = await stat(path);
      return `${path} ${mtimeMs} ${(await readFile(path)).toString("base64").slice(0, 100)}`;
    }),
  );
}

const QB_RECORD = {
  "file-format": "libtorrent resume file",
  paused: 1,
  auto_managed: 0,
  "qBt-category": "tv",
  "qBt-tags": ["new", "a,b"],
  "qBt-ratioLimit": 1500,
  "qBt-seedingTimeLimit": -1,
  "qBt-inactiveSeedingTimeLimit": -2,
  download_rate_limit: 5000,
  upload_rate_limit: -1,
  file_priority: [7, 1],
  trackers: [["http://t.example/announce"]],
  total_uploaded: 777,
  total_downloaded: 888,
  added_time: EARLY_S,
};

async function writeQb(scene: Scene, sample: SampleTorrent, record: object): Promise<void> {
  const name = `qb/BT_backup/${sample.infoHash}`;
  await scene.write(`${name}.torrent`, sample.bytes);
  const data = join(scene.home, "data");
  await scene.write(`${name}.fastresume`, bencode({ "qBt-savePath": data, ...record }));
  await utimes(join(scene.home, `${name}.fastresume`), VERIFIED_S, VERIFIED_S);
}

suite("torrents of other clients", () => {
  before(async () => {
    shared = await openShared();
  });
  after(async () => shared.close());

  test("qBittorrent: a torrent comes with all that it is, and is not hashed again", () =>
    withScene(async (scene) => {
      const sample = sampleTorrent(1);
      // Whoever hashed it would find this out.
      sample.contents[0]![0]! ^= 1;
      await scene.place(sample, EARLY_S);
      await writeQb(scene, sample, { ...QB_RECORD, pieces: new Uint8Array([1, 3, 1, 1]) });
      await scene.write("qb/categories.json", JSON.stringify({ tv: { save_path: "/media/tv" } }));
      await scene.write("qb/BT_backup/broken.fastresume", "nonsense");
      const before = await listing(scene.home);
      const from = { from: "qbittorrent", folder: join(scene.home, "qb") } as const;
      const dry = await importTorrents({ ...from, dryRun: true }, scene);
      assert.deepEqual([dry.added, dry.failed.length, scene.torrents.summaries.length], [1, 1, 0]);
      assert.deepEqual(scene.torrents.categories.names, []);
      const report = await importTorrents(from, scene);
      assert.deepEqual([report.added, report.known], [1, 0]);
      assert.equal(report.failed[0]?.name, "broken.fastresume");
      assert.equal(await countPieces(scene, sample.infoHash), 4);
      const torrent = scene.torrents.find(sample.infoHash);
      const { state, category, totals } = torrent.status();
      assert.deepEqual([state, category], ["paused", "tv"]);
      assert.deepEqual([totals.uploadedBytes, totals.downloadedBytes], [777, 888]);
      assert.deepEqual(torrent.limits, { download: 5000, upload: null });
      assert.deepEqual(torrent.shareLimits, { ratio: 1.5, seedTimeMs: null });
      assert.deepEqual(
        torrent.files.map(({ priority }) => priority),
        [7, 1],
      );
      assert.deepEqual(scene.tags.of(sample.infoHash), ["new", "a b"]);
      assert.equal(scene.torrents.categories.get("tv")?.folder, "/media/tv");
      assert.deepEqual(torrent.trackerTiers, [["http://t.example/announce"]]);
      assert.deepEqual((await importTorrents(from, scene)).known, 1);
      assert.deepEqual(await listing(scene.home), before);
    }));

  test("qBittorrent: files that were changed after the record are hashed, and lies found out", () =>
    withScene(async (scene) => {
      const sample = sampleTorrent(3);
      await scene.place(sample, LATE_S);
      await scene.write(join("data", ...sample.metainfo.files[1]!.path), "garbage");
      await writeQb(scene, sample, { ...QB_RECORD, pieces: new Uint8Array([1, 1, 1, 1]) });
      await importTorrents({ from: "qbittorrent", folder: join(scene.home, "qb") }, scene);
      assert.equal(await countPieces(scene, sample.infoHash), 3);
    }));

  test("qBittorrent: pieces of files that are missing or too short are not believed", () =>
    withScene(async (scene) => {
      const sample = sampleTorrent(4);
      await scene.place(sample, EARLY_S);
      await rm(join(scene.home, "data", ...sample.metainfo.files[1]!.path));
      const path = join(scene.home, "data", ...sample.metainfo.files[0]!.path);
      await writeFile(path, sample.contents[0]!.subarray(0, 70_000));
      await utimes(path, EARLY_S, EARLY_S);
      await writeQb(scene, sample, { ...QB_RECORD, pieces: new Uint8Array([1, 1, 1, 1]) });
      await importTorrents({ from: "qbittorrent", folder: join(scene.home, "qb") }, scene);
      assert.equal(await countPieces(scene, sample.infoHash), 1);
    }));

  test("qBittorrent: a link whose metadata never came is taken over as a link", () =>
    withScene(async (scene) => {
      const hash = Buffer.from("ab".repeat(20), "hex");
      const record = { ...QB_RECORD, name: "A film", "info-hash": new Uint8Array(hash) };
      const data = join(scene.home, "data");
      const bytes = bencode({ save_path: data, ...record });
      await scene.write(`qb/BT_backup/${"ab".repeat(20)}.fastresume`, bytes);
      await importTorrents({ from: "qbittorrent", folder: join(scene.home, "qb") }, scene);
      assert.equal(scene.torrents.find("ab".repeat(20)).name, "A film");
    }));

  test("Transmission: blocks, times of checks, labels, limits and priorities are understood", () =>
    withScene(async (scene) => {
      const sample = sampleTorrent(2);
      await scene.place(sample, EARLY_S);
      // Twelve blocks of the first file, of which the sixth is missing, and one of the second.
      const blocks = new Uint8Array([0b1111_1011, 0b1111_1000]);
      await scene.write(`tr/torrents/${sample.infoHash}.torrent`, sample.bytes);
      const resume = {
        destination: join(scene.home, "data"),
        paused: 1,
        labels: ["tv"],
        dnd: [0, 0],
        priority: [1, -1],
        uploaded: 5,
        downloaded: 6,
        progress: { blocks, "time-checked": [VERIFIED_S, [VERIFIED_S, 1]] },
        "ratio-limit": { "ratio-limit": "2.500000", "ratio-mode": 1 },
        "idle-limit": { "idle-limit": 10, "idle-mode": 2 },
        "speed-limit-down": { "speed-Bps": 50_000, "use-speed-limit": 1 },
        "speed-limit-up": { "speed-Bps": 100_000, "use-speed-limit": 0 },
      };
      await scene.write(`tr/resume/${sample.infoHash}.resume`, bencode(resume));
      const report = await importTorrents(
        { from: "transmission", folder: join(scene.home, "tr") },
        scene,
      );
      assert.deepEqual(report, { added: 1, known: 0, failed: [] });
      assert.equal(await countPieces(scene, sample.infoHash), 3);
      const torrent = scene.torrents.find(sample.infoHash);
      assert.deepEqual(torrent.limits, { download: 50_000, upload: null });
      assert.deepEqual(torrent.shareLimits, { ratio: 2.5, idleTimeMs: null });
      assert.deepEqual(
        torrent.files.map(({ priority }) => priority),
        [6, 1],
      );
      assert.deepEqual(scene.tags.of(sample.infoHash), ["tv"]);
    }));

  test("Transmission: a file that was changed since its check is hashed", () =>
    withScene(async (scene) => {
      const sample = sampleTorrent(5);
      await scene.place(sample, LATE_S);
      await scene.write(`tr/torrents/${sample.infoHash}.torrent`, sample.bytes);
      const resume = {
        destination: join(scene.home, "data"),
        paused: 1,
        progress: { blocks: "all", "time-checked": [VERIFIED_S, VERIFIED_S] },
      };
      await scene.write(`tr/resume/${sample.infoHash}.resume`, bencode(resume));
      await importTorrents({ from: "transmission", folder: join(scene.home, "tr") }, scene);
      assert.equal(await countPieces(scene, sample.infoHash), 4);
    }));

  test("a folder that is not there, and one that is not whole, are refused", () =>
    withScene(async (scene) => {
      const nowhere = join(scene.home, "nowhere");
      await assert.rejects(importTorrents({ from: "transmission", folder: nowhere }, scene), {
        code: "missing",
      });
      await assert.rejects(
        importTorrents({ from: "qbittorrent", folder: "qb" }, scene),
        RangeError,
      );
    }));
});
