import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { visibleText } from "./visible-text.ts";

suite("visible text", () => {
  test("what turns the direction of writing around is written out", () => {
    assert.equal(visibleText("pay \u202eecila"), "pay ⟨U+202E⟩ecila");
    assert.equal(visibleText("\u2066x\u2069"), "⟨U+2066⟩x⟨U+2069⟩");
  });

  test("control characters, unseen letters and halves of pairs are written out", () => {
    assert.equal(
      visibleText("a\u0000b\u200bc\u3164d\ud800"),
      "a⟨U+0000⟩b⟨U+200B⟩c⟨U+3164⟩d⟨U+D800⟩",
    );
    assert.equal(visibleText("\u{e0041}"), "⟨U+E0041⟩");
  });

  test("lines, scripts of the world and pictures stay as they are", () => {
    const text = "one\ntwo\tこんにちは 🐟 שלום";
    assert.equal(visibleText(text), text);
  });
});
