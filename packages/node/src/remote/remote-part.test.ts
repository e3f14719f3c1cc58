import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { HttpResponse } from "@shoal/runtime";
import { openTestDaemon, readText, type TestDaemon } from "../testing/test-daemon.ts";

const PASSWORD = "correct horse battery";
const RPC = "/transmission/rpc";

let daemon: TestDaemon;

const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`me:${password}`).toString("base64")}`,
});

/** Sends a form as programs do. */
async function post(
  target: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const body = Buffer.from(new URLSearchParams(fields).toString());
  return await daemon.fetch("POST", target, { headers: { ...type, ...headers }, body });
}

const signIn = async (password: string) =>
  await post("/api/v2/auth/login", { username: "admin", password });

suite("other clients' interfaces of a daemon", () => {
  before(async () => {
    daemon = await openTestDaemon();
  });
  after(async () => daemon.close());

  test("this machine is answered before a password is set, and may not change settings", async () => {
    const refused = await daemon.fetch("POST", RPC, { body: Buffer.from("{}") });
    const id = refused.headers["x-transmission-session-id"]!;
    assert.deepEqual([refused.status, id.length > 40], [409, true]);
    const ask = async (body: object) => {
      const headers = { "x-transmission-session-id": id };
      const sent = { headers, body: Buffer.from(JSON.stringify(body)) };
      return JSON.parse(await readText(await daemon.fetch("POST", RPC, sent))) as {
        result: string;
      };
    };
    assert.equal(
      (await ask({ method: "torrent-get", arguments: { fields: [] } })).result,
      "success",
    );
    const change = { "speed-limit-up-enabled": true };
    assert.match((await ask({ method: "session-set", arguments: change })).result, /scope admin/);
    assert.equal(await readText(await signIn("anything")), "Ok.");
    assert.equal((await daemon.fetch("GET", "/api/v2/torrents/info")).status, 200);
  });

  test("DNS rebinding: a foreign name is not answered, nor a page of another site", async () => {
    for (const target of [RPC, "/api/v2/torrents/info"]) {
      const rebound = await daemon.fetch("GET", target, { headers: { host: "evil.example" } });
      assert.equal(rebound.status, 421);
    }
    const foreign = { origin: "http://evil.example" };
    assert.equal((await post(RPC, {}, foreign)).status, 403);
    assert.equal((await post("/api/v2/torrents/delete", { hashes: "all" }, foreign)).status, 403);
  });

  test("a password set, both want it; the cookie SID is a session like any other", async () => {
    await daemon.client.call("setPassword", { password: PASSWORD });
    const asked = await daemon.fetch("GET", RPC);
    assert.deepEqual(
      [asked.status, asked.headers["www-authenticate"]?.slice(0, 6)],
      [401, "Basic "],
    );
    assert.equal((await daemon.fetch("GET", RPC, { headers: basic(PASSWORD) })).status, 409);
    assert.equal((await daemon.fetch("GET", "/api/v2/app/version")).status, 403);
    const { headers } = await signIn(PASSWORD);
    const cookie = headers["set-cookie"]!.split(";")[0]!;
    assert.match(cookie, /^SID=/);
    const info = await daemon.fetch("GET", "/api/v2/torrents/info", { headers: { cookie } });
    assert.deepEqual([info.status, await readText(info)], [200, "[]"]);
    // CSRF: the browser would add the cookie by itself.
    const forged = { cookie, origin: "http://evil.example" };
    assert.equal((await post("/api/v2/app/shutdown", {}, forged)).status, 403);
    assert.equal(daemon.daemon.stopAsked.aborted, false);
    await post("/api/v2/auth/logout", {}, { cookie });
    const ended = await daemon.fetch("GET", "/api/v2/torrents/info", { headers: { cookie } });
    assert.equal(ended.status, 403);
  });

  test("an API key stands for the password, as far as its scopes reach", async () => {
    const { secret } = await daemon.client.call("createKey", { name: "sonarr", scopes: ["read"] });
    assert.equal((await daemon.fetch("GET", RPC, { headers: basic(secret) })).status, 409);
    const bearer = { authorization: `Bearer ${secret}` };
    assert.equal(
      (await daemon.fetch("GET", "/api/v2/torrents/info", { headers: bearer })).status,
      200,
    );
    assert.equal((await post("/api/v2/torrents/stop", { hashes: "all" }, bearer)).status, 403);
  });

  test("a long body of nobody is answered without being read", async () => {
    const body = Buffer.alloc(1_000_000);
    assert.equal((await daemon.fetch("POST", RPC, { body })).status, 401);
    assert.equal((await daemon.fetch("POST", "/api/v2/torrents/add", { body })).status, 403);
    const headers = basic(PASSWORD);
    assert.equal((await daemon.fetch("POST", RPC, { body, headers })).status, 409);
    const longest = Buffer.alloc(16 * 2 ** 20);
    assert.equal((await daemon.fetch("POST", RPC, { body: longest, headers })).status, 413);
  });

  test("the settings switch them off", async () => {
    await daemon.client.call("changeSettings", {
      web: { transmissionRpc: false, qbittorrentApi: false },
    });
    const headers = basic(PASSWORD);
    for (const target of [RPC, "/api/v2/app/version"]) {
      assert.equal((await daemon.fetch("GET", target, { headers })).status, 404);
    }
    await daemon.client.call("changeSettings", {
      web: { transmissionRpc: true, qbittorrentApi: true },
    });
  });

  test("brute force: guesses at one door are counted at the other", async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) {
      const guess = `guess ${count}`;
      if (count % 2 === 0) {
        statuses.push((await daemon.fetch("GET", RPC, { headers: basic(guess) })).status);
      } else assert.equal(await readText(await signIn(guess)), "Fails.");
    }
    assert.deepEqual(statuses, [401, 401, 401]);
    const shut = await daemon.fetch("GET", RPC, { headers: basic("guess 6") });
    assert.equal(shut.status, 429);
    const right = await signIn(PASSWORD);
    assert.deepEqual([right.status, (await readText(right)).includes("banned")], [403, true]);
  });
});
