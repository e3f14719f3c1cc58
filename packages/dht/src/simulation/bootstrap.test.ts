import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { DhtOptions } from "../dht.ts";
import type { NodeInfo } from "../routing/contact.ts";
import { addNode, DHT_PORT, publicAddress, type SimDht } from "./dht-network.ts";

/** A node that was there once, and the next time, and one that lets in whoever finds nobody else. */
async function withNewcomer(
  choose: (known: SimDht) => Partial<DhtOptions>,
  check: (parts: { newcomer: SimDht; isAsked: boolean; tookMs: number }) => void,
): Promise<void> {
  await withWorld({ seed: 11 }, async (world: SimWorld) => {
    const known = await addNode(world, publicAddress(1));
    const last = await addNode(world, publicAddress(2));
    const options = { fallback: [{ host: last.address, port: DHT_PORT }], ...choose(known) };
    const newcomer = await addNode(world, publicAddress(3), options);
    const atMs = world.timeMs;
    await world.complete(newcomer.dht.whenJoined());
    const tookMs = world.timeMs - atMs;
    await world.run({ untilMs: world.timeMs + 60_000 });
    check({ newcomer, isAsked: last.dht.nodes[0]!.counters.queries > 0, tookMs });
    for (const { dht } of [known, last, newcomer]) dht.close();
  });
}

/** What an earlier run knew. */
function remember(...nodes: readonly NodeInfo[]): Partial<DhtOptions> {
  const id = new Uint8Array(20).fill(7);
  return { state: [{ family: 4, id, externalAddress: null, nodes }] };
}

suite("getting in", () => {
  test("a saved node that answers is enough: the fallback is left alone", () =>
    withNewcomer(
      ({ dht, address }) => remember({ id: dht.nodes[0]!.id, address, port: DHT_PORT }),
      ({ newcomer, isAsked }) => {
        assert.equal(newcomer.dht.nodes[0]!.table.size, 1);
        assert.equal(isAsked, false);
      },
    ));

  test("so is a host that the user named", () =>
    withNewcomer(
      ({ address }) => ({ bootstrap: [{ host: address, port: DHT_PORT }] }),
      ({ isAsked }) => assert.equal(isAsked, false),
    ));

  test("where all of 200 saved nodes are gone the fallback is asked three seconds later", () =>
    withNewcomer(
      () =>
        remember(
          ...Array.from({ length: 200 }, (_, index) => ({
            id: new Uint8Array(20).fill(index),
            address: publicAddress(100 + index),
            port: DHT_PORT,
          })),
        ),
      ({ newcomer, isAsked, tookMs }) => {
        assert.equal(isAsked, true);
        assert.equal(newcomer.dht.nodes[0]!.table.size, 1);
        assert.ok(tookMs > 3000 && tookMs < 6000, `${tookMs} ms`);
      },
    ));

  test("with nothing saved it is asked at once", () =>
    withNewcomer(
      () => ({}),
      ({ newcomer, isAsked, tookMs }) => {
        assert.equal(isAsked, true);
        assert.equal(newcomer.dht.nodes[0]!.table.size, 1);
        assert.ok(tookMs < 1000, `${tookMs} ms`);
      },
    ));
});
