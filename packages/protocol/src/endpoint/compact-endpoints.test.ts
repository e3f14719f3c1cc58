import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import {
  decodeCompactEndpoints,
  encodeCompactEndpoint,
  encodeCompactEndpoints,
} from "./compact-endpoints.ts";

test("BEP 23: an endpoint is 6 bytes in network order", () => {
  const bytes = Uint8Array.of(10, 10, 10, 5, 0x00, 0x80, 127, 0, 0, 1, 0x1a, 0xe1);
  assert.deepEqual(decodeCompactEndpoints(bytes, 4, 10), [
    { address: "10.10.10.5", port: 128 },
    { address: "127.0.0.1", port: 6881 },
  ]);
});

test("BEP 7: an IPv6 endpoint is 18 bytes", () => {
  const bytes = encodeCompactEndpoint({ address: "2001:db8::1", port: 6881 });
  assert.equal(bytes.length, 18);
  assert.deepEqual(decodeCompactEndpoints(bytes, 6, 10), [{ address: "2001:db8::1", port: 6881 }]);
});

test("entries without a port, a cut-off rest and what is over the limit are left out", () => {
  const bytes = Uint8Array.of(1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 0, 2, 3, 3, 3, 3, 0, 3, 4, 4);
  assert.deepEqual(decodeCompactEndpoints(bytes, 4, 1), [{ address: "2.2.2.2", port: 2 }]);
  assert.equal(decodeCompactEndpoints(bytes, 4, 10).length, 2);
});

test("endpoints survive being written and read, each family by itself", () => {
  const endpoint = fc.record(
    {
      address: fc.oneof(fc.ipV4(), fc.constantFrom("2001:db8::1", "fe80::2")),
      port: fc.integer({ min: 1, max: 65535 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(endpoint), (endpoints) => {
      const of4 = decodeCompactEndpoints(encodeCompactEndpoints(endpoints, 4), 4, 1000);
      const of6 = decodeCompactEndpoints(encodeCompactEndpoints(endpoints, 6), 6, 1000);
      assert.deepEqual(
        of4,
        endpoints.filter(({ address }) => !address.includes(":")),
      );
      assert.deepEqual(
        of6,
        endpoints.filter(({ address }) => address.includes(":")),
      );
    }),
  );
});

test("a host name or a port out of range is a caller's bug", () => {
  assert.throws(() => encodeCompactEndpoint({ address: "example.com", port: 1 }), TypeError);
  assert.throws(() => encodeCompactEndpoint({ address: "1.1.1.1", port: 65536 }), RangeError);
});
