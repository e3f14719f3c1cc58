import assert from "node:assert/strict";
import { test } from "node:test";
import { createDns } from "./dns.ts";
import { createLog } from "./log.ts";
import { createRandom } from "./random.ts";

test("the log writes one JSON object per line, with the fields of its parents", () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  const cause = Object.assign(new Error("inner"), { code: "EIO" });
  log
    .child({ torrent: "a" })
    .warn("piece failed", { index: 3, size: 2n, error: cause, hash: Uint8Array.of(171) });
  log.debug("dropped");
  assert.equal(lines.length, 1);
  const { time, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(rest, {
    level: "warn",
    event: "piece failed",
    torrent: "a",
    index: 3,
    size: "2",
    error: { name: "Error", code: "EIO", message: "inner" },
    hash: "ab",
  });
  assert.ok(lines[0]?.endsWith("}\n"));
});

test("random whole numbers cover their range, and bytes differ from call to call", () => {
  const random = createRandom();
  const seen = new Set(Array.from({ length: 2000 }, () => random.integer(7)));
  assert.deepEqual(seen, new Set([0, 1, 2, 3, 4, 5, 6]));
  assert.equal(random.integer(1), 0);
  assert.ok(random.integer(2 ** 32) < 2 ** 32);
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
    assert.throws(() => random.integer(bound), RangeError);
  }
  const draws = Array.from({ length: 500 }, () => Buffer.from(random.bytes(20)).toString("hex"));
  assert.equal(new Set(draws).size, 500);
  assert.equal(random.bytes(100_000).length, 100_000);
  assert.equal(random.bytes(0).length, 0);
});

test("an IP address resolves to itself, and what is no name is not found", async () => {
  const dns = createDns();
  assert.deepEqual(await dns.resolve("192.0.2.1"), ["192.0.2.1"]);
  assert.deepEqual(await dns.resolve("2001:db8::1", { family: 6 }), ["2001:db8::1"]);
  await assert.rejects(dns.resolve("192.0.2.1", { family: 6 }), {
    name: "DnsError",
    code: "not-found",
  });
  assert.ok((await dns.resolve("localhost")).length > 0);
  const signal = AbortSignal.abort();
  await assert.rejects(dns.resolve("localhost", { signal }), {
    code: "failed",
    message: /cancelled/,
  });
});
