import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { InvalidArgumentError } from "commander";
import { matchFile } from "./match-files.ts";
import { parseBytes } from "./parse-bytes.ts";
import { parseDuration } from "./parse-duration.ts";
import { parseHostPort, parsePort } from "./parse-endpoint.ts";
import { parsePieceLength } from "./parse-piece-length.ts";
import { parsePriority } from "./parse-priority.ts";
import { parseRatio } from "./parse-ratio.ts";
import { parseTrackerUrl } from "./parse-url.ts";

function assertRefused(parse: (text: string) => unknown, texts: readonly string[]): void {
  for (const text of texts) assert.throws(() => parse(text), InvalidArgumentError, text);
}

suite("arguments", () => {
  test("bytes take K, M and G as powers of 1024", () => {
    const texts = ["65536", "500K", "2M", "1.5MiB", "1g", "10 KB", "2M/s"];
    assert.deepEqual(
      texts.map(parseBytes),
      [65_536, 512_000, 2_097_152, 1_572_864, 1_073_741_824, 10_240, 2_097_152],
    );
    assertRefused(parseBytes, ["", "0", "-1", "fast", "1T", "1e9", "99999999999G", "K"]);
  });

  test("a duration is numbers with units, a ratio a number", () => {
    const texts = ["90s", "30m", "2h", "1h30m", "7d", "0s", "1.5H"];
    const seconds = texts.map((text) => parseDuration(text) / 1000);
    assert.deepEqual(seconds, [90, 1800, 7200, 5400, 604_800, 0, 5400]);
    assertRefused(parseDuration, ["", "10", "2 h", "h", "-1h", "1w", "2h30", "1..5h"]);
    assert.deepEqual(["0", "1", "2.5"].map(parseRatio), [0, 1, 2.5]);
    assertRefused(parseRatio, ["", "-1", "1:2", "Infinity", "1e9", "two", "1."]);
  });

  test("a priority is GLOB=LEVEL, with a number or a name", () => {
    assert.deepEqual(parsePriority("*.srt=top"), { pattern: "*.srt", priority: 7 });
    assert.deepEqual(parsePriority("a=b/**=0"), { pattern: "a=b/**", priority: 0 });
    assertRefused(parsePriority, ["", "*.srt", "=7", "*.srt=", "*.srt=8", "*.srt=toString"]);
  });

  test("a peer is HOST:PORT, with IPv6 in brackets", () => {
    assert.deepEqual(parseHostPort("192.0.2.1:6881"), { host: "192.0.2.1", port: 6881 });
    assert.deepEqual(parseHostPort("[2001:db8::1]:1"), { host: "2001:db8::1", port: 1 });
    assert.deepEqual(parseHostPort("peer.example:65535"), { host: "peer.example", port: 65_535 });
    assertRefused(parseHostPort, [
      "host",
      "host:",
      "host:0",
      "host:65536",
      "::1:80",
      "[x]:1",
      ":1",
    ]);
    assertRefused(parsePort, ["", "-1", "65536", "1.5", "http"]);
  });

  test("BEP 52: a piece length is a power of two from 16 KiB", () => {
    assert.deepEqual(["16384", "16K", "512M"].map(parsePieceLength), [16_384, 16_384, 2 ** 29]);
    assertRefused(parsePieceLength, ["8K", "100K", "1G"]);
  });

  test("a tracker is an http, https or udp URL", () => {
    assert.equal(parseTrackerUrl("udp://t.example:1"), "udp://t.example:1");
    assertRefused(parseTrackerUrl, ["t.example", "ftp://t.example", ""]);
  });

  test("globs match the path with or without its root, and bare names", () => {
    const path = ["album", "songs", "one.flac"];
    for (const glob of [
      "album/songs/*",
      "songs/*",
      "**/*.flac",
      "*.flac",
      "one.flac",
      "album/**",
    ]) {
      assert.equal(matchFile(path, [glob]), true, glob);
    }
    for (const glob of ["*.mp3", "album/*", "ong.flac", "songs"]) {
      assert.equal(matchFile(path, [glob]), false, glob);
    }
    assert.equal(
      matchFile(["[x] 1.mkv"], ["[x] 1.mkv"]),
      true,
      "a name is itself, brackets and all",
    );
  });
});
