import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { loadSource } from "./load-source.ts";

const MIB = 1024 * 1024;
const CODE = { code: "fetch-failed" };

/** A server that answers a path as `answer` says, and what asks it for one. */
async function openWeb(
  world: SimWorld,
  answer: (path: string) => { status: number; headers?: Record<string, string>; body: Uint8Array },
) {
  const server = world.host({ address: "192.0.2.1" });
  const client = world.host({ address: "10.0.0.1" });
  await world.complete(server.http.serve({ port: 80 }, ({ target }) => answer(target)));
  return (path: string) =>
    world.complete(loadSource(`http://192.0.2.1${path}`, { http: client.http }));
}

suite("limit: a torrent file's address", () => {
  test("more than 10 MiB are not read to their end", () =>
    withWorld({ seed: 1 }, async (world) => {
      const load = await openWeb(world, () => ({ status: 200, body: new Uint8Array(30 * MIB) }));
      await assert.rejects(load("/"), { ...CODE, message: /more than 10485760 bytes/ });
      assert.ok(world.counters.bytesDelivered < 20 * MIB);
    }));

  test("five redirects are followed, not six", () =>
    withWorld({ seed: 1 }, async (world) => {
      const paths: string[] = [];
      const load = await openWeb(world, (path) => {
        paths.push(path);
        const left = Number(path.slice(1));
        return left === 0
          ? { status: 404, body: new Uint8Array() }
          : { status: 302, headers: { location: `/${left - 1}` }, body: new Uint8Array() };
      });
      await assert.rejects(load("/5"), { code: "not-found" });
      assert.equal(paths.length, 6);
      await assert.rejects(load("/6"), CODE);
    }));

  test("a server that says nothing is left after 30 s", () =>
    withWorld({ seed: 1 }, async (world) => {
      const server = world.host({ address: "192.0.2.1" });
      const client = world.host({ address: "10.0.0.1" });
      await world.complete(server.net.listen({ port: 80 }, () => {}));
      const load = loadSource("http://192.0.2.1/", { http: client.http });
      const startMs = world.timeMs;
      await assert.rejects(world.complete(load), CODE);
      assert.equal(Math.round((world.timeMs - startMs) / 1000), 30);
    }));
});
