import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { pickLanguage, readPreferences } from "./preferences.ts";
import { hrefTo, parseRoute } from "./route.ts";

suite("preferences", () => {
  test("the language is the first of the browser's that there is", () => {
    assert.equal(pickLanguage(["fr", "ja-JP", "en"]), "ja");
    assert.equal(pickLanguage(["fr"]), "en");
  });

  test("what another version stored, or nobody, is read as far as it goes", () => {
    for (const text of ["nonsense", "null", "[]", '{"theme":"pink","language":7}', null]) {
      assert.deepEqual(readPreferences(text, ["ja"]), {
        language: "ja",
        theme: "system",
        isCompact: false,
      });
    }
  });
});

suite("route", () => {
  test("parts come back as they went, whatever is in them", () => {
    assert.deepEqual(parseRoute(hrefTo("a/b", "%", "日本")), ["a/b", "%", "日本"]);
    assert.deepEqual(parseRoute(""), []);
    assert.deepEqual(parseRoute("#/%zz"), ["%zz"]);
  });
});
