import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WebSeedError } from "../errors.ts";
import { readAnswer } from "./read-answer.ts";
import { parseRetryAfter } from "./retry-after.ts";

const MIB = 1024 * 1024;
const REQUEST = { startBytes: 100, lengthBytes: 50, fileLengthBytes: 1000 };

function answer(status: number, headers: Record<string, string> = {}, request = REQUEST) {
  return readAnswer({ status, headers }, request, 0);
}

function refusal(...parameters: Parameters<typeof answer>): WebSeedError {
  try {
    answer(...parameters);
  } catch (error) {
    assert.ok(error instanceof WebSeedError);
    return error;
  }
  throw new assert.AssertionError({ message: "the answer was taken" });
}

describe("206", () => {
  const partial = (range: string, length?: string) =>
    [
      206,
      { "content-range": range, ...(length !== undefined && { "content-length": length }) },
    ] as const;

  test("the range that was asked for is read", () => {
    const expected = { skipBytes: 0, lengthBytes: 50, hasMore: false, isPartial: true };
    assert.deepEqual(answer(...partial("bytes 100-149/1000", "50")), expected);
    assert.deepEqual(answer(...partial("bytes 100-149/*")), expected);
  });

  test("a server may send less, and what it sends beyond is not read", () => {
    const long = { startBytes: 0, lengthBytes: MIB, fileLengthBytes: MIB };
    assert.equal(
      answer(206, { "content-range": `bytes 0-16383/${MIB}` }, long).lengthBytes,
      16_384,
    );
    assert.equal(refusal(206, { "content-range": `bytes 0-0/${MIB}` }, long).code, "bad-response");
    const { lengthBytes, hasMore } = answer(...partial("bytes 100-999/1000", "900"));
    assert.deepEqual([lengthBytes, hasMore], [50, true]);
  });

  test("a file of another length is another file", () => {
    assert.equal(refusal(...partial("bytes 100-149/2000")).code, "differs");
  });

  for (const range of [
    "",
    "bytes 0-49/1000",
    "bytes 100-99/1000",
    "bytes 100-1000/1000",
    "lines 1-2/3",
  ]) {
    test(`the range "${range}" is refused`, () => {
      assert.equal(refusal(...partial(range)).code, "bad-response");
    });
  }

  test("a content length that disagrees with the range is refused", () => {
    assert.equal(refusal(...partial("bytes 100-149/1000", "49")).code, "bad-response");
    assert.equal(refusal(...partial("bytes 100-149/1000", "-1")).code, "bad-response");
  });
});

describe("200", () => {
  test("the whole file is read up to the range when that is near", () => {
    const whole = { skipBytes: 100, lengthBytes: 50, hasMore: true, isPartial: false };
    assert.deepEqual(answer(200, { "content-length": "1000" }), whole);
    assert.deepEqual(answer(200), whole);
  });

  test("a whole file that was asked for whole says nothing about ranges", () => {
    const request = { startBytes: 0, lengthBytes: 1000, fileLengthBytes: 1000 };
    assert.equal(answer(200, {}, request).isPartial, true);
  });

  test("what would skip more than it brings, and more than 1 MiB, is given up", () => {
    const near = { startBytes: 5 * MIB, lengthBytes: 5 * MIB, fileLengthBytes: 10 * MIB };
    assert.equal(answer(200, {}, near).skipBytes, 5 * MIB);
    const far = { ...near, startBytes: 6 * MIB, lengthBytes: 4 * MIB };
    assert.equal(refusal(200, {}, far).code, "no-ranges");
  });

  test("a file of another length is another file", () => {
    assert.equal(refusal(200, { "content-length": "999" }).code, "differs");
  });

  test("a compressed body is refused", () => {
    assert.equal(refusal(200, { "content-encoding": "gzip" }).code, "bad-response");
  });
});

test("statuses tell a missing file from a busy server", () => {
  const codes = [400, 401, 403, 404, 410, 416, 408, 429, 500, 503, 204, 302].map(
    (status) => refusal(status).code,
  );
  const missing = Array<string>(5).fill("missing");
  const busy = Array<string>(4).fill("busy");
  assert.deepEqual(codes, [...missing, "differs", ...busy, "bad-response", "bad-response"]);
});

test("RFC 9110: Retry-After is read in seconds and as a date, and bounded", () => {
  assert.equal(refusal(503, { "retry-after": "30" }).retryAfterMs, 30_000);
  assert.equal(refusal(503).retryAfterMs, null);
  const nowMs = Date.UTC(2026, 0, 1);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:10 GMT", nowMs), 10_000);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:10 GMT", nowMs), 0);
  assert.equal(parseRetryAfter("99999999", nowMs), 3_600_000);
  assert.equal(parseRetryAfter("soon", nowMs), null);
});

test("what a server says is shown without what steers a terminal", () => {
  const { message } = refusal(206, { "content-range": "\u001b[2J" });
  assert.ok(!message.includes("\u001b"), message);
});
