import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32c } from "./crc32c.ts";
import { peerPriority } from "./peer-priority.ts";

const priority = (client: string, peer: string): string =>
  peerPriority({ address: client, port: 6881 }, { address: peer, port: 51413 }).toString(16);

const crc = (hex: string): string => crc32c(Buffer.from(hex, "hex")).toString(16);

describe("crc32c", () => {
  it("RFC 3720: gives the standard's checksums", () => {
    assert.equal(crc("00".repeat(32)), "8a9136aa");
    assert.equal(crc("ff".repeat(32)), "62a8ab43");
    assert.equal(
      crc(Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i)).toString("hex")),
      "46dd794e",
    );
    assert.equal(crc(Buffer.from("123456789").toString("hex")), "e3069283");
    assert.equal(crc(""), "0");
  });
});

describe("peerPriority", () => {
  it("BEP 40: gives the two examples of the proposal, from either side", () => {
    assert.equal(priority("123.213.32.10", "98.76.54.32"), "ec2d7224");
    assert.equal(priority("98.76.54.32", "123.213.32.10"), "ec2d7224");
    assert.equal(priority("123.213.32.10", "123.213.32.234"), "99568189");
    assert.equal(priority("123.213.32.234", "123.213.32.10"), "99568189");
  });

  it("BEP 40: masks the last byte alone of IPv4 addresses in one /16", () => {
    assert.equal(priority("10.1.255.255", "10.1.3.255"), crc("0a0103550a01ff55"));
  });

  it("BEP 40: widens the IPv6 mask with what the addresses share", () => {
    assert.equal(
      priority("2001:db8:0:ffff::ffff", "2002:db8:0:ffff::ffff"),
      crc("20010db800005555000000000000555520020db8000055550000000000005555"),
    );
    assert.equal(
      priority("2001:db8:0:ffff::ffff", "2001:db8:0:feff::ffff"),
      crc("20010db80000fe55000000000000555520010db80000ff550000000000005555"),
    );
    assert.equal(
      priority("2001:db8:0:ffff::ffff", "2001:db8:0:fffe::ffff"),
      crc("20010db80000fffe000000000000555520010db80000ffff0000000000005555"),
    );
  });

  it("BEP 40: takes the ports when the addresses are the same", () => {
    assert.equal(priority("1.2.3.4", "1.2.3.4"), crc("1ae1c8d5"));
  });

  it("refuses addresses of two families and what is no address", () => {
    assert.throws(() => priority("1.2.3.4", "2001:db8::1"), RangeError);
    assert.throws(() => priority("1.2.3.4", "example.org"), RangeError);
  });
});
