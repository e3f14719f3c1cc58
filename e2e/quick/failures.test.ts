import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes, type Workspace } from "./workspace.ts";

const HOST = "127.0.0.1";

async function createFilm(space: Workspace): Promise<void> {
  space.write("film.bin", patternBytes(100_000, 7));
  await space.run(["create", "film.bin", "-o", "f.torrent"]);
}

async function assertFails(
  space: Workspace,
  args: readonly string[],
  exitCode: number,
  message: RegExp,
): Promise<void> {
  const ended = await space.run(args);
  assert.match(ended.stderr, message);
  assert.doesNotMatch(ended.stderr, /\n\s+at /, "no stack trace");
  assert.equal(ended.exitCode, exitCode, ended.stderr);
}

suite("failures", { timeout: 240_000, concurrency: 2 }, () => {
  test("a wrong command line is exit code 2, and says what is right", async (t) => {
    const space = createWorkspace(t);
    const wrong: [string[], RegExp][] = [
      [[], /Usage: shoal/],
      [["fetch"], /unknown command 'fetch'/],
      [["get", "x.torrent"], /required option '--dir <folder>'/],
      [["get", "x", "--dir", "d", "--peer", "::1:80"], /Expected HOST:PORT/],
      [["get", "x", "--dir", "d", "--max-down", "fast"], /such as 65536, 500K/],
      [["create", "x", "--v1", "--v2"], /cannot be used with/],
      [["create", "x", "--piece-length", "100K"], /Expected a power of two/],
      [["create", "x", "--tracker", "tracker.example"], /Expected a URL/],
      [["info", "magnet:?dn=nothing"], /names no torrent/],
    ];
    for (const [args, message] of wrong) await assertFails(space, args, 2, message);
  });

  test("help and version are data, and exit code 0", async (t) => {
    const space = createWorkspace(t);
    const help = await space.run(["help", "get"]);
    assert.equal(help.exitCode, 0);
    assert.match(help.stdout, /Examples:\n {2}shoal get photos\.torrent/);
    const version = await space.run(["--version"]);
    assert.deepEqual([version.exitCode, version.stdout], [0, "0.1.0\n"]);
  });

  test("what does not exist is exit code 4", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    await assertFails(space, ["info", "no.torrent"], 4, /no\.torrent does not exist/);
    await assertFails(space, ["create", "no"], 4, /no does not exist/);
    await assertFails(
      space,
      ["create", "film.bin", "-o", "no/f"],
      4,
      /the folder of no\/f does not/,
    );
    const get = ["get", "f.torrent", "--dir", "dl", "--peer", "host.invalid:1"];
    await assertFails(space, get, 4, /No address is known for host\.invalid/);
  });

  test("a file that is no torrent is told from one that is broken", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    space.write("text", "not a torrent");
    await assertFails(space, ["info", "text"], 1, /text is not a usable torrent file/);
    space.write("cut", readFileSync(space.path("f.torrent")).subarray(0, 150));
    await assertFails(space, ["get", "cut", "--dir", "dl"], 1, /cut is not a usable torrent file/);
    await assertFails(space, ["verify", ".", "--dir", "dl"], 1, /it is a folder/);
    const { exitCode, error } = await space.json(["info", "text"]);
    assert.equal(exitCode, 1);
    assert.equal((error as { code: string }).code, "bad-torrent");
  });

  test("a folder that cannot be written, and a full disk, are told in a sentence", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    const seeder = space.start(["seed", "f.torrent", "--dir", ".", "--host", HOST], "seeder");
    const peer = `${HOST}:${Number((await seeder.waitFor("listening"))["port"])}`;
    const get = ["get", "f.torrent", "--host", HOST, "--peer", peer, "--dir"];
    await assertFails(space, [...get, "film.bin"], 1, /Something else stands where .*film\.bin/);
    if (existsSync("/proc/self")) {
      await assertFails(space, [...get, "/proc/no"], 4, /\/proc\/no.* does not exist/);
    }
    if (existsSync("/dev/full")) {
      const create = ["create", "film.bin", "-o", "/dev/full"];
      await assertFails(space, create, 1, /the disk is full: free some space/);
    }
  });

  test("a port that is taken is told, with what to do", async (t) => {
    const space = createWorkspace(t);
    const tracker = space.start(["tracker", "--host", HOST, "--port", "0"]);
    const { http } = await tracker.waitFor("listening");
    const port = new URL(String(http)).port;
    const second = ["tracker", "--host", HOST, "--port", port];
    await assertFails(space, second, 1, /taken by another program/);
  });

  test("seed refuses data that is not there, with exit code 6", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    const seed = ["seed", "f.torrent", "--dir", "elsewhere", "--host", HOST];
    await assertFails(space, seed, 6, /--dir names the folder that holds film\.bin/);
    assert.equal(existsSync(space.path("elsewhere")), false, "nothing is created");
  });

  test("a download without peers says why it is slow, and ends at Ctrl-C", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    const get = space.start(["get", "f.torrent", "--dir", "dl", "--host", HOST]);
    const slow = await get.waitFor("slow");
    assert.equal(slow["reason"], "no-peers");
    get.kill("SIGINT");
    const { exitCode, stderr } = await get.ended;
    assert.equal(exitCode, 130);
    assert.match(stderr, /slow: no peers are known: give one with --peer/);
  });

  test("torrent files come from the web, within bounds", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    const torrent = readFileSync(space.path("f.torrent"));
    const server = createServer((request, response) => {
      if (request.url === "/f.torrent") response.end(torrent);
      else if (request.url === "/moved") response.writeHead(302, { location: "/f.torrent" }).end();
      else if (request.url === "/endless") response.end(Buffer.alloc(11 * 1024 * 1024));
      else response.writeHead(404).end();
    });
    server.listen(0, HOST);
    await once(server, "listening");
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const web = `http://${HOST}:${(server.address() as AddressInfo).port}`;
    const got = await space.run(["get", `${web}/moved`, "--dir", "."]);
    assert.deepEqual([got.exitCode, got.stdout], [0, "film.bin\n"], got.stderr);
    await assertFails(space, ["get", `${web}/no`, "--dir", "dl"], 4, /HTTP status 404/);
    await assertFails(
      space,
      ["get", `${web}/endless`, "--dir", "dl"],
      1,
      /sends more than 10485760/,
    );
    server.closeAllConnections();
  });

  test("Ctrl-C ends a seeder with 130, SIGTERM with 0", async (t) => {
    const space = createWorkspace(t);
    await createFilm(space);
    for (const [signal, expected] of [
      ["SIGINT", 130],
      ["SIGTERM", 0],
    ] as const) {
      const seeder = space.start(["seed", "f.torrent", "--dir", ".", "--host", HOST]);
      await seeder.waitFor("listening");
      seeder.kill(signal);
      assert.equal((await seeder.ended).exitCode, expected);
    }
  });
});
