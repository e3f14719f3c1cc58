import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  type AccessServer,
  cookieOf,
  createKey,
  createPlainHasher,
  PASSWORD,
  serveAccess,
  setPassword,
} from "../testing/access-server.ts";

const DAY_MS = 24 * 3_600_000;

async function start(runtime: SimHost): Promise<AccessServer> {
  return await serveAccess({ runtime, hasher: createPlainHasher() });
}

async function isSignedIn({ ask }: AccessServer, cookie: string): Promise<boolean> {
  const { json } = await ask("GET", "/api/v1/session", { headers: { cookie } });
  return json?.["signedIn"] === true;
}

async function pass(world: SimWorld, host: SimHost, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  host.clock.setTimer(delayMs, resolve);
  await world.complete(promise, delayMs + 1000);
}

const inWorld = (body: (world: SimWorld, host: SimHost) => Promise<void>) => () =>
  withWorld({ seed: 1 }, (world) => body(world, world.host({ address: "10.0.0.1" })));

suite("access", () => {
  test(
    "the first password is set by this machine, and signs its browser in",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const run = async () => {
        assert.equal(server.access.needsPassword, true);
        const early = await server.ask("POST", "/api/v1/session", { body: { password: PASSWORD } });
        assert.deepEqual([early.status, early.json?.["code"]], [409, "conflict"]);
        const short = await server.ask("PUT", "/api/v1/password", {
          body: { password: "1234567" },
        });
        assert.equal(short.status, 400);
        const cookie = await setPassword(server);
        assert.equal(server.access.needsPassword, false);
        const { json } = await server.ask("GET", "/api/v1/session", { headers: { cookie } });
        const scopes = ["read", "torrents", "wallet", "admin"];
        assert.deepEqual(json, { signedIn: true, needsPassword: false, scopes, version: "1.2.3" });
        const stranger = await server.ask("GET", "/api/v1/session");
        const nothing = { signedIn: false, needsPassword: false, scopes: [], version: "" };
        assert.deepEqual(stranger.json, nothing);
        assert.equal(
          (await server.ask("PUT", "/api/v1/password", { body: { password: PASSWORD } })).status,
          401,
        );
      };
      await world.complete(run());
    }),
  );

  test(
    "password, sessions and keys are there after kill -9, and what was ended stays so",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const before = async () => {
        const cookie = await setPassword(server);
        const left = cookieOf(
          await server.ask("POST", "/api/v1/session", { body: { password: PASSWORD } }),
        );
        const out = await server.ask("DELETE", "/api/v1/session", { headers: { cookie: left } });
        assert.match(out.headers["set-cookie"] ?? "", /^shoal_\d+=; .*Max-Age=0$/);
        const keys = [];
        for (const scope of ["read", "wallet"] as const) {
          keys.push(await createKey(server, cookie, [scope]));
        }
        const [, second] = server.access.listKeys();
        await server.ask("DELETE", `/api/v1/keys/${second?.id}`, { headers: { cookie } });
        return { cookie, left, keys };
      };
      const { cookie, left, keys } = await world.complete(before());
      host.crash("power");
      const again = await world.complete(start(world.restart(host)));
      const after = async () => {
        // The cookie's name has the port, which is another one now.
        const port = again.authority.split(":")[1];
        const [now, gone] = [cookie, left].map((old) => old.replace(/^shoal_\d+/, `shoal_${port}`));
        assert.equal(await isSignedIn(again, now!), true);
        assert.equal(await isSignedIn(again, gone!), false);
        const statuses = [];
        for (const authorization of keys) {
          statuses.push(
            (await again.ask("GET", "/api/v1/node", { headers: { authorization } })).status,
          );
        }
        assert.deepEqual(statuses, [200, 401]);
      };
      await world.complete(after());
    }),
  );

  test(
    "a new password ends all sessions, wants the old one, and leaves keys as they are",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const run = async () => {
        const { ask } = server;
        const cookie = await setPassword(server);
        const authorization = await createKey(server, cookie, ["read"]);
        const change = (body: object) =>
          ask("PUT", "/api/v1/password", { headers: { cookie }, body });
        assert.equal((await change({ password: "new and long" })).status, 401);
        assert.equal((await change({ password: "new and long", current: "x" })).status, 401);
        const changed = await change({ password: "new and long", current: PASSWORD });
        assert.equal(changed.status, 200);
        assert.equal(await isSignedIn(server, cookie), false);
        assert.equal(await isSignedIn(server, cookieOf(changed)), true);
        assert.equal(
          (await ask("POST", "/api/v1/session", { body: { password: PASSWORD } })).status,
          401,
        );
        assert.equal(
          (await ask("GET", "/api/v1/node", { headers: { authorization } })).status,
          200,
        );
      };
      await world.complete(run());
    }),
  );

  test(
    "a session ends after 30 days without use, and 180 days after it began",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const cookie = await world.complete(setPassword(server));
      for (let days = 0; days < 174; days += 29) {
        assert.equal(await world.complete(isSignedIn(server, cookie)), true, `${days}`);
        await pass(world, host, 29 * DAY_MS);
      }
      assert.equal(await world.complete(isSignedIn(server, cookie)), true);
      await pass(world, host, 7 * DAY_MS);
      assert.equal(await world.complete(isSignedIn(server, cookie)), false);
      const signIn = server.ask("POST", "/api/v1/session", { body: { password: PASSWORD } });
      const other = cookieOf(await world.complete(signIn));
      await pass(world, host, 30 * DAY_MS);
      assert.equal(await world.complete(isSignedIn(server, other)), false);
    }),
  );

  test(
    "a hundred sessions are kept, the last used; a hundred keys, and no more are made",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const run = async () => {
        const first = await setPassword(server);
        const request = { headers: { host: server.authority }, remote: { address: "10.0.0.1" } };
        for (let count = 0; count < 100; count++) {
          await server.access.signIn(PASSWORD, request as never);
        }
        assert.equal(await isSignedIn(server, first), false);
        const owner = { kind: "owner", scopes: new Set(["read"] as const) } as const;
        const make = () => server.access.createKey({ name: "a", scopes: ["read"] }, owner);
        for (let count = 0; count < 100; count++) await make();
        await assert.rejects(make(), { name: "NodeError", code: "conflict" });
      };
      await world.complete(run());
    }),
  );

  test(
    "a key's use is told to the minute, and its secret only when it is made",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const cookie = await world.complete(setPassword(server));
      const authorization = await world.complete(createKey(server, cookie, ["read"]));
      const key = async () => {
        const { json } = await world.complete(
          server.ask("GET", "/api/v1/keys", { headers: { cookie } }),
        );
        return (json!["keys"] as Record<string, unknown>[])[0]!;
      };
      const made = await key();
      assert.deepEqual(Object.keys(made), ["id", "name", "scopes", "createdAtMs", "lastUsedAtMs"]);
      assert.equal(made["lastUsedAtMs"], null);
      const use = () =>
        world.complete(server.ask("GET", "/api/v1/node", { headers: { authorization } }));
      await use();
      const first = Number((await key())["lastUsedAtMs"]);
      await pass(world, host, 30_000);
      await use();
      assert.equal((await key())["lastUsedAtMs"], first);
      await pass(world, host, 31_000);
      await use();
      assert.ok(Number((await key())["lastUsedAtMs"]) >= first + 60_000);
    }),
  );

  test(
    "Basic takes the password, or a key in its place with the key's scopes",
    inWorld(async (world, host) => {
      const hasher = createPlainHasher();
      const server = await world.complete(serveAccess({ runtime: host, hasher }));
      const run = async () => {
        const cookie = await setPassword(server);
        const secret = (await createKey(server, cookie, ["read"])).replace("Bearer ", "");
        const ask = async (password: string, target: string) => {
          const text = Buffer.from(`me:${password}`).toString("base64");
          const headers = { authorization: `Basic ${text}` };
          return (await server.ask("GET", target, { headers })).status;
        };
        for (let count = 0; count < 10; count++) {
          assert.equal(await ask(PASSWORD, "/api/v1/wallets"), 200);
        }
        // It is looked at once, and remembered until it changes.
        assert.equal(hasher.verified, 1);
        assert.deepEqual(
          [await ask(secret, "/api/v1/node"), await ask(secret, "/api/v1/wallets")],
          [200, 403],
        );
        assert.equal(await ask("wrong", "/api/v1/node"), 401);
        await server.access.setPassword(
          { password: "another one" },
          { kind: "owner", scopes: new Set() },
          { headers: {} } as never,
        );
        assert.equal(await ask(PASSWORD, "/api/v1/node"), 401);
      };
      await world.complete(run());
    }),
  );

  test(
    "streams end with the session, the key or the password that they were asked for with",
    inWorld(async (world, host) => {
      const server = await world.complete(start(host));
      const stream = async (headers: Record<string, string>) => {
        const url = `http://${server.authority}/api/v1/events`;
        const { status, body } = await host.http.request({ url, headers, timeoutMs: DAY_MS });
        assert.equal(status, 200);
        const parts = body[Symbol.asyncIterator]();
        assert.equal(String(Buffer.from((await parts.next()).value)), "hello");
        let isCut = false;
        parts.next().catch(() => (isCut = true));
        // Turns of the world pass with every request.
        return async () => {
          for (let count = 0; count < 3; count++) await server.ask("GET", "/api/v1/session");
          return isCut;
        };
      };
      const run = async () => {
        const { ask } = server;
        const early = await stream({});
        const cookie = await setPassword(server);
        assert.equal(await early(), true);
        const basic = `Basic ${Buffer.from(`me:${PASSWORD}`).toString("base64")}`;
        const byPassword = await stream({ authorization: basic });
        const authorization = await createKey(server, cookie, ["read"]);
        const byKey = await stream({ authorization });
        const second = cookieOf(
          await ask("POST", "/api/v1/session", { body: { password: PASSWORD } }),
        );
        const [first, other] = [await stream({ cookie }), await stream({ cookie: second })];
        await ask("DELETE", "/api/v1/session", { headers: { cookie: second } });
        assert.deepEqual([await first(), await other(), await byKey()], [false, true, false]);
        const [key] = server.access.listKeys();
        await ask("DELETE", `/api/v1/keys/${key?.id}`, { headers: { cookie } });
        assert.deepEqual([await first(), await byKey(), await byPassword()], [false, true, false]);
        const body = { password: "another one", current: PASSWORD };
        await ask("PUT", "/api/v1/password", { headers: { cookie }, body });
        assert.deepEqual([await first(), await byPassword()], [true, true]);
      };
      await world.complete(run());
    }),
  );
});
