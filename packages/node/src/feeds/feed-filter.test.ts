import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { EMPTY_FILTER, hasSize, passesFilter } from "./feed-filter.ts";
import { parseEpisode } from "./parse-episode.ts";
import { matchesPattern, normalTitle } from "./title-pattern.ts";

const fits = (title: string, pattern: string): boolean =>
  matchesPattern(normalTitle(title), pattern);

suite("filters of feeds", () => {
  test("a pattern's words are all in the title, in any order, whatever their case", () => {
    assert.ok(fits("Some.Show.S01E02.1080p.WEB", "1080P some show"));
    assert.ok(!fits("Some.Show.S01E02.720p.WEB", "1080p some show"));
    assert.ok(fits("ＳＯＭＥ show", "some"));
    assert.ok(!fits("anything", ""));
    assert.ok(!fits("anything", " | "));
    assert.ok(fits("anything", "*"));
  });

  test("alternatives, globs and quotes", () => {
    assert.ok(fits("A Show 720p", "1080p | 720p"));
    assert.ok(fits("Show S01E07", "s01e?7"));
    assert.ok(!fits("Show S01E17x", `"s01e7"`));
    assert.ok(fits("Show S02E07 x265", "s02*265"));
    assert.ok(!fits("265 s02", "s02*265"));
    assert.ok(fits("The Long Name 1", `"long name"`));
    assert.ok(!fits("The name long", `"long name"`));
  });

  test("limit: time that a pattern takes: at most the product of both lengths", () => {
    const title = "a".repeat(500);
    assert.equal(fits(title, `${"*a".repeat(240)}*b`), false);
    assert.equal(fits(title, "(a+)+$"), false);
  });

  test("a glob matches what a regular expression of the same meaning matches", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
    const globs = fc.string({
      unit: fc.constantFrom("a", "b", "*", "?"),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(letters, globs, (text, glob) => {
        const expected = new RegExp(glob.replaceAll("*", ".*").replaceAll("?", "."));
        assert.equal(matchesPattern(text, glob), expected.test(text));
      }),
    );
  });

  test("what is excluded, or too small or too large, does not pass, and without a pattern nothing does", () => {
    const filter = {
      ...EMPTY_FILTER,
      include: ["show"],
      exclude: ["cam"],
      minBytes: 10,
      maxBytes: 20,
    };
    const passes = (title: string, sizeBytes: number | null) =>
      passesFilter({ title, sizeBytes }, filter);
    assert.ok(passes("Show 1", 15));
    assert.ok(passes("Show 1", null));
    assert.ok(!passes("Show CAM", 15));
    assert.ok(!passes("Show", 9));
    assert.ok(!passes("Show", 21));
    assert.ok(!passesFilter({ title: "Show", sizeBytes: 15 }, EMPTY_FILTER));
    assert.ok(hasSize(5, EMPTY_FILTER));
  });

  test("episodes are told by season, by date and by number", () => {
    for (const [title, show, number] of [
      ["Some.Show.S01E02.1080p.WEB", "some show", "s01e02"],
      ["Some Show - 1x02 - Name", "some show", "s01e02"],
      ["Some Show s1e2e3", "some show", "s01e02-e03"],
      ["Some.Show.S01E02-E03.720p", "some show", "s01e02-e03"],
      ["Some Show Season 3 Episode 11", "some show", "s03e11"],
      ["Daily.Show.2026.11.25.720p", "daily show", "2026-11-25"],
      ["[Group] Another Show - 07 [1080p].mkv", "another show", "e007"],
      ["[Group] Another Show - 07v2 [1080p]", "another show", "e007"],
      ["ある番組 第07話", "ある番組", "e007"],
    ] as const) {
      const episode = parseEpisode(title);
      assert.deepEqual([episode?.show, episode?.number], [show, number], title);
    }
    for (const title of ["A film 1920x1080", "S01E02", "A film (2026)", "", "x".repeat(500)]) {
      assert.equal(parseEpisode(title), null, title);
    }
  });

  test("a repaired release is told from the first", () => {
    assert.equal(parseEpisode("Show S01E02 PROPER 1080p")?.isRepair, true);
    assert.equal(parseEpisode("[G] Show - 07v2 [x]")?.isRepair, true);
    assert.equal(parseEpisode("Show S01E02")?.isRepair, false);
  });
});
