import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toHex } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import fc from "fast-check";
import vectors from "../../../../vectors/dht.json" with { type: "json" };
import { compareDistance, randomIdSharing, sharedPrefixBits } from "./node-id.ts";
import { createNodeId, isSecureId } from "./secure-id.ts";

const id = fc.uint8Array({ minLength: 20, maxLength: 20 });

suite("node IDs", () => {
  for (const { address, rand, prefix } of vectors.secureIds) {
    test(`BEP 42: an ID at ${address} starts with ${prefix}`, () => {
      const bytes = Buffer.alloc(20, 0xaa);
      bytes.write(prefix, 0, "hex");
      bytes[19] = rand;
      assert.ok(isSecureId(bytes, address));
      // The lower three bits of the third byte are free; the 21st bit is not.
      bytes[2]! ^= 0x07;
      assert.ok(isSecureId(bytes, address));
      bytes[2]! ^= 0x08;
      assert.ok(!isSecureId(bytes, address));
    });
  }

  test("BEP 42: what is made for a public address belongs to it, and to no other network", () =>
    withWorld({}, async (world) => {
      const { random } = world.host({ address: "192.0.2.1" });
      for (const address of ["124.31.75.21", "2a01:4f8:1:2::5"]) {
        const made = Array.from({ length: 20 }, () => createNodeId(address, random));
        assert.ok(made.every((one) => isSecureId(one, address)));
        assert.equal(new Set(made.map(toHex)).size, made.length);
        assert.ok(!made.every((one) => isSecureId(one, "8.8.8.8")));
      }
      assert.ok(isSecureId(createNodeId(null, random), "10.1.2.3"));
      assert.ok(isSecureId(new Uint8Array(20), "127.0.0.1"), "local addresses are exempt");
    }));

  test("a random ID of a bucket shares exactly as many bits", () =>
    withWorld({}, async (world) => {
      const { random } = world.host({ address: "192.0.2.1" });
      fc.assert(
        fc.property(id, fc.integer({ min: 0, max: 159 }), (own, bits) => {
          assert.equal(sharedPrefixBits(own, randomIdSharing(own, bits, random)), bits);
        }),
      );
    }));

  test("the XOR metric: who shares more bits with the target is closer", () => {
    fc.assert(
      fc.property(id, id, id, (target, a, b) => {
        const [near, far] = [sharedPrefixBits(target, a), sharedPrefixBits(target, b)];
        if (near > far) assert.ok(compareDistance(target, a, b) < 0);
        assert.equal(
          Math.sign(compareDistance(target, a, b)),
          -Math.sign(compareDistance(target, b, a)),
        );
      }),
    );
    assert.equal(sharedPrefixBits(new Uint8Array(20), new Uint8Array(20)), 160);
  });
});
