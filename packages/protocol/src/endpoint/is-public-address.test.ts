import assert from "node:assert/strict";
import { test } from "node:test";

import { isPublicAddress } from "./is-public-address.ts";

test("addresses of the public internet are public", () => {
  for (const address of [
    "1.1.1.1",
    "100.63.0.1",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "193.0.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2002:101:101::1",
    "64:ff9b::808:808",
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

test("addresses that lead into a private network are not", () => {
  for (const address of [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.1.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fc00::1",
    "fdff::1",
    "fe80::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
});

test("what is no address is not public", () => {
  for (const text of ["", "localhost", "0177.0.0.1", "1.1.1.1%eth0"]) {
    assert.equal(isPublicAddress(text), false, text);
  }
});
