import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { suite, test, type TestContext } from "node:test";
import { type OpenDht, openDht } from "../../packages/dht/src/index.ts";
import { createNodeRuntime } from "../../packages/runtime/src/node/index.ts";
import { createWorkspace } from "./workspace.ts";

const INFO_HASH = "0123456789abcdef0123456789abcdef01234567";

/** A node for commands to get in by, and the options that name it. */
async function startNode(t: TestContext): Promise<{ dht: OpenDht; options: string[] }> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const dht = await openDht({ ...runtime, hosts: ["127.0.0.1"] });
  t.after(async () => {
    await dht.closeSockets();
    await runtime.close();
  });
  const { port } = dht.locals[0]!;
  return { dht, options: ["--host", "127.0.0.1", "--dht-bootstrap", `127.0.0.1:${port}`] };
}

suite("shoal dht", () => {
  test("announces, finds, and remembers whom it met", async (t) => {
    const { options } = await startNode(t);
    const shell = createWorkspace(t);
    const announced = await shell.json([
      "dht",
      "announce",
      INFO_HASH,
      "--port",
      "7003",
      ...options,
    ]);
    assert.equal(announced["stored"], 1);
    const found = await shell.run(["dht", "lookup", INFO_HASH, "--host", "127.0.0.1"]);
    assert.equal(found.stdout, "127.0.0.1:7003\n");
    const { nodes } = await shell.json(["dht", "table", "--host", "127.0.0.1"]);
    assert.equal((nodes as { contacts: unknown[] }[])[0]!.contacts.length, 1);
    const nothing = await shell.run(["dht", "lookup", "00".repeat(20), "--host", "127.0.0.1"]);
    assert.equal(nothing.exitCode, 4);
  });

  test("puts text under its hash and under a key, and gets both", async (t) => {
    const { options } = await startNode(t);
    const shell = createWorkspace(t);
    const put = await shell.run(["dht", "put", "Hello World!", ...options]);
    assert.equal(put.stdout, "e5f96f6f38320f0f33959cb4d3d656452117aadb\n");
    const got = await shell.run(["dht", "get", put.stdout.trim(), ...options]);
    assert.equal(got.stdout, "Hello World!\n");

    const keyed = ["--key", "my.key", "--salt", "news", ...options];
    const first = await shell.json(["dht", "put", "one", ...keyed]);
    assert.equal(first["seq"], 1);
    assert.match(readFileSync(shell.path("my.key"), "utf8"), /^[0-9a-f]{64}\n$/);
    if (process.platform !== "win32")
      assert.equal(statSync(shell.path("my.key")).mode & 0o777, 0o600);
    assert.equal((await shell.json(["dht", "put", "two", ...keyed]))["seq"], 2);
    const key = first["publicKey"] as string;
    const { value, seq } = await shell.json(["dht", "get", key, "--salt", "news", ...options]);
    assert.deepEqual([value, seq], ["two", 2]);
  });

  test("says what is missing", async (t) => {
    const shell = createWorkspace(t);
    const lonely = await shell.run(["dht", "table", "--host", "127.0.0.1"]);
    assert.equal(lonely.exitCode, 4);
    assert.match(lonely.stderr, /--dht-bootstrap/);
    const wrong = await shell.run(["dht", "lookup", "abc", "--host", "127.0.0.1"]);
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /40 or 64 hex digits/);
    const { options } = await startNode(t);
    shell.write("bad.key", "no key");
    const bad = await shell.run(["dht", "put", "x", "--key", "bad.key", ...options]);
    assert.equal(bad.exitCode, 1);
    assert.match(bad.stderr, /bad\.key holds no key/);
  });
});
