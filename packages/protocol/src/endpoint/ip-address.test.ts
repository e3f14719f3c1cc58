import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { canonicalIp, formatIp, parseIp, parseIpv4 } from "./ip-address.ts";

test("an IPv4 address is four decimal bytes and nothing else", () => {
  assert.equal(parseIpv4("1.2.3.4"), 0x01020304);
  assert.equal(parseIpv4("255.255.255.255"), 0xffffffff);
  assert.equal(parseIpv4("0.0.0.0"), 0);
  for (const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1..2.3",
    ".1.2.3",
    "1.2.3.",
    "1.2.3.4 ",
    "0x1.2.3.4",
  ]) {
    assert.equal(parseIpv4(text), null, text);
  }
});

test("RFC 5952: an IPv6 address is written in its canonical form", () => {
  const forms = [
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ] as const;
  for (const [text, canonical] of forms) assert.equal(canonicalIp(text), canonical);
});

test("an IPv4-mapped address is the IPv4 address", () => {
  assert.equal(canonicalIp("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(canonicalIp("::ffff:c000:201"), "192.0.2.1");
});

test("what is no address is refused", () => {
  for (const text of [
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "fe80::1%eth0",
    "g::",
    "12345::",
    "1.2.3.4::",
    "[::1]",
    "localhost",
  ]) {
    assert.equal(parseIp(text), null, text);
  }
});

test("addresses survive being written and read", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      const text = formatIp(bytes, bytes.length === 4 ? 4 : 16);
      const isMapped = text.startsWith("::ffff:") && bytes[11] === 0xff;
      assert.deepEqual(parseIp(text), isMapped ? bytes.slice(12) : bytes);
    }),
  );
});
