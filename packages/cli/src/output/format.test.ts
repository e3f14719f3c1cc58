import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  formatBar,
  formatBytes,
  formatDuration,
  formatPercent,
  formatRanges,
  toPlainText,
} from "./format.ts";

suite("format", () => {
  test("bytes have the largest unit that leaves at least one", () => {
    const bytes = [0, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 3, 2.5 * 1024 ** 4];
    assert.deepEqual(bytes.map(formatBytes), [
      "0 B",
      "1023 B",
      "1 KiB",
      "1.5 KiB",
      "1.0 MiB",
      "1 GiB",
      "2.5 TiB",
    ]);
  });

  test("durations have two units at the most", () => {
    const seconds = [0, 0.44, 9, 59.2, 187, 3600 + 59, 2 * 86_400 + 3600];
    assert.deepEqual(seconds.map(formatDuration), [
      "0s",
      "0.4s",
      "9s",
      "1m 00s",
      "3m 07s",
      "1h 00m",
      "2d 01h",
    ]);
  });

  test("100% means that nothing is missing", () => {
    assert.deepEqual([0, 0.5, 0.99999, 1].map(formatPercent), ["0.0%", "50.0%", "99.9%", "100.0%"]);
  });

  test("a bar has its width, whatever it shows", () => {
    for (const part of [-1, 0, 0.01, 0.5, 0.99, 1, 2]) assert.equal(formatBar(part, 10).length, 10);
    assert.equal(formatBar(0.5, 4), "██░░");
  });

  test("pieces in a row become a range", () => {
    assert.equal(formatRanges([0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
    assert.equal(formatRanges([]), "");
  });

  test("names from torrents cannot move the cursor", () => {
    assert.equal(toPlainText("a\u001b[2Jb\r\nc\u202e"), "a�[2Jb��c�");
  });
});
