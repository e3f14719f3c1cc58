import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { serveFolder } from "./file-server.ts";
import { CERTIFICATE, KEY } from "./localhost-certificate.ts";
import { createWorkspace, patternBytes, type Workspace } from "./workspace.ts";

const FILES: Readonly<Record<string, Uint8Array>> = {
  "album/a b+c #1.flac": patternBytes(3_000_001, 1),
  "album/empty": new Uint8Array(),
  "album/über/été.txt": patternBytes(70_000, 2),
  "album/z": patternBytes(500_000, 3),
};

function writeAlbum(space: Workspace): void {
  for (const [path, content] of Object.entries(FILES)) space.write(`www/${path}`, content);
}

function assertSame(space: Workspace, dir: string): void {
  for (const [path, content] of Object.entries(FILES)) {
    const got = readFileSync(space.path(dir, path));
    assert.equal(Buffer.compare(got, content), 0, `${path} differs`);
  }
}

suite("web seeds", { timeout: 120_000, concurrency: 2 }, () => {
  for (const version of ["--v1", "--v2", "--hybrid"]) {
    test(`BEP 19: get ${version} needs no peer, and keeps its connections`, async (t) => {
      const space = createWorkspace(t);
      writeAlbum(space);
      const server = await serveFolder(t, space.path("www"));
      await space.json([
        "create",
        "www/album",
        "-o",
        "a.torrent",
        version,
        "--piece-length",
        "64K",
      ]);
      const get = space.start(["get", "a.torrent", "--dir", "out", "--web-seed", server.url]);
      const used = await get.waitFor("web-seed");
      assert.deepEqual([used["url"], used["state"]], [server.url, "active"]);
      const { exitCode, stderr } = await get.ended;
      assert.equal(exitCode, 0, stderr);
      assertSame(space, "out");
      assert.ok(server.requests.length >= 3);
      assert.ok(server.connections <= 3, `${server.connections} connections were opened`);
    });
  }

  test("BEP 19: a torrent names a web seed of its own, over HTTPS", async (t) => {
    const space = createWorkspace(t);
    writeAlbum(space);
    space.write("cert.pem", CERTIFICATE);
    process.env["NODE_EXTRA_CA_CERTS"] = space.path("cert.pem");
    t.after(() => delete process.env["NODE_EXTRA_CA_CERTS"]);
    const server = await serveFolder(t, space.path("www"), {
      tls: { cert: CERTIFICATE, key: KEY },
    });
    const created = await space.json([
      ...["create", "www/album/z", "-o", "z.torrent", "--web-seed", `${server.url}album/`],
    ]);
    assert.match(String(created["magnet"]), /&ws=https%3A/);
    const { exitCode, stderr } = await space.run(["get", "z.torrent", "--dir", "out"]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(Buffer.compare(readFileSync(space.path("out/z")), FILES["album/z"]!), 0);
  });

  test("exit code 6 when the only source is a web seed with other data", async (t) => {
    const space = createWorkspace(t);
    writeAlbum(space);
    const change = (bytes: Buffer) => Buffer.alloc(bytes.length);
    const server = await serveFolder(t, space.path("www"), { change });
    await space.json(["create", "www/album", "-o", "a.torrent"]);
    const get = ["get", "a.torrent", "--dir", "out", "--web-seed", server.url];
    const { exitCode, stderr } = await space.run(get);
    assert.equal(exitCode, 6, stderr);
    assert.match(stderr, /web seed http:\S+ is banned: it sent all of piece \d+, which is bad/);
  });

  test("seed puts a web seed into its magnet link, and get uses it beside the seed", async (t) => {
    const space = createWorkspace(t);
    writeAlbum(space);
    const server = await serveFolder(t, space.path("www"));
    await space.json(["create", "www/album", "-o", "a.torrent", "--piece-length", "64K"]);
    const host = ["--host", "127.0.0.1"];
    const limited = ["--max-up", "100K", "--web-seed", server.url];
    const seed = space.start(["seed", "a.torrent", "--dir", "www", ...host, ...limited], "seeder");
    const { magnet, port } = await seed.waitFor(
      ({ event, magnet }) => event === "listening" && magnet !== undefined,
    );
    const peer = ["--peer", `127.0.0.1:${String(port)}`];
    const { exitCode, stderr } = await space.run([
      ...["get", String(magnet), "--dir", "out", ...host, ...peer],
    ]);
    assert.equal(exitCode, 0, stderr);
    assertSame(space, "out");
    assert.ok(server.requests.length > 0);
  });
});
