import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createWorkspace } from "./quick/workspace.ts";

const PASSWORD = "correct horse battery staple";

suite("who may reach the daemon", { concurrency: false }, () => {
  test("the command line sets the password and makes keys, by which others are let in, until one is revoked", async (t) => {
    const space = createWorkspace(t);
    space.write("pass", `${PASSWORD}\n`);
    const daemon = space.start(["daemon", "--port", "0", "--no-open"]);
    const { url, socket } = await daemon.waitFor("listening");
    assert.equal(statSync(String(socket)).mode & 0o777, 0o600);
    const at = (path: string) => new URL(`/api/v1${path}`, String(url));
    const session = async (cookie = "") => {
      const answer = await fetch(at("/session"), { headers: { cookie } });
      return (await answer.json()) as { needsPassword: boolean; scopes: string[] };
    };
    assert.deepEqual((await session()).scopes, ["read", "torrents"]);

    const set = await space.json(["password", "--password-file", "pass"]);
    assert.equal(set.exitCode, 0);
    assert.deepEqual([(await session()).needsPassword, (await session()).scopes], [false, []]);
    const body = JSON.stringify({ password: PASSWORD });
    const signedIn = await fetch(at("/session"), { method: "POST", body });
    const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
    assert.equal((await session(cookie)).scopes.length, 4);

    const made = await space.json([
      "keys",
      "create",
      "laptop",
      "--scopes",
      "read",
      "--output",
      "key",
    ]);
    assert.equal(made.exitCode, 0);
    assert.equal(statSync(join(space.folder, "key")).mode & 0o777, 0o600);
    const there = ["--url", String(url), "--key-file", "key"];
    assert.equal((await space.json(["ls", ...there])).exitCode, 0);
    const beyond = await space.run(["config", "speed.uploadLimit", "1000", ...there]);
    assert.equal(beyond.exitCode, 1);
    assert.match(beyond.stderr, /scope admin/);
    const listed = await space.json(["keys", "list"]);
    const [key] = listed.keys as { id: string; name: string }[];
    assert.equal(key!.name, "laptop");
    assert.equal((await space.json(["keys", "revoke", key!.id])).exitCode, 0);
    assert.equal((await space.run(["ls", ...there])).exitCode, 1);
  });
});
