import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeCompactEndpoint } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";

import { createConnectionIds } from "./connection-ids.ts";

/** A datagram that opens with an ID. */
const withId = (id: bigint): Uint8Array => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, id);
  return bytes;
};
const endpoint = (address: string, port = 1): Uint8Array =>
  encodeCompactEndpoint({ address, port });

test("BEP 15: a connection ID holds for two minutes at least and four at most", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const ids = createConnectionIds(clock, random.bytes(8));
    await world.run({ untilMs: 119_000 });
    const id = ids.issue(endpoint("1.2.3.4"));
    await world.run({ untilMs: 119_000 + 120_000 });
    assert.equal(ids.accepts(endpoint("1.2.3.4"), withId(id)), true);
    await world.run({ untilMs: 119_000 + 240_000 });
    assert.equal(ids.accepts(endpoint("1.2.3.4"), withId(id)), false);
  }));

test("a connection ID holds for its address alone, whatever the port", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const ids = createConnectionIds(clock, random.bytes(8));
    for (const address of ["1.2.3.4", "2001:db8::1"]) {
      const id = ids.issue(endpoint(address));
      assert.equal(ids.accepts(endpoint(address, 99), withId(id)), true);
      assert.equal(ids.accepts(endpoint("1.2.3.5"), withId(id)), false);
      assert.equal(ids.accepts(endpoint("2001:db8::2"), withId(id)), false);
      assert.equal(ids.accepts(endpoint(address), withId(id ^ 1n)), false);
    }
    const others = createConnectionIds(clock, random.bytes(8));
    assert.equal(
      others.accepts(endpoint("1.2.3.4"), withId(ids.issue(endpoint("1.2.3.4")))),
      false,
    );
  }));
