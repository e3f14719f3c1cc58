import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { suite, test } from "node:test";
import { createNodeRuntime } from "@shoal/runtime/node";
import {
  type AccessServer,
  cookieOf,
  createKey,
  PASSWORD,
  serveAccess,
  setPassword,
} from "../testing/access-server.ts";
import type { AccessRules } from "./judge-request.ts";
import { createScryptHasher } from "./password-hasher.ts";

/** Real HTTP on loopback, real scrypt, cheaper than the daemon's. */
async function withServer(
  body: (server: AccessServer) => Promise<void>,
  rules: Partial<AccessRules> = {},
): Promise<void> {
  const runtime = await createNodeRuntime({ writeLog: () => {} });
  // Time stands still: however slow the machine is, no pause between guesses passes.
  const clock = { ...runtime.clock, monotonicMs: () => 0 };
  const hasher = createScryptHasher(runtime.random, { ln: 10, r: 8, p: 1 });
  const server = await serveAccess({ runtime: { ...runtime, clock }, hasher, rules });
  try {
    await body(server);
  } finally {
    await server.close();
    await runtime.close();
  }
}

/** Operations that want each of the scopes. */
const WANTS = {
  read: ["GET", "/api/v1/node"],
  torrents: ["POST", "/api/v1/sample"],
  wallet: ["GET", "/api/v1/wallets"],
  admin: ["GET", "/api/v1/keys"],
} as const;

suite("attacks over HTTP", () => {
  test("brute force: after a few guesses not even the right password is looked at", () =>
    withServer(async (server) => {
      const { ask } = server;
      await setPassword(server);
      const guess = (password: string) => ask("POST", "/api/v1/session", { body: { password } });
      const statuses = [];
      for (let count = 0; count < 8; count++) statuses.push((await guess(`guess ${count}`)).status);
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
      const { status, headers, json } = await guess(PASSWORD);
      assert.deepEqual([status, json?.["code"]], [429, "too-many-requests"]);
      assert.ok(Number(headers["retry-after"]) >= 1);
    }));

  test("brute force: many guesses at once gain nothing, whatever way they come", () =>
    withServer(async (server) => {
      const { ask } = server;
      const cookie = await setPassword(server);
      const basic = (index: number) => `Basic ${Buffer.from(`me:${index}`).toString("base64")}`;
      const guesses = await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          if (index % 3 === 0) {
            return ask("GET", "/api/v1/node", { headers: { authorization: basic(index) } });
          }
          if (index % 3 === 1) {
            return ask("POST", "/api/v1/session", { body: { password: `guess ${index}` } });
          }
          const body = { current: `guess ${index}`, password: "attacker's own" };
          return ask("PUT", "/api/v1/password", { headers: { cookie }, body });
        }),
      );
      const looked = guesses.filter(({ status }) => status === 401);
      assert.ok(looked.length <= 5, `${looked.length}`);
      assert.equal(guesses.filter(({ status }) => status === 429).length, 60 - looked.length);
    }));

  test("CSRF: a page of another site changes nothing, with whatever the browser adds", () =>
    withServer(async (server) => {
      const { ask, done, access } = server;
      const cookie = await setPassword(server);
      const pages: Record<string, string>[] = [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
        { "sec-fetch-site": "cross-site" },
        { origin: `http://${server.authority}.evil.example` },
      ];
      const basic = `Basic ${Buffer.from(`me:${PASSWORD}`).toString("base64")}`;
      for (const page of pages) {
        for (const own of [{ cookie }, { authorization: basic }, {}]) {
          const headers = { ...page, ...own, "content-type": "text/plain" };
          const form = await ask("POST", "/api/v1/sample", { headers, body: {} });
          assert.deepEqual([form.status, form.json?.["code"]], [403, "foreign-origin"]);
          const body = { password: PASSWORD };
          assert.equal((await ask("POST", "/api/v1/session", { headers, body })).status, 403);
          const read = await ask("GET", "/api/v1/node", { headers });
          assert.equal(read.status, 401);
          assert.equal(read.headers["access-control-allow-origin"], undefined);
        }
      }
      assert.deepEqual(done, []);
      assert.equal(access.listKeys().length, 0);
      const origin = `http://${server.authority}`;
      for (const page of [{ origin }, { origin, "sec-fetch-site": "same-origin" }, {}]) {
        const headers = { ...page, cookie };
        assert.equal((await ask("POST", "/api/v1/sample", { headers, body: {} })).status, 200);
      }
    }));

  test("CSRF: before a password is set, a page of another site cannot set one", () =>
    withServer(async ({ ask, access }) => {
      for (const page of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
        const body = { password: "attacker's own" };
        const set = await ask("PUT", "/api/v1/password", { headers: page, body });
        assert.equal(set.status, 403);
        assert.equal((await ask("GET", "/api/v1/node", { headers: page })).status, 401);
      }
      assert.equal(access.needsPassword, true);
    }));

  test("DNS rebinding: names that nobody gave the daemon are not answered", () =>
    withServer(
      async (server) => {
        const cookie = await setPassword(server);
        const ask = async (host: string) => {
          const { status } = await server.ask("GET", "/api/v1/node", { headers: { host, cookie } });
          return status;
        };
        const port = server.authority.split(":")[1];
        for (const host of [
          `evil.example:${port}`,
          "localhost.evil.example",
          "127.0.0.1.evil.example",
          "192.168.1.1",
          "nas.example.evil.example",
          "xnas.example",
          "localhost, evil.example",
          "localhost@evil.example",
          "localhost/evil.example",
          "[::1",
        ]) {
          assert.equal(await ask(host), 421, host);
        }
        // What is known is asked for its cookie, which is another one at another port.
        for (const host of [server.authority, `nas.example:${port}`, `a.home.example:${port}`]) {
          assert.equal(await ask(host), 200, host);
        }
        for (const host of ["localhost", "LOCALHOST.", "127.9.9.9", "[::1]:1", "0x7f.1"]) {
          assert.equal(await ask(host), 401, host);
        }
      },
      { hostNames: ["nas.example", "*.home.example"] },
    ));

  test("before a password is set, a forged Host, a proxy or another name gets nothing", () =>
    withServer(
      async ({ ask }) => {
        const tries: Record<string, string>[] = [
          { host: "nas.example" },
          { "x-forwarded-for": "203.0.113.9" },
          { forwarded: "for=203.0.113.9" },
          { via: "1.1 proxy" },
        ];
        for (const headers of tries) {
          const { status, json } = await ask("GET", "/api/v1/session", { headers });
          assert.deepEqual([status, json?.["code"]], [403, "needs-password"]);
        }
        assert.equal((await ask("GET", "/api/v1/session")).status, 200);
      },
      { hostNames: ["nas.example"] },
    ));

  test("before a password is set, this machine has no money and changes no settings", () =>
    withServer(async ({ ask, done }) => {
      const { json } = await ask("GET", "/api/v1/session");
      assert.deepEqual(json?.["scopes"], ["read", "torrents"]);
      assert.equal(json?.["needsPassword"], true);
      assert.equal((await ask("GET", "/api/v1/wallets")).status, 403);
      assert.equal(
        (await ask("POST", "/api/v1/keys", { body: { name: "a", scopes: ["read"] } })).status,
        403,
      );
      assert.equal((await ask("PATCH", "/api/v1/settings", { body: {} })).status, 403);
      assert.deepEqual(done, []);
    }));

  test("a stolen key does what its scopes say and nothing else, and nothing once it is revoked", () =>
    withServer(async (server) => {
      const { ask, access } = server;
      const cookie = await setPassword(server);
      const authorization = await createKey(server, cookie, ["read"]);
      const headers = { authorization };
      for (const [scope, [method, target]] of Object.entries(WANTS)) {
        const body = method === "POST" ? { body: {} } : {};
        const { status } = await ask(method, target, { headers, ...body });
        assert.equal(status, scope === "read" ? 200 : 403, scope);
      }
      const body = { password: "attacker's own", current: PASSWORD };
      assert.equal((await ask("PUT", "/api/v1/password", { headers, body })).status, 401);
      const admin = { authorization: await createKey(server, cookie, ["admin"]) };
      for (const scopes of [["wallet"], ["admin", "read"]]) {
        const minted = await ask("POST", "/api/v1/keys", {
          headers: admin,
          body: { name: "a", scopes },
        });
        assert.equal(minted.status, 403, scopes.join());
      }
      const [stolen] = access.listKeys();
      const revoke = `/api/v1/keys/${stolen?.id}`;
      assert.equal((await ask("DELETE", revoke, { headers: { cookie } })).status, 200);
      assert.equal((await ask("GET", "/api/v1/node", { headers })).status, 401);
      assert.equal((await ask("DELETE", revoke, { headers: { cookie } })).status, 404);
    }));

  test("what is shown of keys and sessions, in answers and in the store, signs nobody in", () =>
    withServer(async (server) => {
      const { ask } = server;
      const cookie = await setPassword(server);
      const authorization = await createKey(server, cookie, ["read", "wallet"]);
      const { text } = await ask("GET", "/api/v1/keys", { headers: { cookie } });
      const secret = authorization.replace("Bearer ", "");
      assert.match(secret, /^shoal_[\w-]{43}$/);
      assert.ok(!text.includes(secret) && !text.includes("hash"));
      const attributes = "; Path=/; HttpOnly; SameSite=Strict; Max-Age=";
      const signedIn = await ask("POST", "/api/v1/session", { body: { password: PASSWORD } });
      assert.ok(signedIn.headers["set-cookie"]?.includes(attributes));
      assert.notEqual(cookieOf(signedIn), cookie);
    }));

  test("an origin that is allowed brings a key, and never a cookie", () =>
    withServer(
      async (server) => {
        const { ask } = server;
        const cookie = await setPassword(server);
        const authorization = await createKey(server, cookie, ["read"]);
        const origin = "https://ui.example";
        const preflight = await ask("OPTIONS", "/api/v1/node", { headers: { origin } });
        assert.equal(preflight.status, 204);
        assert.equal(preflight.headers["access-control-allow-origin"], origin);
        assert.equal(preflight.headers["access-control-allow-credentials"], undefined);
        const other = await ask("OPTIONS", "/api/v1/node", {
          headers: { origin: "https://a.example" },
        });
        assert.equal(other.headers["access-control-allow-origin"], undefined);
        const byKey = await ask("GET", "/api/v1/node", { headers: { origin, authorization } });
        assert.deepEqual(
          [byKey.status, byKey.headers["access-control-allow-origin"]],
          [200, origin],
        );
        const byCookie = await ask("GET", "/api/v1/node", { headers: { origin, cookie } });
        assert.equal(byCookie.status, 401);
      },
      { allowedOrigins: ["https://ui.example"] },
    ));

  test("targets that lead out of their place are refused, however they are spelt", () =>
    withServer(async (server) => {
      const { done } = server;
      const cookie = await setPassword(server);
      const [host = "", port] = server.authority.split(":");
      for (const target of [
        "/../../etc/passwd",
        "/api/v1/torrents/../node",
        "/api/v1/%2e%2e/node",
        "/api/v1/%2E./node",
        "/a/..%2f..%2fetc/passwd",
        "/a\\..\\b",
        "/a%5c..%5cb",
        "/a%00b",
        "//evil.example/api/v1/node",
        "http://evil.example/api/v1/node",
        "/%",
        "*",
      ]) {
        // By hand: clients tidy targets up.
        const socket = connect(Number(port), host);
        const lines = [`Host: ${server.authority}`, `Cookie: ${cookie}`, "Connection: close"];
        socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
        let answer = "";
        socket.on("data", (part) => (answer += String(part)));
        await once(socket, "close");
        assert.match(answer, /^HTTP\/1\.1 400 /, target);
      }
      assert.deepEqual(done, []);
      assert.equal((await server.ask("GET", "/api/v1/nothing")).status, 404);
    }));

  test("a stranger's large body is not read, and nobody's beyond what its operation takes", () =>
    withServer(async (server) => {
      const { ask } = server;
      const cookie = await setPassword(server);
      const large = new Uint8Array(1_000_000).fill(32);
      const add = (headers: Record<string, string>, body: Uint8Array) =>
        ask("POST", "/api/v1/torrents", { headers, body });
      assert.equal((await add({}, large)).status, 401);
      assert.equal((await add({ cookie: "shoal_1=x" }, large)).status, 401);
      assert.equal((await add({ authorization: "Basic bTp4" }, large)).status, 413);
      assert.equal((await add({}, new Uint8Array(10))).status, 401);
      // It is read, and is no JSON.
      assert.equal((await add({ cookie }, large)).status, 400);
      const sample = await ask("POST", "/api/v1/sample", { headers: { cookie }, body: large });
      assert.equal(sample.status, 413);
    }));

  test("over the Unix socket the owner may everything, and gets in without the password", async () => {
    const folder = await mkdtemp(join(tmpdir(), "shoal-access-"));
    const runtime = await createNodeRuntime({ writeLog: () => {} });
    const hasher = createScryptHasher(runtime.random, { ln: 10, r: 8, p: 1 });
    const socketPath = join(folder, "daemon.sock");
    const server = await serveAccess({ runtime, hasher, path: socketPath });
    const ask = (method: string, target: string, body?: object) =>
      server.ask(method, target, { socketPath, ...(body && { body }) });
    for (const password of ["first one", "forgot it"]) {
      assert.equal((await ask("PUT", "/api/v1/password", { password })).status, 200);
    }
    const { json } = await ask("GET", "/api/v1/session");
    assert.deepEqual(json?.["scopes"], ["read", "torrents", "wallet", "admin"]);
    assert.equal((await ask("GET", "/api/v1/wallets")).status, 200);
    await server.close();
    await runtime.close();
    await rm(folder, { recursive: true });
  });
});
