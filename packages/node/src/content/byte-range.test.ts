import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { parseByteRange } from "./byte-range.ts";

suite("byte ranges", () => {
  test("RFC 9110: reads the examples of the standard, of 10,000 bytes", () => {
    const of = (header: string) => parseByteRange(header, 10_000);
    assert.deepEqual(of("bytes=0-499"), { start: 0, end: 500 });
    assert.deepEqual(of("bytes=500-999"), { start: 500, end: 1000 });
    assert.deepEqual(of("bytes=-500"), { start: 9500, end: 10_000 });
    assert.deepEqual(of("bytes=9500-"), { start: 9500, end: 10_000 });
    assert.deepEqual(of("bytes=9999-99999"), { start: 9999, end: 10_000 });
    assert.deepEqual(of("bytes=-99999"), { start: 0, end: 10_000 });
  });

  test("RFC 9110: says where nothing of a range is there", () => {
    for (const header of ["bytes=10000-", "bytes=10000-10001", "bytes=-0"]) {
      assert.equal(parseByteRange(header, 10_000), "unsatisfiable", header);
    }
    assert.equal(parseByteRange("bytes=0-", 0), "unsatisfiable");
  });

  test("RFC 9110: answers the whole where a range cannot be read, or runs backwards", () => {
    for (const header of [
      undefined,
      "",
      "bytes",
      "bytes=-",
      "bytes=a-b",
      "bytes=5-1",
      "bytes=--5",
      "bytes=-5-",
      "bytes=1.5-2",
      "bytes=0x10-",
      "items=0-5",
      "bytes=99999999999999999999999999-",
      "bytes=0-99999999999999999999999999",
    ]) {
      assert.equal(parseByteRange(header, 10_000), "whole", header);
    }
  });

  test("limit: ranges of a request", () => {
    assert.equal(parseByteRange("bytes=0-1,5-6", 10_000), "whole");
    const thousands = `bytes=${Array.from({ length: 5000 }, (_, i) => `${i}-${i}`).join(",")}`;
    assert.equal(parseByteRange(thousands, 10_000), "whole");
    assert.equal(parseByteRange(`bytes=${" ".repeat(1_000_000)}x`, 10_000), "whole");
  });

  test("whatever is asked, a range is within the file and not empty", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
          fc.nat().map((a) => `bytes=-${a}`),
        ),
        fc.nat(),
        (header, lengthBytes) => {
          const range = parseByteRange(header, lengthBytes);
          if (typeof range === "string") return;
          assert.ok(0 <= range.start && range.start < range.end && range.end <= lengthBytes);
        },
      ),
    );
  });
});
