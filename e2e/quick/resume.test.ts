import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes, type Workspace } from "./workspace.ts";

const HOST = "127.0.0.1";
const PIECE = 64 * 1024;
const LENGTH = 48 * PIECE;

/** A seeder of one file of 3 MiB, and the command that downloads it. */
async function seedFilm(space: Workspace): Promise<string[]> {
  space.write("film.bin", patternBytes(LENGTH, 7));
  await space.run(["create", "film.bin", "-o", "f.torrent", "--piece-length", String(PIECE)]);
  const seeder = space.start(["seed", "f.torrent", "--dir", ".", "--host", HOST], "seeder");
  const { port } = await seeder.waitFor("listening");
  return ["get", "f.torrent", "--dir", "dl", "--host", HOST, "--peer", `${HOST}:${Number(port)}`];
}

/** Waits until a good part of the film is verified, but not all of it. */
function isHalfWay(event: { readonly [key: string]: unknown }): boolean {
  return event["event"] === "progress" && Number(event["verifiedBytes"]) >= 6 * PIECE;
}

function assertFilm(space: Workspace): void {
  const got = readFileSync(space.path("dl/film.bin"));
  assert.equal(Buffer.compare(got, readFileSync(space.path("film.bin"))), 0);
}

function changeByte(path: string, offset: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from("!"), 0, 1, offset);
  closeSync(file);
}

suite("resuming", { timeout: 240_000, concurrency: 2 }, () => {
  test("after kill -9 only the rest is downloaded", async (t) => {
    const space = createWorkspace(t);
    const get = await seedFilm(space);
    const first = space.start([...get, "--max-down", "600K"]);
    const verified = Number((await first.waitFor(isHalfWay))["verifiedBytes"]);
    first.kill("SIGKILL");
    await first.ended;
    assert.ok(verified < LENGTH, "the kill came too late to mean anything");

    const second = await space.json(get);
    assert.deepEqual([second.exitCode, second["complete"]], [0, true]);
    assert.ok(
      Number(second["downloadedBytes"]) <= LENGTH - verified,
      `${Number(second["downloadedBytes"])} bytes were fetched, though ${verified} of ${LENGTH} were verified`,
    );
    assertFilm(space);
  });

  test("Ctrl-C ends a download with exit code 130, and it goes on where it stopped", async (t) => {
    const space = createWorkspace(t);
    const get = await seedFilm(space);
    const first = space.start([...get, "--max-down", "600K"]);
    await first.waitFor(isHalfWay);
    first.kill("SIGINT");
    const { exitCode, stdout, stderr } = await first.ended;
    assert.equal(exitCode, 130);
    assert.match(stderr, /the same command goes on where this one stopped/);
    const result = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, number>;
    assert.deepEqual([result["event"], result["complete"]], ["result", false]);

    const second = await space.json(get);
    assert.equal(second.exitCode, 0);
    // Pieces that were being verified at Ctrl-C are kept too.
    assert.ok(Number(second["downloadedBytes"]) <= LENGTH - result["verifiedBytes"]!);
    const third = await space.json(get);
    assert.deepEqual([third.exitCode, third["downloadedBytes"]], [0, 0]);
    assertFilm(space);
  });

  test("verify finds wrong and missing data, get repairs it", async (t) => {
    const space = createWorkspace(t);
    const get = await seedFilm(space);
    assert.equal((await space.run(get)).exitCode, 0);
    const verify = ["verify", "f.torrent", "--dir", "dl"];
    const good = await space.json(verify);
    assert.deepEqual([good.exitCode, good["ok"], good["verifiedPieces"]], [0, true, 48]);

    changeByte(space.path("dl/film.bin"), 5 * PIECE + 100);
    changeByte(space.path("dl/film.bin"), 6 * PIECE);
    const bad = await space.run(verify);
    assert.deepEqual([bad.exitCode, bad.stdout], [6, "film.bin: bad pieces 5-6\n"]);
    const { exitCode, ok, badPieces } = await space.json(verify);
    assert.deepEqual([exitCode, ok, badPieces], [6, false, [5, 6]]);
    const unseeded = await space.run(["seed", "f.torrent", "--dir", "dl", "--host", HOST]);
    assert.equal(unseeded.exitCode, 6);
    assert.match(unseeded.stderr, /2 of 48 pieces are missing or wrong in dl: shoal verify/);

    const repaired = await space.json(get);
    assert.deepEqual([repaired.exitCode, repaired["downloadedBytes"]], [0, 2 * PIECE]);
    assertFilm(space);

    rmSync(space.path("dl/film.bin"));
    const missing = await space.run(verify);
    assert.deepEqual([missing.exitCode, missing.stdout], [6, "film.bin: missing\n"]);
  });

  test("exit code 6 when every known peer sends data that does not verify", async (t) => {
    const space = createWorkspace(t);
    const get = await seedFilm(space);
    // The seeder has verified its file, and does not read it again before it sends.
    changeByte(space.path("film.bin"), 9 * PIECE);
    const { exitCode, stderr } = await space.run(get);
    assert.equal(exitCode, 6, stderr);
    assert.match(stderr, /piece 9 from 127\.0\.0\.1 was bad/);
    assert.match(stderr, /every known peer sent data that does not agree with the torrent/);
  });
});
