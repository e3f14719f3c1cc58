import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { NetError } from "../errors.ts";
import { bytesToIp, ipToBytes } from "../address/ip-bytes.ts";
import { describeProxy, parseProxyUrl } from "./proxy-url.ts";
import {
  decodeChoice,
  decodeDatagram,
  decodeReply,
  encodeCredentials,
  encodeDatagramHeader,
  encodeGreeting,
  encodeRequest,
  REPLY_START_BYTES,
  replyLengthBytes,
  SOCKS_COMMAND,
} from "./socks5.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

suite("SOCKS5", () => {
  test("RFC 1928: a greeting offers no password, and one where there is one", () => {
    assert.equal(hex(encodeGreeting(false)), "050100");
    assert.equal(hex(encodeGreeting(true)), "05020002");
  });

  test("RFC 1929: user and password are each preceded by their length", () => {
    assert.equal(hex(encodeCredentials("ann", "s3cret")), "0103616e6e06733363726574");
  });

  test("RFC 1928: a request names IPv4, IPv6 or a name for the proxy to look up", () => {
    const { connect, udpAssociate } = SOCKS_COMMAND;
    assert.equal(hex(encodeRequest(connect, "192.0.2.1", 6881)), "05010001c00002011ae1");
    assert.equal(
      hex(encodeRequest(connect, "2001:db8::1", 80)),
      "0501000420010db80000000000000000000000010050",
    );
    assert.equal(hex(encodeRequest(connect, "a.example", 80)), "0501000309612e6578616d706c650050");
    assert.equal(hex(encodeRequest(udpAssociate, "0.0.0.0", 0)), "05030001000000000000");
    assert.throws(() => encodeRequest(connect, "a".repeat(256), 80), RangeError);
  });

  test("RFC 1928: a datagram comes back as it was sent, and a fragment is dropped", () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((text) => bytesToIp(ipToBytes(text)!)),
    );
    fc.assert(
      fc.property(
        address,
        fc.integer({ min: 0, max: 65_535 }),
        fc.uint8Array(),
        (ip, port, body) => {
          const bytes = Buffer.concat([encodeDatagramHeader({ address: ip, port }), body]);
          const datagram = decodeDatagram(bytes)!;
          assert.deepEqual(datagram.from, { address: ip, port });
          assert.deepEqual(Uint8Array.from(bytes.subarray(datagram.payloadAt)), body);
          bytes[2] = 1;
          assert.equal(decodeDatagram(bytes), null);
        },
      ),
    );
  });

  test("whatever a proxy sends is read or refused with proxy-failed", () => {
    const start = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.constantFrom(1, 3, 4), fc.uint8Array({ minLength: 1, maxLength: 300 }))
        .map(([type, rest]) => Uint8Array.of(5, 0, 0, type, ...rest)),
    );
    fc.assert(
      fc.property(start, (bytes) => {
        decodeDatagram(bytes);
        try {
          decodeChoice(bytes);
          const lengthBytes = replyLengthBytes(bytes.subarray(0, REPLY_START_BYTES));
          assert.ok(lengthBytes >= REPLY_START_BYTES && lengthBytes <= 262);
          if (bytes.length >= lengthBytes) decodeReply(bytes.subarray(0, lengthBytes));
        } catch (error) {
          assert.ok(error instanceof NetError && error.code === "proxy-failed", String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

suite("a proxy's URL", () => {
  test("has a kind, a host, a port, and who asks", () => {
    assert.deepEqual(parseProxyUrl("socks5://ann:p%40ss@proxy.example"), {
      kind: "socks5",
      host: "proxy.example",
      port: 1080,
      credentials: { user: "ann", password: "p@ss" },
    });
    assert.equal(parseProxyUrl("socks5h://[2001:db8::1]:9050/").host, "2001:db8::1");
    assert.equal(parseProxyUrl("socks5://10.0.0.1:80").port, 80);
    assert.equal(parseProxyUrl("http://10.0.0.1").port, 80);
    assert.equal(parseProxyUrl("http://10.0.0.1:3128").port, 3128);
  });

  test("is refused without being repeated", () => {
    for (const text of [
      "",
      "proxy:1080",
      "socks4://ann:secret@a:1",
      "https://ann:secret@a",
      "socks5://ann:secret@a/path",
      "socks5://ann:secret%@a",
      `socks5://ann:secret${"x".repeat(256)}@a`,
      "socks5://ann:secret@",
    ]) {
      assert.throws(
        () => parseProxyUrl(text),
        (error) => error instanceof TypeError && !error.message.includes("secret"),
        text,
      );
    }
  });

  test("is described without user and password", () => {
    const proxy = parseProxyUrl("socks5://ann:secret@[::1]:9050");
    assert.equal(describeProxy(proxy), "socks5://[::1]:9050");
  });
});
