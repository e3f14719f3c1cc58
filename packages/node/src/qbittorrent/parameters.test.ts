import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HttpServerRequest } from "@shoal/runtime";
import { MAX_FIELDS, MAX_ITEMS, Parameters } from "./parameters.ts";

const HASH = "c9e15763f722f23e98a29decdfae341b98d53056";

function read(target: string, body = "", contentType = "application/x-www-form-urlencoded") {
  return Parameters.read({
    target,
    body: Buffer.from(body),
    headers: { "content-type": contentType },
  } as unknown as HttpServerRequest);
}

suite("parameters of qBittorrent's API", () => {
  test("query and form are one; the form counts", () => {
    const parameters = read("/x?a=1&b=2", "b=3&c=%C3%A4+b");
    assert.deepEqual(
      ["a", "b", "c", "d"].map((name) => parameters.text(name)),
      ["1", "3", "ä b", undefined],
    );
  });

  test("flags, numbers and lists", () => {
    const parameters = read("/x?yes=True&no=0&odd=maybe&n=-1.5&list=a|b||c&bad=1e400");
    assert.deepEqual(
      ["yes", "no", "odd"].map((name) => parameters.flag(name)),
      [true, false, undefined],
    );
    assert.equal(parameters.number("n"), -1.5);
    assert.throws(() => parameters.number("bad"), { status: 400 });
    assert.throws(() => parameters.number("list"), { status: 400 });
    assert.deepEqual(parameters.list("list", "|"), ["a", "b", "c"]);
  });

  test("hashes are told in any case, all at once, or passed over where they can be none", () => {
    assert.deepEqual(read(`/x?hashes=${HASH.toUpperCase()}|nonsense|${HASH}`).hashes(), [HASH]);
    assert.equal(read("/x?hashes=all").hashes(), "all");
    assert.throws(() => read("/x").hashes(), { status: 400 });
    assert.throws(() => read("/x?hash=../../etc").hash(), { status: 404 });
  });

  test("fields and items are bounded", () => {
    const many = Array.from({ length: MAX_FIELDS + 1 }, (_, index) => `f${index}=`).join("&");
    assert.throws(() => read("/x", many), { status: 400 });
    const items = `hashes=${"a|".repeat(MAX_ITEMS + 1)}`;
    assert.throws(() => read("/x", items).hashes(), { status: 400 });
  });
});
