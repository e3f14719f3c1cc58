import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PROBLEM_REASONS } from "@shoal/api";
import { describeCode, describeProblem } from "./describe-problem.ts";
import { english, japanese } from "./words.ts";

suite("problems in words", () => {
  test("English says what the daemon says", () => {
    const problem = { code: "conflict", reason: "wallet-locked", message: "Unlock it." } as const;
    assert.equal(describeProblem(problem, english), "Unlock it.");
  });

  test("Japanese says each reason, with its figures", () => {
    for (const reason of PROBLEM_REASONS) {
      const values = { seconds: 7, untilMs: 0, network: "N", wallet: "W", scope: "S", most: 3 };
      const said = describeProblem(
        { code: "conflict", reason, values, message: "English" },
        japanese,
      );
      assert.match(said, /[\u3040-\u30ff]/, reason);
      assert.doesNotMatch(said, /undefined|NaN/, reason);
    }
    const tooMany = { code: "too-many-requests", reason: "too-many-attempts" } as const;
    const said = describeProblem({ ...tooMany, values: { seconds: 7 }, message: "" }, japanese);
    assert.match(said, /7 秒/);
  });

  test("a reason that is not known falls back to its code, and a code to the daemon's words", () => {
    const later = { code: "insufficient-funds", reason: "of-a-later-version", message: "English" };
    assert.equal(describeProblem(later as never, japanese), "残高が足りません。");
    assert.equal(describeProblem({ code: "constructor", message: "English" }, japanese), "English");
    assert.equal(describeCode("full", "the disk is full", japanese), "ディスクがいっぱいです。");
    assert.equal(describeCode(null, "text", japanese), "text");
  });

  test("what is wrong with input is said with its places", () => {
    const details = [{ path: "body.name", message: "Too small" }];
    const problem = { code: "bad-input", message: "body.name: Too small", details };
    assert.equal(describeProblem(problem, japanese), "入力が正しくありません。 (name)");
    assert.equal(describeProblem(problem, english), "body.name: Too small");
  });
});
