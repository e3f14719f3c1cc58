import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, readlinkSync } from "node:fs";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes, type Workspace } from "./quick/workspace.ts";

const HOST = "127.0.0.1";

/** Small files, an empty one, one of several pieces, one in a folder. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "album/cover.jpg": patternBytes(20_000, 1),
  "album/empty": new Uint8Array(),
  "album/notes.txt": patternBytes(10, 2),
  "album/songs/one.flac": patternBytes(300_001, 3),
};

function writeAlbum(space: Workspace): void {
  for (const [path, content] of Object.entries(FILES)) space.write(path, content);
}

function assertSame(space: Workspace, dir: string, paths: readonly string[]): void {
  for (const path of paths) {
    const got = readFileSync(space.path(dir, path));
    assert.equal(Buffer.compare(got, FILES[path]!), 0, `${path} differs`);
  }
}

suite("sharing", { timeout: 240_000, concurrency: 2 }, () => {
  test("get writes a file to stdout while it comes, and makes no other", async (t) => {
    const space = createWorkspace(t);
    const text = Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`).join("");
    space.write("book/cover.jpg", patternBytes(20_000, 1));
    space.write("book/text.txt", text);
    space.write("book/zz.bin", patternBytes(30_000, 2));
    await space.run(["create", "book", "-o", "b.torrent", "--v1", "--piece-length", "16K"]);
    const seed = space.start(["seed", "b.torrent", "--dir", ".", "--host", HOST], "seeder");
    const { port } = await seed.waitFor(
      ({ event, magnet }) => event === "listening" && magnet !== undefined,
    );
    const got = await space.run([
      ...["get", "b.torrent", "--dir", "got", "--host", HOST, "--peer", `${HOST}:${String(port)}`],
      ...["--stdout", "*.txt"],
    ]);
    assert.equal(got.exitCode, 0, got.stderr);
    assert.equal(got.stdout, text);
    assert.ok(existsSync(space.path("got", "book/text.txt")));
    assert.ok(!existsSync(space.path("got", "book/cover.jpg")));
    const refused = await space.run([
      "get",
      "b.torrent",
      "--dir",
      "got",
      "--stdout",
      "*",
      "--json",
    ]);
    assert.equal(refused.exitCode, 2);
  });

  test("create, info, tracker, seed and get share a hybrid torrent of several files", async (t) => {
    const space = createWorkspace(t);
    writeAlbum(space);
    const tracker = space.start(["tracker", "--host", HOST, "--port", "0"]);
    const { http, udp } = (await tracker.waitFor("listening")) as unknown as Record<string, string>;

    const created = await space.json([
      ...["create", "album", "-o", "a.torrent", "--piece-length", "16K", "--comment", "summer"],
      ...["--tracker", http!, "--tracker", udp!, "--web-seed", "http://127.0.0.1:1/"],
    ]);
    assert.equal(created.exitCode, 0);
    const info = await space.json(["info", "a.torrent"]);
    const { exitCode, createdAt, files, ...rest } = info;
    assert.equal(exitCode, 0);
    assert.ok(Date.parse(String(createdAt)) > 0);
    assert.deepEqual(rest, {
      name: "album",
      magnet: created["magnet"],
      infoHashV1: created["infoHashV1"],
      infoHashV2: created["infoHashV2"],
      pieceLengthBytes: 16_384,
      pieceCount: 22,
      lengthBytes: 320_011,
      trackers: [http, udp],
      webSeeds: ["http://127.0.0.1:1/"],
      private: false,
      comment: "summer",
      createdBy: "Shoal 0.1.0",
    });
    assert.deepEqual(
      (files as { path: string; offset: number }[]).map(({ path, offset }) => [path, offset]),
      [
        ["album/cover.jpg", 0],
        ["album/empty", 20_000],
        ["album/notes.txt", 32_768],
        ["album/songs/one.flac", 49_152],
      ],
    );

    const seeder = space.start(["seed", "a.torrent", "--dir", ".", "--host", HOST]);
    await seeder.waitFor("listening");
    const got = await space.run(["get", "a.torrent", "--dir", "dl", "--host", HOST], "other");
    assert.deepEqual([got.exitCode, got.stdout], [0, "dl/album\n"], got.stderr);
    assertSame(space, "dl", Object.keys(FILES));

    tracker.kill("SIGTERM");
    assert.equal((await tracker.ended).exitCode, 0);
    seeder.kill("SIGTERM");
    const { exitCode: seederCode, stdout } = await seeder.ended;
    assert.equal(seederCode, 0);
    assert.match(stdout, /"event":"result".*"uploadedBytes":3\d{5}/);
  });

  for (const version of ["v1", "v2", "hybrid"]) {
    test(`a magnet link of a ${version} torrent brings metadata, then data`, async (t) => {
      const space = createWorkspace(t);
      writeAlbum(space);
      await space.run(["create", "album", "-o", "a.torrent", `--${version}`]);
      const seeder = space.start(["seed", "a.torrent", "--dir", ".", "--host", HOST]);
      const { port, magnet } = await seeder.waitFor("listening");
      const peer = `localhost:${Number(port)}`;
      const get = ["get", String(magnet), "--dir", "dl", "--host", HOST, "--peer", peer];
      const { exitCode, stderr } = await space.run(get, "other");
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /metadata arrived: album, 4 files, 312.5 KiB/);
      assertSame(space, "dl", Object.keys(FILES));
    });
  }

  test("only selected files are downloaded", async (t) => {
    const space = createWorkspace(t);
    writeAlbum(space);
    await space.run(["create", "album", "-o", "a.torrent", "--piece-length", "16K"]);
    const seeder = space.start(["seed", "a.torrent", "--dir", ".", "--host", HOST]);
    const peer = `${HOST}:${Number((await seeder.waitFor("listening"))["port"])}`;
    const get = ["get", "a.torrent", "--dir", "dl", "--host", HOST, "--peer", peer];

    const got = await space.json([...get, "--select", "songs/*", "--select", "*.txt"]);
    assert.deepEqual([got.exitCode, got["wantedBytes"]], [0, 300_011]);
    assertSame(space, "dl", ["album/songs/one.flac", "album/notes.txt"]);
    assert.equal(existsSync(space.path("dl/album/cover.jpg")), false);

    const none = await space.run([...get, "--select", "*.mkv"]);
    assert.equal(none.exitCode, 4);
    assert.match(none.stderr, /no file of the torrent matches \*\.mkv; it has album\/cover\.jpg,/);

    const rest = await space.json(get);
    assert.deepEqual([rest.exitCode, rest["downloadedBytes"]], [0, 20_000]);
  });

  test(
    "links within a folder and the right to run travel along",
    {
      skip: process.platform === "win32",
    },
    async (t) => {
      const space = createWorkspace(t);
      writeAlbum(space);
      symlinkSync("songs/one.flac", space.path("album/best"));
      chmodSync(space.path("album/notes.txt"), 0o755);
      await space.run(["create", "album", "-o", "a.torrent"]);
      const seeder = space.start(["seed", "a.torrent", "--dir", ".", "--host", HOST]);
      const peer = `${HOST}:${Number((await seeder.waitFor("listening"))["port"])}`;
      const got = await space.run([
        "get",
        "a.torrent",
        "--dir",
        "dl",
        "--host",
        HOST,
        "--peer",
        peer,
      ]);
      assert.equal(got.exitCode, 0, got.stderr);
      assert.equal(readlinkSync(space.path("dl/album/best")), "songs/one.flac");
      assert.equal(statSync(space.path("dl/album/notes.txt")).mode & 0o111, 0o111);

      symlinkSync("../../elsewhere", space.path("album/songs/out"));
      const refused = await space.run(["create", "album"]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /out links to what lies outside of/);
    },
  );
});
