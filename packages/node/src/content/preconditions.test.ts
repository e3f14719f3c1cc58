import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { judgeConditions, mayFollowRange } from "./preconditions.ts";

const TAG = '"abc"';

suite("conditions of requests", () => {
  test("RFC 9110: If-None-Match with the tag, weak or strong, needs nothing sent", () => {
    for (const header of ['"abc"', 'W/"abc"', '"x", "abc"', "*"]) {
      assert.equal(judgeConditions({ "if-none-match": header }, TAG), "not-modified", header);
    }
    assert.equal(judgeConditions({ "if-none-match": '"abcd"' }, TAG), "go");
    assert.equal(judgeConditions({}, TAG), "go");
  });

  test("RFC 9110: If-Match compares strongly", () => {
    assert.equal(judgeConditions({ "if-match": '"abc"' }, TAG), "go");
    assert.equal(judgeConditions({ "if-match": 'W/"abc"' }, TAG), "failed");
    assert.equal(judgeConditions({ "if-match": '"x"' }, TAG), "failed");
  });

  test("RFC 9110: If-Range follows a range for the same strong tag alone", () => {
    assert.equal(mayFollowRange({}, TAG), true);
    assert.equal(mayFollowRange({ "if-range": '"abc"' }, TAG), true);
    assert.equal(mayFollowRange({ "if-range": 'W/"abc"' }, TAG), false);
    assert.equal(mayFollowRange({ "if-range": "Wed, 21 Oct 2015 07:28:00 GMT" }, TAG), false);
  });
});
