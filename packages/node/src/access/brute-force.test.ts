import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  type AccessServer,
  createPlainHasher,
  PASSWORD,
  serveAccess,
} from "../testing/access-server.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A daemon that listens at every address, with its password set. */
async function createTarget(world: SimWorld) {
  const runtime = world.host({ address: "10.0.0.1" });
  const hasher = createPlainHasher();
  const rules = { host: "0.0.0.0" };
  const serve = (client?: SimHost) =>
    serveAccess({ runtime, hasher, rules, connectTo: "10.0.0.1", ...(client && { client }) });
  const server = await serve();
  await server.access.setPassword({ password: PASSWORD }, { kind: "owner", scopes: new Set() }, {
    headers: {},
  } as never);
  return { server, hasher };
}

/** Guesses as often as the daemon allows, for so long. */
async function guess(
  world: SimWorld,
  attacker: SimHost,
  { authority }: AccessServer,
  { forMs, from }: { forMs: number; from?: string },
): Promise<void> {
  const until = world.timeMs + forMs;
  for (let count = 0; world.timeMs < until; count++) {
    const response = await attacker.http.request({
      url: `http://${authority}/api/v1/session`,
      method: "POST",
      body: Buffer.from(JSON.stringify({ password: `guess ${count}` })),
      ...(from !== undefined && { localAddress: from }),
    });
    const waitS = Number(response.headers["retry-after"] ?? 0);
    for await (const part of response.body) assert.ok(part.length > 0);
    const { promise, resolve } = Promise.withResolvers<void>();
    attacker.clock.setTimer(waitS * 1000, resolve);
    await promise;
  }
}

async function signIn(client: SimHost, { authority }: AccessServer, password = PASSWORD) {
  const { status } = await client.http.request({
    url: `http://${authority}/api/v1/session`,
    method: "POST",
    body: Buffer.from(JSON.stringify({ password })),
  });
  return status;
}

suite("brute force in virtual time", () => {
  test("one address gets some two hundred guesses in a week, and does not shut others out", () =>
    withWorld({ seed: 1 }, async (world) => {
      const { server, hasher } = await world.complete(createTarget(world));
      const attacker = world.host({ address: "10.0.0.66" });
      const user = world.host({ address: "10.0.0.2" });
      await world.complete(guess(world, attacker, server, { forMs: 7 * DAY_MS }), 8 * DAY_MS);
      assert.ok(hasher.verified > 150 && hasher.verified < 200, `${hasher.verified}`);
      assert.equal(await world.complete(signIn(user, server)), 200);
    }));

  test("a crowd of addresses gets 50 guesses and then twelve an hour, and who was in before gets in", () =>
    withWorld({ seed: 2 }, async (world) => {
      const { server, hasher } = await world.complete(createTarget(world));
      const user = world.host({ address: "10.0.0.2" });
      const stranger = world.host({ address: "10.0.0.3" });
      assert.equal(await world.complete(signIn(user, server)), 200);
      const addresses = Array.from({ length: 40 }, (_, index) => `10.1.0.${index + 1}`);
      const crowd = world.host({ address: addresses });
      const attack = addresses.map((from) =>
        guess(world, crowd, server, { forMs: 3 * HOUR_MS, from }),
      );
      await world.complete(Promise.all(attack), DAY_MS);
      const guesses = hasher.verified - 1;
      assert.ok(guesses > 80 && guesses <= 50 + 3 * 12 + 1, `${guesses}`);
      assert.equal(await world.complete(signIn(stranger, server)), 429);
      assert.equal(await world.complete(signIn(user, server)), 200);
    }));

  test("typing errors cost nobody a wait, and a day later they are forgotten", () =>
    withWorld({ seed: 3 }, async (world) => {
      const { server } = await world.complete(createTarget(world));
      const user = world.host({ address: "10.0.0.2" });
      const attempts = async (...passwords: string[]) => {
        const statuses = [];
        for (const password of passwords) statuses.push(await signIn(user, server, password));
        return statuses;
      };
      const wrong = ["a", "b", "c", "d"];
      assert.deepEqual(
        await world.complete(attempts(...wrong, PASSWORD)),
        [401, 401, 401, 401, 200],
      );
      const day = async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        user.clock.setTimer(DAY_MS + 1, resolve);
        await promise;
      };
      assert.deepEqual(await world.complete(attempts(...wrong)), [401, 401, 401, 401]);
      await world.complete(day(), 2 * DAY_MS);
      assert.deepEqual(
        await world.complete(attempts(...wrong, PASSWORD)),
        [401, 401, 401, 401, 200],
      );
    }));
});
