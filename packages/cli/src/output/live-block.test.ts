import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cutLine, LiveBlock } from "./live-block.ts";

suite("live block", () => {
  test("lines are drawn over, and others go above them", () => {
    let written = "";
    const block = new LiveBlock({ columns: 10, write: (text) => (written += text) });
    block.show(["one", "a line that is too long"]);
    assert.equal(written, "one\na line th\n");
    written = "";
    block.writeAbove("said");
    assert.equal(written, "\u001b[2A\u001b[0Jsaid\none\na line th\n");
    written = "";
    block.show(["two"]);
    assert.equal(written, "\u001b[2A\u001b[0Jtwo\n");
    written = "";
    block.clear();
    block.clear();
    assert.equal(written, "\u001b[1A\u001b[0J");
  });

  test("colours take no room", () => {
    const line = "\u001b[31mred\u001b[39m and more";
    assert.equal(cutLine(line, 5), "\u001b[31mred\u001b[39m a");
  });
});
