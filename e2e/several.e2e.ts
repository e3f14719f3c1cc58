import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes, type Workspace } from "./quick/workspace.ts";

const HOST = "127.0.0.1";
const NAMES = ["one.bin", "two.bin", "three.bin"] as const;
const TORRENTS = NAMES.map((name) => `${name}.torrent`);

async function createFiles(space: Workspace): Promise<void> {
  for (const [index, name] of NAMES.entries()) {
    space.write(name, patternBytes(200_000 + index, index + 1));
    const made = await space.run(["create", name, "--piece-length", "16K"]);
    assert.equal(made.exitCode, 0, made.stderr);
  }
}

/** Seeds all of them. @returns Where, as `--peer` takes it. */
async function seedAll(space: Workspace): Promise<string> {
  const seeder = space.start(["seed", ...TORRENTS, "--dir", ".", "--host", HOST], "seeder");
  const verified = NAMES.map((name) =>
    seeder.waitFor((event) => event.event === "listening" && event["name"] === name),
  );
  const [first] = await Promise.all(verified);
  return `${HOST}:${Number(first!["port"])}`;
}

function assertGot(space: Workspace, name: string): void {
  const same = Buffer.compare(readFileSync(space.path("dl", name)), readFileSync(space.path(name)));
  assert.equal(same, 0, `${name} differs`);
}

suite("several torrents at once", { timeout: 240_000, concurrency: 2 }, () => {
  test("get brings all of them, what fails stops no other, the worst exit code counts", async (t) => {
    const space = createWorkspace(t);
    await createFiles(space);
    const peer = await seedAll(space);
    const get = ["--dir", "dl", "--host", HOST, "--peer", peer, "--max-active", "1"];
    const got = await space.json(["get", ...TORRENTS, "no.torrent", TORRENTS[0]!, ...get]);
    assert.equal(got.exitCode, 4);
    const results = got["torrents"] as Record<string, unknown>[];
    assert.deepEqual(
      results.map(({ source, complete, error }) => [
        source,
        complete ?? null,
        (error as { code: string } | null)?.code ?? null,
      ]),
      [
        ...TORRENTS.map((source) => [source, true, null]),
        ["no.torrent", null, "not-found"],
        [TORRENTS[0], null, "duplicate-torrent"],
      ],
    );
    for (const name of NAMES) assertGot(space, name);

    const again = await space.run(["get", ...TORRENTS, ...get]);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.deepEqual(again.stdout.split("\n").toSorted(), [
      "",
      ...NAMES.map((name) => `dl/${name}`).toSorted(),
    ]);
  });

  test("Ctrl-C keeps what all of them have, and each event names its torrent", async (t) => {
    const space = createWorkspace(t);
    await createFiles(space);
    const peer = await seedAll(space);
    const get = ["get", ...TORRENTS, "--dir", "dl", "--host", HOST, "--peer", peer];
    const slow = space.start([...get, "--max-down", "60K"]);
    const hashes = new Set<unknown>();
    while (hashes.size < NAMES.length) {
      const { infoHash } = await slow.waitFor(
        (event) =>
          event.event === "progress" &&
          Number(event["verifiedBytes"]) > 0 &&
          !hashes.has(event["infoHash"]),
      );
      hashes.add(infoHash);
    }
    slow.kill("SIGINT");
    const ended = await slow.ended;
    assert.equal(ended.exitCode, 130, ended.stderr);
    const last = JSON.parse(ended.stdout.trim().split("\n").at(-1)!) as {
      event: string;
      torrents: { verifiedBytes: number }[];
    };
    assert.equal(last.event, "result");

    const rest = await space.json(get);
    assert.equal(rest.exitCode, 0);
    for (const [index, { verifiedBytes }] of last.torrents.entries()) {
      const { downloadedBytes } = (rest["torrents"] as { downloadedBytes: number }[])[index]!;
      assert.ok(verifiedBytes > 0 && downloadedBytes <= 200_000 + index - verifiedBytes);
    }
  });

  test("get ends by itself once it has seeded for long enough", async (t) => {
    const space = createWorkspace(t);
    await createFiles(space);
    const peer = await seedAll(space);
    const get = ["--dir", "dl", "--host", HOST, "--peer", peer, "--seed-time", "0s"];
    const one = await space.run(["get", TORRENTS[0]!, ...get]);
    assert.equal(one.exitCode, 0, one.stderr);
    assert.match(one.stderr, /seeding: until enough is shared/);
    const all = await space.run(["get", ...TORRENTS, ...get]);
    assert.equal(all.exitCode, 0, all.stderr);
    for (const name of NAMES) assertGot(space, name);
  });

  test("seed goes on with what is right beside what is missing", async (t) => {
    const space = createWorkspace(t);
    await createFiles(space);
    space.write("two.bin", patternBytes(200_001, 9));
    const seeder = space.start([
      ...["seed", ...TORRENTS, "--dir", ".", "--host", HOST, "--seed-time", "0s"],
    ]);
    const { exitCode, stdout } = await seeder.ended;
    assert.equal(exitCode, 6);
    assert.match(stdout, /"event":"failed","source":"two\.bin\.torrent".*"verification-failed"/);
    assert.match(stdout, /"event":"listening".*three\.bin/);
  });

  test("create writes over an earlier torrent, and over nothing else unless it is told to", async (t) => {
    const space = createWorkspace(t);
    space.write("film.bin", patternBytes(100, 1));
    space.write("film.bin.torrent", "something else");
    const refused = await space.run(["create", "film.bin"]);
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      /film\.bin\.torrent is there already, and is no torrent file: --force writes over it/,
    );
    assert.equal(readFileSync(space.path("film.bin.torrent"), "utf8"), "something else");
    assert.equal((await space.run(["create", "film.bin", "--force"])).exitCode, 0);
    assert.equal((await space.run(["create", "film.bin", "--comment", "anew"])).exitCode, 0);
    assert.match((await space.run(["info", "film.bin.torrent"])).stdout, /anew/);
    assert.ok(existsSync(space.path("film.bin")));
  });
});
