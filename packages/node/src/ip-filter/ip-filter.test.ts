import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { formatIp } from "@shoal/protocol";
import { RangeBuilder } from "./address-ranges.ts";
import { IpFilter } from "./ip-filter.ts";
import { parseIpFilterLine } from "./parse-ip-filter.ts";

function filterOf(...lines: readonly string[]): IpFilter {
  const ranges = new RangeBuilder();
  for (const line of lines) assert.equal(parseIpFilterLine(line, ranges), true, line);
  const filter = new IpFilter();
  filter.replace(ranges.build());
  return filter;
}

const ipv4 = (number: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return formatIp(bytes, 4);
};

suite("IP filter", () => {
  test("reads P2P, DAT, CIDR, ranges and single addresses, of both families", () => {
    const filter = filterOf(
      "Some: name, with 1.2.3.4 in it:10.0.0.1-10.0.0.9",
      "020.000.000.000 - 020.000.000.255 , 000 , Some organisation",
      "030.000.000.000 - 030.000.000.255 , 127 , level",
      "40.1.2.3/8",
      "50.0.0.1",
      "60.0.0.1 - 60.0.0.3",
      "2001:db8::/32",
      "fd00::1-fd00::ff",
      "::ffff:70.0.0.1",
    );
    for (const blocked of [
      "10.0.0.1",
      "10.0.0.9",
      "20.0.0.0",
      "20.0.0.255",
      "30.0.0.7",
      "40.0.0.0",
      "40.255.255.255",
      "50.0.0.1",
      "60.0.0.2",
      "70.0.0.1",
      "::ffff:10.0.0.5",
      "2001:db8::",
      "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
      "fd00::80",
    ]) {
      assert.ok(filter.isBlocked(blocked), blocked);
    }
    for (const free of [
      "10.0.0.0",
      "10.0.0.10",
      "19.255.255.255",
      "20.0.1.0",
      "41.0.0.0",
      "50.0.0.2",
      "1.2.3.4",
      "2001:db9::",
      "fd00::",
      "fd00::100",
      "::",
      "a name",
      "",
    ]) {
      assert.ok(!filter.isBlocked(free), free);
    }
  });

  test("what means nothing is told from what is left out by intent", () => {
    const ranges = new RangeBuilder();
    for (const line of [
      "",
      "  ",
      "# comment",
      "// comment",
      "; x",
      "001.0.0.1 - 1.0.0.2 , 200 , let through",
    ]) {
      assert.equal(parseIpFilterLine(line, ranges), null, line);
    }
    for (const line of [
      "hello",
      "10.0.0.256",
      "10.0.0",
      "1.2.3.4.5",
      "10.0.0.9-10.0.0.1",
      "10.0.0.0/33",
      "::/129",
      "10.0.0.1-::1",
      "x".repeat(100_000),
      "1.1.1.1-".repeat(10_000),
    ]) {
      assert.equal(parseIpFilterLine(line, ranges), false, line.slice(0, 40));
    }
    assert.equal(ranges.count, 0);
  });

  test("ranges in any order, overlapping and touching, say what each of them says", () => {
    const range = fc
      .tuple(fc.nat(300), fc.nat(20))
      .map(([start, length]) => [start, start + length] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), fc.boolean(), (ranges, isIpv6) => {
        const builder = new RangeBuilder();
        const upper = 1n << 64n;
        for (const [start, end] of ranges) {
          // Across the border between the halves of an address of IPv6.
          if (isIpv6) builder.addIpv6(upper - 150n + BigInt(start), upper - 150n + BigInt(end));
          else builder.addIpv4(start, end);
        }
        const filter = new IpFilter();
        filter.replace(builder.build());
        for (let number = 0; number < 330; number++) {
          const address = isIpv6 ? ipv6(upper - 150n + BigInt(number)) : ipv4(number);
          const expected = ranges.some(([start, end]) => start <= number && number <= end);
          assert.equal(filter.isBlocked(address), expected, address);
        }
      }),
    );
  });

  test("the first and the last address there are can be blocked", () => {
    const filter = filterOf(
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    );
    for (const address of [
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]) {
      assert.ok(filter.isBlocked(address), address);
    }
    assert.ok(filterOf("0.0.0.0/0").isBlocked("255.255.255.255"));
    assert.ok(filterOf("::/0").isBlocked("::1"));
  });

  test("half a million ranges take 8 bytes each", () => {
    const builder = new RangeBuilder();
    for (let i = 499_999; i >= 0; i--) builder.addIpv4(i * 8000, i * 8000 + 100);
    const filter = new IpFilter();
    filter.replace(builder.build());
    assert.equal(filter.count, 500_000);
    assert.equal(filter.memoryBytes, 4_000_000);
    assert.ok(filter.isBlocked(ipv4(250_000 * 8000 + 100)));
    assert.ok(!filter.isBlocked(ipv4(250_000 * 8000 + 101)));
  });

  test("whoever listens hears of other ranges until he leaves", () => {
    const filter = new IpFilter();
    let changes = 0;
    const stop = filter.onChange(() => changes++);
    filter.replace(new RangeBuilder().build());
    stop();
    filter.replace(new RangeBuilder().build());
    assert.equal(changes, 1);
  });
});

function ipv6(number: bigint): string {
  return formatIp(Buffer.from(number.toString(16).padStart(32, "0"), "hex"), 16);
}
